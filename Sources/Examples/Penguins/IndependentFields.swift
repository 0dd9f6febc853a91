import DiffusionDSL
import ExampleSupport
import Foundation

/// The product of the fields' own distributions: a normal with the training rows' mean and standard deviation for a
/// number, smoothed shares for labels. Each is fitted to the cells that are observed.
struct IndependentFields: RowDensity {
  private enum Marginal: Sendable {
    case normal(Moments)
    case labels(SmoothedShares)
  }

  private let marginals: [(name: String, marginal: Marginal)]

  init(_ training: Table) {
    marginals = training.schema.columns.map { column in
      let cells = (training.numbers(of: column.name) ?? []).filter { !$0.isNaN }
      if let labels = column.labels { return (column.name, .labels(SmoothedShares(cells, labels: labels.count))) }
      return (column.name, .normal(Moments(of: cells)))
    }
  }

  func log2Density(of table: Table) -> [Double] {
    var nats = Array(repeating: 0.0, count: table.count)
    for (name, marginal) in marginals {
      for (row, number) in (table.numbers(of: name) ?? []).enumerated() where !number.isNaN {
        switch marginal {
        case .labels(let shares): nats[row] += shares.log(number)
        case .normal(let moments):
          let scaled: Double = (number - moments.mean) / moments.deviation
          let volume: Double = 0.5 * log(2 * .pi) + log(moments.deviation)
          nats[row] -= 0.5 * scaled * scaled + volume
        }
      }
    }
    return nats.map { $0 / M_LN2 }
  }
}
