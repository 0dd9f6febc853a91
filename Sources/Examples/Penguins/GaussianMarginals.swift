import Foundation

/// A normal distribution with full covariance, whose density of any of its numbers is asked for.
struct GaussianMarginals: Sendable {
  let mean: [Double]
  /// Row by row.
  let covariance: [[Double]]

  /// Mean and covariance of maximum likelihood; nil where the covariance has no full rank.
  ///
  /// - Parameter rows: without missing cells, all of one length.
  init?(_ rows: [[Double]]) {
    guard let width = rows.first?.count else { return nil }
    let count = Double(rows.count)
    let mean = (0..<width).map { column in rows.reduce(0) { $0 + $1[column] } / count }
    self.mean = mean
    covariance = (0..<width).map { i in
      (0..<width).map { j in rows.reduce(0) { $0 + ($1[i] - mean[i]) * ($1[j] - mean[j]) } / count }
    }
    guard GaussianMarginals.factor(covariance) != nil else { return nil }
  }

  /// The logarithm of the density of a row's observed numbers; NaN for a missing one. 0 where all are missing.
  func logDensity(of row: [Double]) -> Double {
    let observed = row.indices.filter { !row[$0].isNaN }
    // A part of a covariance of full rank has full rank.
    guard let factor = GaussianMarginals.factor(observed.map { i in observed.map { covariance[i][$0] } }) else {
      return .nan
    }
    var sum = 0.0
    var white: [Double] = []
    for (place, column) in observed.enumerated() {
      let rest = row[column] - mean[column] - white.indices.reduce(0) { $0 + factor[place][$1] * white[$1] }
      white.append(rest / factor[place][place])
      sum -= 0.5 * (log(2 * .pi) + white[place] * white[place]) + log(factor[place][place])
    }
    return sum
  }

  /// The lower triangular factor of a covariance (Cholesky); nil where it is not positive definite.
  private static func factor(_ covariance: [[Double]]) -> [[Double]]? {
    var factor = covariance.map { $0.map { _ in 0.0 } }
    for i in covariance.indices {
      for j in 0...i {
        let rest = covariance[i][j] - (0..<j).reduce(0) { $0 + factor[i][$1] * factor[j][$1] }
        if i == j {
          // Of the variance itself, so that units don't matter to what counts as singular.
          guard rest > 1e-10 * covariance[i][i] else { return nil }
          factor[i][i] = rest.squareRoot()
        } else {
          factor[i][j] = rest / factor[j][j]
        }
      }
    }
    return factor
  }
}
