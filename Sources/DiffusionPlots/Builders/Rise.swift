import DiffusionDSL
import Foundation

extension Figure {
  /// How the importance-sampled estimate of log p rises with the number of trajectories (Sohl-Dickstein et al. 2015,
  /// eq. 9), above the bound K: from `LogProbability.rise(above:)`.
  ///
  /// The band is a standard error of the rise on either side, over the rows; how much rows differ from each other
  /// is not in it, since both are measured on the same rows.
  ///
  /// - Parameters:
  ///   - estimate: of rows with as many trajectories as can be afforded.
  ///   - bound: K of the same rows.
  ///   - references: other heights to compare with, by name, in bits.
  public static func rise(
    of estimate: LogProbability, bound: LowerBound, title: String? = nil,
    references: [(name: String, bits: Double)] = []
  ) -> Figure {
    let points = estimate.rise(above: bound)
    let bits = points.map { bound.bits + $0.nats / M_LN2 }
    let errors = points.map { $0.standardErrorNats.isFinite ? $0.standardErrorNats / M_LN2 : 0 }
    let band = (lower: zip(bits, errors).map { $0 - $1 }, upper: zip(bits, errors).map { $0 + $1 })
    let x = points.map { Double($0.trajectories) }
    let rules = ([(name: "K", bits: bound.bits)] + references).map {
      PlotLayer.horizontal($0.bits, color: .grey, label: $0.name)
    }
    let label = "log p, and a standard error of its rise above K"
    // Powers of two, at which the estimates are: decades would leave most of the axis without a number.
    let marks = points.map { Panel.Axis.Mark(Double($0.trajectories), "\($0.trajectories)") }
    return Figure(
      title: title, panelSize: (560, 340),
      panels: [
        [
          Panel(
            x: .init("trajectories a row", scale: .logarithmic, marks: marks), y: .init("bits a row"),
            legend: .topLeft,
            layers: rules + [
              .line(x: x, y: bits, band: band, color: .blue, label: label),
              .scatter(x: x, y: bits, color: .blue, size: 2),
            ])
        ]
      ])
  }
}
