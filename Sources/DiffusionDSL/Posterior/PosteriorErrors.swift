import Foundation

// How far an answer is to be trusted.

/// The standard error of a number from its values without each of some repeats (Quenouille 1956; Tukey 1958).
///
/// - Parameter without: two or more.
func jackknife(_ without: [Double]) -> Double {
  let count = Double(without.count)
  let mean = without.reduce(0, +) / count
  // Of a number that the others do not have, or that is infinite without one, the error has no bound.
  guard mean.isFinite else { return .infinity }
  return (without.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } * (count - 1) / count).squareRoot()
}

/// For each number the sum of the others: a difference from the whole would lose those that a large one outweighs.
func sumsWithoutEach(_ numbers: [Double]) -> [Double] {
  var (before, sums) = (0.0, [Double]())
  for number in numbers {
    sums.append(before)
    before += number
  }
  var behind = 0.0
  for place in numbers.indices.reversed() {
    sums[place] += behind
    behind += numbers[place]
  }
  return sums
}

extension PosteriorAnswer {
  /// Standard errors of fewer repeats know too little of themselves.
  private static let fewRepeats = 8
  /// Beyond this standard deviation of log Z^, in nats, a few of the repeats decide.
  private static let mostSpread = 1.0
  private static let fewParticles = 100.0
  private static let leastRepeats = 5

  /// What speaks against trusting the answer, a sentence each; none where nothing does.
  public var warnings: [String] {
    var warnings: [String] = []
    let spread = RowAverage(nil)(logEvidences).standardError * Double(logEvidences.count).squareRoot()
    if spread > PosteriorAnswer.mostSpread {
      warnings.append(
        "log Z^ of the repeats spreads by \(String(format: "%.1f", spread)) nats, so that a few of them decide and the "
          + "errors are too small: ask for more particles, or for something less far from what the model knows.")
    }
    if repeats > 1, repeats < PosteriorAnswer.leastRepeats {
      warnings.append(
        "errors from \(repeats) repeats are hardly known themselves: ask for "
          + "\(PosteriorAnswer.fewRepeats) or more.")
    }
    if !samples.isEmpty, !logEvidence.isNaN, effectiveSampleSize < PosteriorAnswer.fewParticles {
      warnings.append(
        "the answer is worth about \(String(format: "%.1f", effectiveSampleSize)) independent draws: ask for more "
          + "particles.")
    }
    return warnings
  }

  /// What `effectiveSampleSize` says.
  ///
  /// - Parameter scales: of the columns, in the data's units; nil where a column is known.
  static func effectiveSize(of clouds: [Cloud], scales: [Double?]) -> Double {
    var most = 1 / clouds.reduce(0) { $0 + $1.weights.reduce(0) { $0 + $1 * $1 } }
    let isFew = clouds.count < fewRepeats
    // A single family knows nothing of its error.
    if isFew { most = min(most, 1 / clouds.reduce(0) { $0 + families($1) { _ in 1 }.reduce(0) { $0 + $1 * $1 } }) }
    let shares = clouds.map { $0.weights.reduce(0, +) }
    let whole = shares.reduce(0, +)
    // The mean over columns of a mean's squared error, in variances of the column.
    var (errors, columns) = (0.0, 0.0)
    for (column, scale) in scales.enumerated() {
      guard let scale else { continue }
      let values = clouds.map { $0.rows.column(column) }
      func sums(_ value: (Double) -> Double) -> [Double] {
        zip(clouds, values).map { cloud, values in
          zip(cloud.weights, values).reduce(0) { $1.0 > 0 ? $0 + $1.0 * value($1.1) : $0 }
        }
      }
      let means = sums { $0 }
      let centre = means.reduce(0, +) / whole
      let variance = sums { ($0 - centre) * ($0 - centre) }.reduce(0, +) / whole
      guard variance > 1e-12 * scale * scale else { continue }
      if isFew {
        errors +=
          zip(clouds, values).reduce(0) { error, item in
            error + families(item.0) { item.1[$0] - centre }.reduce(0) { $0 + $1 * $1 }
          } / variance
      } else {
        let error = jackknife(zip(sumsWithoutEach(means), sumsWithoutEach(shares)).map { $0 / $1 })
        errors += error * error / variance
      }
      columns += 1
    }
    guard columns > 0 else { return most }
    // Where one repeat outweighs all others, what is left of them is no number.
    guard errors.isFinite else { return min(most, 1) }
    return errors > 0 ? max(1, min(most, columns / errors)) : most
  }

  /// The weighted sums of a particle's values over the descendants of each particle of the start, which count as one case
  /// (Lee, Whiteley 2018).
  private static func families(_ cloud: Cloud, _ value: (Int) -> Double) -> [Double] {
    var families = Array(repeating: 0.0, count: cloud.weights.count)
    for (particle, origin) in cloud.origins.enumerated() where cloud.weights[particle] > 0 {
      families[origin] += cloud.weights[particle] * value(particle)
    }
    return families
  }
}
