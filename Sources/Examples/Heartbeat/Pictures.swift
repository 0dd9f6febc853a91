import DiffusionDSL
import DiffusionPlots
import ExampleSupport
import Foundation

extension Study {
  /// Figure 2 of the paper: samples, and the noise that each began as, side by side.
  ///
  /// Rows are ordered by the phase of their sample, as in the paper, where pulses are aligned.
  func raster(_ samples: Rows, _ starts: Rows, shown: Int = 50) -> Figure {
    let order = (0..<min(shown, samples.count)).sorted { a, b in
      let phases = (
        Heartbeat.phase(of: samples[a]) ?? Heartbeat.period, Heartbeat.phase(of: samples[b]) ?? Heartbeat.period
      )
      return phases.0 == phases.1 ? a < b : phases.0 < phases.1
    }
    func panel(_ rows: Rows, showsRows: Bool) -> Panel {
      var (x, y): ([Double], [Double]) = ([], [])
      for (place, row) in order.enumerated() {
        for (bin, bit) in rows[row].enumerated() where bit == 1 {
          x.append(Double(bin + 1))
          y.append(Double(order.count - place))
        }
      }
      return Panel(
        x: .init("bin", range: 0...Double(Heartbeat.bins + 1)),
        y: .init(showsRows ? "chain" : nil, range: 0...Double(order.count + 1), showsValues: false), frame: .box,
        layers: [.scatter(x: x, y: y, color: .ink, size: 1.4)])
    }
    return Figure(
      panelSize: (260, 420),
      headings: [
        .init("samples, t = 0", columns: 0..<1), .init("the noise they began as, t = \(Study.steps)", columns: 1..<2),
      ],
      panels: [[panel(samples, showsRows: true), panel(starts, showsRows: false)]])
  }

  /// What training reached, beneath what it could.
  func trainingCurve(_ record: TrainingRecord, _ bound: LowerBound, _ best: BestPossible) -> Figure {
    .trainingCurve(
      series: [
        record.trainingSeries, record.heldOutSeries("\(Study.watchedRows) sequences, while training"),
        .init("\(recipe.scoredRows) sequences, at the end", x: [Double(recipe.trainingSteps)], y: [bound.bits]),
      ].filter { !$0.x.isEmpty },
      references: [(name: "best possible", value: best.bits)])
  }
}
