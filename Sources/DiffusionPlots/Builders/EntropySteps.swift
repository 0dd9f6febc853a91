import DiffusionDSL

extension Figure {
  /// The entropy of each reverse step between its bounds, and what the step's predictions cost (Sohl-Dickstein et al.
  /// 2015, section 2.6); steps that are not optimal or not calibrated are marked.
  ///
  /// On logarithmic axes where all entropies are positive, as those of bits and classes are.
  public static func entropies(of ledger: EntropyLedger, title: String? = nil) -> Figure {
    func line(
      _ label: String, _ color: PlotColor, dashed: Bool = false, _ value: (EntropyLedger.Step) -> Double
    ) -> PlotLayer {
      .line(
        x: ledger.steps.map { Double($0.t) }, y: ledger.steps.map(value), color: color, dashed: dashed, label: label)
    }
    func marks(_ label: String, _ color: PlotColor, _ isMarked: (EntropyLedger.Step) -> Bool) -> [PlotLayer] {
      let steps = ledger.steps.filter(isMarked)
      return steps.isEmpty
        ? []
        : [.scatter(x: steps.map { Double($0.t) }, y: steps.map(\.modelBits), color: color, size: 2, label: label)]
    }
    let isPositive = ledger.steps.allSatisfy { $0.lowerBits > 0 && $0.modelBits > 0 }
    return Figure(
      title: title, panelSize: (560, 340),
      panels: [
        [
          Panel(
            x: .init("t", scale: isPositive ? .logarithmic : .linear),
            y: .init("entropy of a step (bits)", scale: isPositive ? .logarithmic : .linear),
            legend: isPositive ? .topLeft : .bottomRight,
            layers: [
              line("upper bound", .grey) { $0.upperBits }, line("lower bound", .grey, dashed: true) { $0.lowerBits },
              line("the model's own", .blue) { $0.modelBits },
              line("cross-entropy", .vermilion, dashed: true) { $0.crossEntropyBits },
            ] + marks("not optimal", .ink) { $0.isNotOptimal }
              + marks("over- or under-confident", .vermilion) { $0.isMiscalibrated })
        ]
      ])
  }
}
