/// One thing drawn in a panel. Points that are not finite are left out.
public struct PlotLayer: Equatable, Sendable {
  /// What is drawn, with its coordinates in the axes' units.
  public enum Kind: Equatable, Sendable {
    /// Points; `size` is relative to the default.
    case scatter(x: [Double], y: [Double], size: Double)
    /// A line through the points in order, with a band between `lower` and `upper` if they are given.
    case line(x: [Double], y: [Double], lower: [Double]?, upper: [Double]?, width: Double, dashed: Bool)
    /// Arrows from (x, y) to (x + dx, y + dy).
    case arrows(x: [Double], y: [Double], dx: [Double], dy: [Double])
    /// A histogram scaled to a density: `edges` has one element more than `densities`.
    case histogram(edges: [Double], densities: [Double], filled: Bool)
    /// A line across the panel.
    case horizontal(y: Double)
    /// A line from the bottom to the top.
    case vertical(x: Double)
    /// Text inside the panel at a fraction of its width and height, from the lower left.
    case note(x: Double, y: Double)
  }

  /// What is drawn.
  public var kind: Kind
  /// In which color.
  public var color: PlotColor
  /// What the legend, or the reference line, or the note says.
  public var label: String?

  /// A layer of a kind; the functions below make one of each.
  public init(_ kind: Kind, color: PlotColor, label: String? = nil) {
    self.kind = kind
    self.color = color
    self.label = label
  }

  /// Points.
  public static func scatter(
    x: [Double], y: [Double], color: PlotColor = .blue.opacity(0.5), size: Double = 1, label: String? = nil
  ) -> PlotLayer {
    PlotLayer(.scatter(x: x, y: y, size: size), color: color, label: label)
  }

  /// A line, with a band (of an error, say) if its lower and upper edges are given.
  public static func line(
    x: [Double], y: [Double], band: (lower: [Double], upper: [Double])? = nil, color: PlotColor = .blue,
    width: Double = 1.6, dashed: Bool = false, label: String? = nil
  ) -> PlotLayer {
    PlotLayer(
      .line(x: x, y: y, lower: band?.lower, upper: band?.upper, width: width, dashed: dashed),
      color: color, label: label)
  }

  /// A vector field.
  public static func arrows(
    x: [Double], y: [Double], dx: [Double], dy: [Double], color: PlotColor = .ink, label: String? = nil
  ) -> PlotLayer {
    PlotLayer(.arrows(x: x, y: y, dx: dx, dy: dy), color: color, label: label)
  }

  /// The histogram of `values` as a density; `bins` equal bins over `range`, by default over the values' own range.
  public static func histogram(
    _ values: [Double], bins: Int = 20, over range: ClosedRange<Double>? = nil, color: PlotColor = .blue,
    filled: Bool = true, label: String? = nil
  ) -> PlotLayer {
    let (edges, densities) = density(of: values, bins: bins, over: range)
    return PlotLayer(.histogram(edges: edges, densities: densities, filled: filled), color: color, label: label)
  }

  /// A dashed line across the panel at height `y`, with its name at the right.
  public static func horizontal(_ y: Double, color: PlotColor = .grey, label: String? = nil) -> PlotLayer {
    PlotLayer(.horizontal(y: y), color: color, label: label)
  }

  /// A dashed line from the bottom to the top of the panel at `x`, with its name at the top.
  public static func vertical(_ x: Double, color: PlotColor = .grey, label: String? = nil) -> PlotLayer {
    PlotLayer(.vertical(x: x), color: color, label: label)
  }

  /// Text inside the panel, its upper left corner at a fraction of the panel's width and height. May have several
  /// lines.
  public static func note(_ text: String, x: Double = 0.03, y: Double = 0.95, color: PlotColor = .ink) -> PlotLayer {
    PlotLayer(.note(x: x, y: y), color: color, label: text)
  }

  private static func density(
    of values: [Double], bins: Int, over range: ClosedRange<Double>?
  ) -> (edges: [Double], densities: [Double]) {
    let finite = values.filter(\.isFinite)
    guard let low = range?.lowerBound ?? finite.min(), let high = range?.upperBound ?? finite.max(),
      low.isFinite, high.isFinite
    else { return ([], []) }
    // A single value still gets a bar to show.
    let (start, end) = low < high ? (low, high) : (low - 0.5, low + 0.5)
    let count = max(1, min(bins, 10_000))
    let width = (end - start) / Double(count)
    guard width > 0, width.isFinite else { return ([], []) }
    var counts = [Double](repeating: 0, count: count)
    for value in finite where value >= start && value <= end {
      counts[min(count - 1, Int((value - start) / width))] += 1
    }
    let unit = 1 / (Double(max(1, finite.count)) * width)
    return ((0...count).map { start + Double($0) * width }, counts.map { $0 * unit })
  }
}
