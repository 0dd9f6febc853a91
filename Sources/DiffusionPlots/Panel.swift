/// One set of axes and what is drawn on it.
public struct Panel: Equatable, Sendable {
  /// How an axis spreads its values.
  public enum Scale: Equatable, Sendable {
    /// Evenly.
    case linear
    /// By their logarithm; values that are not positive are left out.
    case logarithmic
  }

  /// Which sides of a panel are drawn.
  public enum Frame: Equatable, Sendable {
    /// The left and lower axes.
    case axes
    /// All four sides.
    case box
    /// The lower axis alone, where heights need no scale.
    case baseline
    /// No side.
    case none

    var hasLeftAxis: Bool { self == .axes || self == .box }
    var hasLowerAxis: Bool { self != .none }
  }

  /// Where the layers' labels are listed.
  public enum Legend: Equatable, Sendable {
    /// Nowhere.
    case none
    /// In that corner of the panel.
    case topLeft, topRight, bottomLeft, bottomRight
  }

  /// An axis: its words, range and scale.
  public struct Axis: Equatable, Sendable {
    /// A place of an axis, and what stands beside it.
    public struct Mark: Equatable, Sendable {
      /// The place, in the axis's units.
      public var value: Double
      /// What stands there in the value's stead.
      public var text: String

      /// A place with a text.
      public init(_ value: Double, _ text: String) {
        self.value = value
        self.text = text
      }
    }

    /// Words beside it.
    public var label: String?
    /// The range shown; by default all the data and a margin.
    public var range: ClosedRange<Double>?
    /// How it spreads its values.
    public var scale: Scale
    /// Whether values stand beside the axis.
    public var showsValues: Bool
    /// The places that are marked, with their texts; nil: round values.
    public var marks: [Mark]?

    /// An axis.
    public init(
      _ label: String? = nil, range: ClosedRange<Double>? = nil, scale: Scale = .linear, showsValues: Bool = true,
      marks: [Mark]? = nil
    ) {
      self.label = label
      self.range = range
      self.scale = scale
      self.showsValues = showsValues
      self.marks = marks
    }
  }

  /// Words above the panel.
  public var title: String?
  /// The lower axis.
  public var x: Axis
  /// The left axis.
  public var y: Axis
  /// One unit of x is as long as one unit of y; the shorter range is widened.
  public var equalAspect: Bool
  /// Which sides are drawn.
  public var frame: Frame
  /// Where labels are listed.
  public var legend: Legend
  /// What is drawn, from the back to the front.
  public var layers: [PlotLayer]

  /// A panel.
  public init(
    title: String? = nil, x: Axis = Axis(), y: Axis = Axis(), equalAspect: Bool = false, frame: Frame = .axes,
    legend: Legend = .none, layers: [PlotLayer]
  ) {
    self.title = title
    self.x = x
    self.y = y
    self.equalAspect = equalAspect
    self.frame = frame
    self.legend = legend
    self.layers = layers
  }
}
