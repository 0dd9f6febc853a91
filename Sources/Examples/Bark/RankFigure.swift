import DiffusionPlots

extension BarkReport {
  /// Rank histograms of methods that draw: a density of 1 at all ranks is right.
  var ranks: Figure {
    Figure(
      panelSize: (260, 200),
      panels: [
        methods.compactMap { method in
          method.ranks.map { ranks in
            let bins = ranks.counts.count
            let values = ranks.counts.enumerated().flatMap { rank, count in
              Array(repeating: (Double(rank) + 0.5) / Double(bins), count: count)
            }
            return Panel(
              title: method.name, x: .init("rank of the truth among draws"), y: .init("density"),
              layers: [.histogram(values, bins: bins, over: 0...1), .horizontal(1)])
          }
        }
      ])
  }
}
