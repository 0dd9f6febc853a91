import DiffusionDSL
import Foundation

/// A density of rows with missing cells, fitted to others.
protocol RowDensity: Sendable {
  /// The base-2 logarithm of the density of each row's observed cells: per unit of the data of its numbers, a
  /// probability of its labels.
  func log2Density(of table: Table) throws -> [Double]
}

/// Shares of labels among rows, with half a row more for each label, so that none has the share 0 (Krichevsky, Trofimov
/// 1981).
struct SmoothedShares: Sendable {
  let shares: [Double]

  /// - Parameter numbers: places of labels; NaN, for a missing cell, counts for none.
  init(_ numbers: some Sequence<Double>, labels: Int) {
    var counts = Array(repeating: 0.5, count: labels)
    for number in numbers where !number.isNaN { counts[Int(number)] += 1 }
    let total = counts.reduce(0, +)
    shares = counts.map { $0 / total }
  }

  /// The logarithm of a label's share; 0 for a missing cell, which says nothing.
  func log(_ number: Double) -> Double { number.isNaN ? 0 : Foundation.log(shares[Int(number)]) }
}
