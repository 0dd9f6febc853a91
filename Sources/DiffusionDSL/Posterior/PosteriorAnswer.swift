import Distributions
import Foundation

/// What a posterior query found: samples, the evidence, and how far to trust both.
public struct PosteriorAnswer: Sendable {
  /// A number with its standard error.
  public struct Estimate: Hashable, Sendable {
    /// The number.
    public let value: Double
    /// Its standard error, from independent repeats; nil with one repeat.
    public let standardError: Double?
  }

  /// Samples in the data's units, equally likely; none where r is impossible. With particles, some may be equal.
  public let samples: Rows
  /// log Z, Z the integral of p(x_0) r(x_0), in nats; -inf where r is impossible, NaN where the method has no weights.
  ///
  /// Of a delta function on a continuous column, and of `Near`, it is a density in the data's units.
  public let logEvidence: Double
  /// The standard error of `logEvidence`, from independent repeats; nil with one repeat, which has none.
  public let logEvidenceStandardError: Double?
  /// log Z^ of each repeat, in nats.
  public let logEvidences: [Double]
  /// (sum w)^2 / sum w^2 over all particles of all repeats: about how many carry the answer.
  public let effectiveSampleSize: Double
  /// The effective number of a repeat's particles after each step, averaged over repeats: for x_T, then t = T - 1 ...
  /// 0.
  public let effectiveSizes: [Double]
  /// How r acted along the trajectory, such as "carried" or "carried, general factors annealed".
  public let guidance: String
  /// Independent repeats.
  public let repeats: Int
  let clouds: [Cloud]

  /// One repeat's particles, in the data's units, with weights that add up to its share of the whole.
  struct Cloud: Sendable {
    var rows: Rows
    var weights: [Double]
  }

  /// The answer to what cannot be.
  static func impossible(_ trained: TrainedDiffusion, _ guidance: Guidance, repeats: Int) -> PosteriorAnswer {
    PosteriorAnswer(
      samples: Rows(flat: [], dimensions: trained.dimensions), logEvidence: -.infinity, logEvidenceStandardError: 0,
      logEvidences: Array(repeating: -.infinity, count: repeats), effectiveSampleSize: 0, effectiveSizes: [],
      guidance: guidance.name, repeats: repeats, clouds: [])
  }
}

extension PosteriorAnswer {
  init(
    _ trained: TrainedDiffusion, _ factors: CombinedFactors, _ way: Guidance, _ outcomes: [ParticleWork.Outcome],
    count: Int, isWeighted: Bool, seed: UInt64
  ) {
    let logs = outcomes.map { $0.logEvidence + factors.logConstant }
    let largest = logs.max() ?? 0
    let shares = isWeighted ? logs.map { exp($0 - largest) } : outcomes.map { _ in 1 }
    let total = shares.reduce(0, +)
    clouds = zip(outcomes, shares).map { outcome, share in
      var flat = trained.scaling.undone(trained.model.rows(of: outcome.states)).flat
      // What is known is known to the last digit.
      for (column, value) in factors.known {
        for place in stride(from: column, to: flat.count, by: trained.dimensions) { flat[place] = value }
      }
      return Cloud(
        rows: Rows(flat: flat, dimensions: trained.dimensions), weights: outcome.weights.map { $0 * share / total })
    }
    let weights = clouds.flatMap(\.weights)
    var stream = NoiseSource(seed: seed, purpose: "posterior samples").stream(chain: 0, step: 0)
    let chosen =
      isWeighted
      ? systematic(weights, count: count, offset: Double(stream.nextUniform())).shuffled(using: &stream)
      : Array(0..<count)
    let particles = clouds.first?.weights.count ?? 1
    var flat: [Double] = []
    flat.reserveCapacity(count * trained.dimensions)
    for place in chosen { flat += clouds[place / particles].rows[place % particles] }
    samples = Rows(flat: flat, dimensions: trained.dimensions)
    logEvidences = isWeighted ? logs : []
    let (mean, error) = RowAverage(nil)(shares)
    logEvidence = isWeighted ? largest + log(mean) : .nan
    logEvidenceStandardError = isWeighted && outcomes.count > 1 ? error / mean : nil
    effectiveSampleSize = 1 / weights.reduce(0) { $0 + $1 * $1 }
    let steps = outcomes.first?.effectiveSizes.count ?? 0
    effectiveSizes = (0..<steps).map { step in
      outcomes.reduce(0) { $0 + $1.effectiveSizes[step] } / Double(outcomes.count)
    }
    repeats = outcomes.count
    let hasGeneral = !factors.formulas.isEmpty || !factors.models.isEmpty
    let isCarried =
      switch way {
      case .carried, .twisted: true
      default: false
      }
    guidance = isCarried && hasGeneral ? "\(way.name), general factors annealed" : way.name
  }
}

// MARK: - Expectations

extension PosteriorAnswer {
  /// The mean of a function of a row.
  ///
  /// - Parameter function: given a row in the data's units.
  public func expectation(of function: (_ row: [Double]) -> Double) -> Estimate {
    estimate(clouds.map { cloud in cloud.rows.map(function) })
  }

  /// The mean of a column.
  public func mean(of column: Int) -> Estimate { estimate(clouds.map { $0.rows.column(column) }) }

  /// The chance of what a function says of a row.
  public func probability(of condition: (_ row: [Double]) -> Bool) -> Estimate {
    expectation { condition($0) ? 1 : 0 }
  }

  /// Weighted means, from values of each repeat's particles; the error by leaving out one repeat after the other.
  private func estimate(_ values: [[Double]]) -> Estimate {
    let sums = zip(clouds, values).map { cloud, values in
      (
        weight: cloud.weights.reduce(0, +),
        value: zip(cloud.weights, values).reduce(0) { $1.0 > 0 ? $0 + $1.0 * $1.1 : $0 }
      )
    }
    let whole = (weight: sums.reduce(0) { $0 + $1.weight }, value: sums.reduce(0) { $0 + $1.value })
    return Estimate(
      value: whole.value / whole.weight,
      standardError: jackknife { left in (whole.value - sums[left].value) / (whole.weight - sums[left].weight) })
  }

  /// The standard error of a number from its values without each of the repeats (Quenouille 1956; Tukey 1958).
  private func jackknife(_ without: (Int) -> Double) -> Double? {
    guard clouds.count > 1 else { return nil }
    let values = clouds.indices.map(without)
    let count = Double(values.count)
    let mean = values.reduce(0, +) / count
    return (values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } * (count - 1) / count).squareRoot()
  }

  /// Quantiles of a column.
  ///
  /// - Parameter levels: each in [0, 1].
  /// - Returns: one a level, in the data's units; NaN where there are no particles.
  public func quantiles(of column: Int, _ levels: [Double]) -> [Estimate] {
    let parts = clouds.map { Array(zip($0.rows.column(column), $0.weights)) }
    let all = parts.flatMap { $0 }.sorted { $0.0 < $1.0 }
    let separate = parts.map { $0.sorted { $0.0 < $1.0 } }
    return levels.map { level in
      // Each repeat's own quantile, by its share: their spread is the error.
      var error: Double?
      if parts.count > 1 {
        let values = separate.map { PosteriorAnswer.quantile($0, level) }
        error = RowAverage(nil)(values).standardError
      }
      return Estimate(value: PosteriorAnswer.quantile(all, level), standardError: error)
    }
  }

  private static func quantile(_ sorted: [(Double, Double)], _ level: Double) -> Double {
    let total = sorted.reduce(0) { $0 + $1.1 }
    var reached = 0.0
    for (value, weight) in sorted {
      reached += weight
      if weight > 0, reached >= level * total { return value }
    }
    return sorted.last?.0 ?? .nan
  }

  /// The central interval that has a column with a probability, such as 0.9.
  public func credibleInterval(of column: Int, _ probability: Double = 0.9) -> (lower: Estimate, upper: Estimate) {
    let tail = (1 - max(0, min(probability, 1))) / 2
    let ends = quantiles(of: column, [tail, 1 - tail])
    return (ends[0], ends[1])
  }

  /// A bin of a marginal histogram.
  public struct Bin: Hashable, Sendable {
    /// Where the bin begins and ends, in the data's units.
    public let range: ClosedRange<Double>
    /// The probability of the bin.
    public let probability: Estimate
  }

  /// The probabilities of a column's values in bins of equal width, from its least value to its greatest.
  ///
  /// - Parameter count: 1 or more; others are brought to 1.
  public func histogram(of column: Int, bins count: Int = 20) -> [Bin] {
    let count = max(1, count)
    let values = clouds.flatMap { cloud in zip(cloud.rows.column(column), cloud.weights).filter { $0.1 > 0 }.map(\.0) }
    guard let least = values.min(), let most = values.max() else { return [] }
    let width = (most - least) / Double(count)
    return (0..<count).map { bin in
      let lower = least + Double(bin) * width
      let upper = bin == count - 1 ? most : lower + width
      let isLast = bin == count - 1
      return Bin(
        range: lower...max(lower, upper),
        probability: probability { $0[column] >= lower && ($0[column] < upper || isLast) })
    }
  }

  /// The probabilities of a column's values, for bits and categories.
  ///
  /// - Parameter count: how many values the column has.
  public func probabilities(of column: Int, values count: Int) -> [Estimate] {
    (0..<max(0, count)).map { value in probability { $0[column] == Double(value) } }
  }

  /// The difference of two log-evidences, this one's less another's: the logarithm of the Bayes factor.
  public func logBayesFactor(over other: PosteriorAnswer) -> Estimate {
    var error: Double?
    if let a = logEvidenceStandardError, let b = other.logEvidenceStandardError {
      error = (a * a + b * b).squareRoot()
    }
    return Estimate(value: logEvidence - other.logEvidence, standardError: error)
  }
}
