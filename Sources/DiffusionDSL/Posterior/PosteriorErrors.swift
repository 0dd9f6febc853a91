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
    let shares = clouds.map { $0.weights.reduce(0, +) }
    let whole = shares.reduce(0, +)
    // The mean over columns of a mean's squared error, in variances of the column.
    var (errors, columns) = (0.0, 0.0)
    for column in 0..<dimensions {
      let values = clouds.map { $0.rows.column(column) }
      func sums(_ value: (Double) -> Double) -> [Double] {
        zip(clouds, values).map { cloud, values in
          zip(cloud.weights, values).reduce(0) { $1.0 > 0 ? $0 + $1.0 * value($1.1) : $0 }
        }
      }
      let means = sums { $0 }
      let total = means.reduce(0, +)
      let centre = total / whole
      let variance = sums { ($0 - centre) * ($0 - centre) }.reduce(0, +) / whole
      // What is observed, or rounds to it, says nothing.
      guard variance > 1e-12 * max(1, centre * centre) else { continue }
      if clouds.count >= fewRepeats {
        let error = jackknife(zip(means, shares).map { (total - $0) / (whole - $1) })
        errors += error * error / variance
      } else {
        errors += sharedError(clouds, values, centre) / variance
      }
      columns += 1
    }
    return errors > 0 ? min(ofWeights, columns / errors) : ofWeights
  }

  /// The squared error of a mean: descendants of one particle of the start count as one case (Lee, Whiteley 2018).
  private static func sharedError(_ clouds: [Cloud], _ values: [[Double]], _ centre: Double) -> Double {
    zip(clouds, values).reduce(0) { error, item in
      let (cloud, values) = item
      var families = Array(repeating: 0.0, count: cloud.weights.count)
      for (particle, origin) in cloud.origins.enumerated() where cloud.weights[particle] > 0 {
        families[origin] += cloud.weights[particle] * (values[particle] - centre)
      }
      return error + families.reduce(0) { $0 + $1 * $1 }
    }
  }
}
