extension Panel {
  /// A bar of a stacked chart: a case, the shares it is made of, and what is known of it.
  public struct StackedBar: Equatable, Sendable {
    /// What stands below it.
    public var name: String
    /// One share for each label, from 0 to 1.
    public var shares: [Double]
    /// The place of the label that is known to be right, which is marked above the bar; nil: none.
    public var known: Int?

    /// A bar.
    public init(_ name: String, shares: [Double], known: Int? = nil) {
      self.name = name
      self.shares = shares
      self.known = known
    }
  }

  /// Probabilities of labels for some cases, such as the posteriors of some queries: a bar for each case, of parts in
  /// the labels' colours, the first label's at the bottom.
  ///
  /// - Parameters:
  ///   - bars: From the left; shares beyond the labels are left out, those that are missing count as 0.
  ///   - labels: What the parts are called.
  ///   - x: Words below the bars.
  ///   - colors: One for each label; they repeat.
  public static func stackedShares(
    of bars: [StackedBar], labels: [String], title: String? = nil, x: String? = nil,
    colors: [PlotColor] = PlotColor.palette
  ) -> Panel {
    func color(_ label: Int) -> PlotColor { colors.isEmpty ? .ink : colors[label % colors.count] }
    func place(_ bar: Int) -> Double { Double(bar + 1) }
    let edges = bars.indices.flatMap { [place($0) - 0.4, place($0) + 0.4] } + [place(bars.count) - 0.4]
    // The highest sums at the back, so that of each only its own part is seen.
    var layers = labels.indices.reversed().map { label in
      PlotLayer(
        .histogram(
          edges: edges, densities: bars.flatMap { [$0.shares.prefix(label + 1).reduce(0, +), 0] }, filled: true),
        color: color(label), label: labels[label])
    }
    for label in labels.indices {
      let own = bars.indices.filter { bars[$0].known == label }.map(place)
      layers.append(.scatter(x: own, y: own.map { _ in 1.06 }, color: color(label), size: 1.6))
    }
    return Panel(
      title: title,
      x: .init(
        x, range: 0.4...place(bars.count) - 0.4, marks: bars.enumerated().map { .init(place($0), $1.name) }),
      // Room for the legend.
      y: .init("probability", range: 0...1.5, marks: [0, 0.5, 1].map { .init($0, "\($0)") }), legend: .topLeft,
      layers: layers)
  }
}
