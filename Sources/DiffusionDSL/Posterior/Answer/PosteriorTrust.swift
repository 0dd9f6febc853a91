import Foundation

// How far an answer is to be trusted.

extension PosteriorAnswer {
  /// With fewer repeats than this, standard errors are too uncertain themselves to be used.
  private static let fewRepeats = 8
  /// Beyond this standard deviation of log Z^, in nats, a few of the repeats dominate the answer.
  private static let mostSpread = 1.0
  private static let fewParticles = 100.0
  private static let leastRepeats = 5

  /// What speaks against trusting the answer, a sentence each; none where nothing does.
  public var warnings: [String] {
    if isImpossible {
      return [
        contradiction.map { "what is known contradicts itself, for \($0): no row meets all of it, so remove some." }
          ?? "no particle survived in any repeat, the last at t = \(deaths.min() ?? 0), so Z is 0 or too small to be "
          + "found: ask for more particles, or for something more likely."
      ]
    }
    var warnings: [String] = []
    if isFar {
      warnings.append(
        "log Z is \(String(format: "%.4g", logEvidence)) nats: what is known is so far from all that the model has learned "
          + "that the samples are a guess: look for a wrong value or unit.")
    }
    if !deaths.isEmpty {
      warnings.append(
        "no particle survived in \(deaths.count) of \(repeats) repeats, which count as Z^ = 0: ask for more particles, or "
          + "for something more likely.")
    }
    let logs = logEvidences.filter(\.isFinite)
    let spread = RowAverage(nil)(logs).standardError * Double(logs.count).squareRoot()
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
  static func effectiveSampleSize(of systems: [ParticleSystem], scales: [Double?]) -> Double {
    var most = 1 / systems.reduce(0) { $0 + $1.weights.reduce(0) { $0 + $1 * $1 } }
    let isFew = systems.count < fewRepeats
    // With a single ancestor there is no estimate of the error.
    if isFew { most = min(most, 1 / systems.reduce(0) { $0 + families($1) { _ in 1 }.reduce(0) { $0 + $1 * $1 } }) }
    let shares = systems.map(\.share)
    // The mean over columns of a mean's squared error, in variances of the column.
    var (errors, columns) = (0.0, 0.0)
    for (column, scale) in scales.enumerated() {
      guard let scale else { continue }
      let values = systems.map { $0.rows.column(column) }
      let mean = jackknifedRatio(zip(systems, values).map { $0.sum($1) }, shares)
      let variance = jackknifedRatio(
        zip(systems, values).map { $0.sum($1.map { ($0 - mean.value) * ($0 - mean.value) }) }, shares
      ).value
      guard variance > 1e-12 * scale * scale else { continue }
      if !isFew, let error = mean.standardError {
        errors += error * error / variance
      } else {
        errors +=
          zip(systems, values).reduce(0) { error, item in
            error + families(item.0) { item.1[$0] - mean.value }.reduce(0) { $0 + $1 * $1 }
          } / variance
      }
      columns += 1
    }
    guard columns > 0 else { return most }
    // Where one repeat has all the weight, the estimate without it is NaN.
    guard errors.isFinite else { return min(most, 1) }
    return errors > 0 ? max(1, min(most, columns / errors)) : most
  }

  /// The weighted sums of the particles' values over the descendants of each ancestor at t = T. The descendants of one
  /// ancestor count as one case (Lee, Whiteley 2018).
  private static func families(_ system: ParticleSystem, _ value: (Int) -> Double) -> [Double] {
    var families = Array(repeating: 0.0, count: system.weights.count)
    for (particle, ancestor) in system.ancestors.enumerated() where system.weights[particle] > 0 {
      families[ancestor] += system.weights[particle] * value(particle)
    }
    return families
  }
}
