extension Figure {
  /// One column of the slice grid: the states at one time, as x and y coordinates.
  public struct Slice: Equatable, Sendable {
    /// Words above the column.
    public var label: String
    /// States of the forward trajectory.
    public var forward: (x: [Double], y: [Double])
    /// States of the reverse trajectory.
    public var reverse: (x: [Double], y: [Double])
    /// Where the drift was evaluated, and the drift f_mu(x, t) - x there.
    public var drift: (x: [Double], y: [Double], dx: [Double], dy: [Double])

    /// A column.
    public init(
      label: String, forward: (x: [Double], y: [Double]), reverse: (x: [Double], y: [Double]),
      drift: (x: [Double], y: [Double], dx: [Double], dy: [Double])
    ) {
      self.label = label
      self.forward = forward
      self.reverse = reverse
      self.drift = drift
    }

    /// Whether the labels and all numbers are the same.
    public static func == (one: Slice, other: Slice) -> Bool {
      one.label == other.label && one.forward == other.forward && one.reverse == other.reverse
        && one.drift == other.drift
    }
  }

  /// Figure 1 of Sohl-Dickstein et al. (2015): slices of the forward trajectory, of the reverse trajectory, and the
  /// drift as arrows, a column for each time.
  ///
  /// Every panel shows the same square. The arrows of one panel share one scale, chosen so that most stay short of
  /// their neighbours; where drifts are small they are drawn true to scale.
  ///
  /// - Parameter range: What both axes show; by default all the states.
  public static func slices(_ slices: [Slice], title: String? = nil, range: ClosedRange<Double>? = nil) -> Figure {
    let shown = range ?? commonRange(slices)
    func panel(_ layer: PlotLayer, _ row: Int, _ column: Int) -> Panel {
      Panel(
        x: .init(range: shown, showsValues: row == 2), y: .init(range: shown, showsValues: column == 0),
        equalAspect: true, frame: .box, layers: [layer])
    }
    let columns = slices.enumerated().map { column, slice in
      let drift = shortened(slice.drift, to: shown)
      return [
        panel(.scatter(x: slice.forward.x, y: slice.forward.y, color: .ink.opacity(0.55), size: 0.8), 0, column),
        panel(.scatter(x: slice.reverse.x, y: slice.reverse.y, color: .blue.opacity(0.6), size: 0.8), 1, column),
        panel(.arrows(x: drift.x, y: drift.y, dx: drift.dx, dy: drift.dy, color: .vermilion), 2, column),
      ]
    }
    return Figure(
      title: title, panelSize: (220, 220),
      headings: slices.enumerated().map { Heading($1.label, columns: $0..<$0 + 1) },
      rowHeadings: ["forward", "reverse", "drift"],
      panels: (0..<3).map { row in columns.map { $0[row] } })
  }

  private static func commonRange(_ slices: [Slice]) -> ClosedRange<Double> {
    let values = slices.flatMap { $0.forward.x + $0.forward.y + $0.reverse.x + $0.reverse.y }.filter(\.isFinite)
    // A few points far out would leave the rest small.
    let sorted = values.map(abs).sorted()
    guard !sorted.isEmpty else { return -1...1 }
    let reach = 1.1 * sorted[min(sorted.count - 1, Int(0.995 * Double(sorted.count)))]
    return reach > 0 ? -reach...reach : -1...1
  }

  private static func shortened(
    _ drift: (x: [Double], y: [Double], dx: [Double], dy: [Double]), to range: ClosedRange<Double>
  ) -> (x: [Double], y: [Double], dx: [Double], dy: [Double]) {
    let lengths = zip(drift.dx, drift.dy).map { ($0 * $0 + $1 * $1).squareRoot() }.filter(\.isFinite).sorted()
    guard !lengths.isEmpty else { return drift }
    let long = lengths[min(lengths.count - 1, Int(0.9 * Double(lengths.count)))]
    let spacing = (range.upperBound - range.lowerBound) / max(1, Double(drift.x.count).squareRoot())
    let scale = long > 0 ? min(1, 1.3 * spacing / long) : 1
    return (drift.x, drift.y, drift.dx.map { scale * $0 }, drift.dy.map { scale * $0 })
  }
}
