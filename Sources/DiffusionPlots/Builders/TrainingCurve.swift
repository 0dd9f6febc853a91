extension Figure {
  /// One line of a training curve.
  public struct Series: Equatable, Sendable {
    /// What the legend says.
    public var name: String
    /// Training steps.
    public var x: [Double]
    /// Bounds, as many.
    public var y: [Double]
    /// The standard error of each y, drawn as a band of two of them on either side.
    public var standardErrors: [Double]?

    /// A line.
    public init(_ name: String, x: [Double], y: [Double], standardErrors: [Double]? = nil) {
      self.name = name
      self.x = x
      self.y = y
      self.standardErrors = standardErrors
    }
  }

  /// What training reached, step by step.
  ///
  /// - Parameters:
  ///   - series: The lines, such as the training estimate and the held-out bound; a series of one point is a mark.
  ///   - references: Heights to compare with, by name.
  ///   - yRange: By default all but the start of the steps, where it would flatten the rest.
  public static func trainingCurve(
    title: String? = nil, xLabel: String = "training step", yLabel: String = "K (bits)", series: [Series],
    references: [(name: String, value: Double)] = [], yRange: ClosedRange<Double>? = nil
  ) -> Figure {
    let lines = series.enumerated().map { index, series in
      let band = series.standardErrors.flatMap { errors -> (lower: [Double], upper: [Double])? in
        guard errors.count == series.y.count else { return nil }
        return (zip(series.y, errors).map { $0 - 2 * $1 }, zip(series.y, errors).map { $0 + 2 * $1 })
      }
      let color = PlotColor.series(index)
      // A line of one point could not be seen.
      guard series.x.count > 1 else {
        return PlotLayer.scatter(x: series.x, y: series.y, color: color, size: 3, label: series.name)
      }
      return PlotLayer.line(x: series.x, y: series.y, band: band, color: color, label: series.name)
    }
    let rules = references.map { PlotLayer.horizontal($0.value, color: .grey, label: $0.name) }
    let panel = Panel(
      x: .init(xLabel), y: .init(yLabel, range: yRange ?? settledRange(series, references.map(\.value))),
      legend: series.count > 1 ? .bottomRight : .none, layers: rules + lines)
    return Figure(title: title, panelSize: (560, 340), panels: [[panel]])
  }

  private static func settledRange(_ series: [Series], _ references: [Double]) -> ClosedRange<Double>? {
    let settled = series.flatMap { series in
      series.y.dropFirst(series.y.count > 20 ? series.y.count / 50 : 0)
    }
    let shown = (settled + references).filter(\.isFinite).sorted()
    guard let least = shown.first, let high = shown.last, least < high else { return nil }
    // The half that is higher gets at least a quarter of the height.
    let low = max(least, high - 4 * (high - shown[shown.count / 2]))
    guard low < high else { return nil }
    return low - 0.08 * (high - low)...high + 0.1 * (high - low)
  }
}
