extension Figure {
  /// Which group each row of the data and of the samples is of: groups have colours of their own, which a legend names.
  public struct RowGroups: Equatable, Sendable {
    /// What the groups are called; colours repeat after `PlotColor.palette.count` of them.
    public var names: [String]
    /// For each row of the data, the index of its group; a row of no group (any other number) is not drawn.
    public var data: [Int]
    /// The same for the samples.
    public var samples: [Int]

    /// Groups of rows.
    public init(_ names: [String], data: [Int], samples: [Int]) {
      self.names = names
      self.data = data
      self.samples = samples
    }

    /// A panel that names the groups and nothing else.
    ///
    /// - Parameter others: further things to be named, drawn where nobody sees them.
    func legend(_ corner: Panel.Legend, _ others: [PlotLayer] = []) -> Panel {
      // What lies beyond the axes shows in the legend alone.
      let layers = names.enumerated().map { index, name in
        PlotLayer.scatter(x: [-1], y: [-1], color: PlotColor.series(index), size: 2, label: name)
      }
      return Panel(
        x: .init(range: 0...1, showsValues: false), y: .init(range: 0...1, showsValues: false), frame: .none,
        legend: corner, layers: layers + others)
    }
  }
}
