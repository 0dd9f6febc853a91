/// One set of axes and what is drawn on it.
public struct Panel: Equatable, Sendable {
  public enum Scale: Equatable, Sendable {
    case linear, logarithmic
  }

  public enum Frame: Equatable, Sendable {
    /// The left and lower axes.
    case axes
    /// All four sides.
    case box
    /// The lower axis alone, where heights need no scale.
    case baseline
    case none

    var hasLeftAxis: Bool { self == .axes || self == .box }
    var hasLowerAxis: Bool { self != .none }
  }

  public enum Legend: Equatable, Sendable {
    case none, topLeft, topRight, bottomLeft, bottomRight
  }

  public struct Axis: Equatable, Sendable {
    public var label: String?
    /// The range shown; by default all the data and a margin.
    public var range: ClosedRange<Double>?
    public var scale: Scale
    /// Whether values stand beside the axis.
    public var showsValues: Bool

    public init(
      _ label: String? = nil, range: ClosedRange<Double>? = nil, scale: Scale = .linear, showsValues: Bool = true
    ) {
      self.label = label
      self.range = range
      self.scale = scale
      self.showsValues = showsValues
    }
  }

  public var title: String?
  public var x: Axis
  public var y: Axis
  /// One unit of x is as long as one unit of y; the shorter range is widened.
  public var equalAspect: Bool
  public var frame: Frame
  public var legend: Legend
  public var layers: [Layer]

  public init(
    title: String? = nil, x: Axis = Axis(), y: Axis = Axis(), equalAspect: Bool = false, frame: Frame = .axes,
    legend: Legend = .none, layers: [Layer]
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
