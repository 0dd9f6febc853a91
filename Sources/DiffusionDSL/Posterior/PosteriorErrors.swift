import Foundation

// How far an answer is to be trusted.

/// The standard error of a number from its values without each of some repeats (Quenouille 1956; Tukey 1958).
///
/// - Parameter without: two or more.
func jackknife(_ without: [Double]) -> Double {
  let count = Double(without.count)
  let mean = without.reduce(0, +) / count
  return (without.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } * (count - 1) / count).squareRoot()
}

extension PosteriorAnswer {
  /// Standard errors of fewer repeats know too little of themselves.
  private static let fewRepeats = 8
  /// Beyond this standard deviation of log Z^, in nats, a few of the repeats decide.
  private static let mostSpread = 1.0
  private static let fewParticles = 100.0

  /// What speaks against trusting the answer, a sentence each; none where nothing does.
  public var warnings: [String] {
    var warnings: [String] = []
    let spread = RowAverage(nil)(logEvidences).standardError * Double(logEvidences.count).squareRoot()
    if spread > PosteriorAnswer.mostSpread {
      warnings.append(
        "log Z^ of the repeats spreads by \(String(format: "%.1f", spread)) nats, so that a few of them decide and the "
          + "errors are too small: ask for more particles, or for something less far from what the model knows.")
    }
    if !samples.isEmpty, !logEvidence.isNaN, effectiveSampleSize < PosteriorAnswer.fewParticles {
      warnings.append(
        "the answer is worth about \(String(format: "%.1f", effectiveSampleSize)) independent draws: ask for more "
          + "particles.")
    }
    return warnings
  }

  /// What `effectiveSampleSize` says.
  static func effectiveSize(of clouds: [Cloud], dimensions: Int) -> Double {
    let ofWeights = 1 / clouds.reduce(0) { $0 + $1.weights.reduce(0) { $0 + $1 * $1 } }
    guard clouds.count >= fewRepeats else { return ofWeights }
    // The mean over columns of a mean's squared error, in variances of the column.
    var (errors, columns) = (0.0, 0.0)
    let shares = clouds.map { $0.weights.reduce(0, +) }
    for column in 0..<dimensions {
      let values = clouds.map { $0.rows.column(column) }
      func mean(_ power: (Double) -> Double) -> [Double] {
        zip(clouds, values).map { cloud, values in
          zip(cloud.weights, values).reduce(0) { $1.0 > 0 ? $0 + $1.0 * power($1.1) : $0 }
        }
      }
      let sums = mean { $0 }
      let (total, whole) = (sums.reduce(0, +), shares.reduce(0, +))
      let centre = total / whole
      let variance = mean { ($0 - centre) * ($0 - centre) }.reduce(0, +) / whole
      // What is observed, or rounds to it, says nothing.
      guard variance > 1e-12 * max(1, centre * centre) else { continue }
      let error = jackknife(zip(sums, shares).map { (total - $0) / (whole - $1) })
      errors += error * error / variance
      columns += 1
    }
    return errors > 0 ? min(ofWeights, columns / errors) : ofWeights
  }
}
