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

  /// Samples in the data's units, equally likely; none where `isImpossible`. With particles, some may be equal.
  public let samples: Rows
  /// log Z, Z the integral of p(x_0) r(x_0), in nats; -inf where `isImpossible`, NaN where the method has no weights.
  ///
  /// Of a delta function on a continuous column, and of `Near`, it is a density in the data's units.
  public let logEvidence: Double
  /// The standard error of `logEvidence`, by leaving out one repeat after the other; nil with one repeat, which has none.
  public let logEvidenceStandardError: Double?
  /// log Z^ of each repeat, in nats.
  public let logEvidences: [Double]
  /// How many independent draws would give the columns' means about as well as the answer does.
  ///
  /// From the means' standard errors, over all columns that vary: with 8 repeats or more by leaving out one after the
  /// other, with fewer by what particles share of their ancestors (Lee, Whiteley 2018).
  public let effectiveSampleSize: Double
  /// The effective sample size of a repeat's particles after each step, averaged over repeats: for x_T, then t = T - 1 ...
  /// 0.
  public let effectiveSampleSizes: [Double]
  /// How r acted along the trajectory, such as "carried" or "carried, general factors annealed".
  public let guidance: String
  /// Independent repeats.
  public let repeats: Int
  /// The columns of `samples`.
  public let schema: Schema
  let systems: [ParticleSystem]
  /// Why the factors exclude each other; nil where they do not.
  let contradiction: String?
  /// For each repeat in which no particle survived, the t at which all weights were 0. Such a repeat's Z^ is 0.
  let deaths: [Int]
  /// Whether log Z is as small as it is only where what is known is far from what the model has learned.
  let isFar: Bool

  /// Whether no row was found with r > 0: the factors exclude each other, or no particle survived in any repeat
  /// (`warnings` say which).
  ///
  /// There are no samples then, `logEvidence` is -infinity, and what is asked of the rows, such as their mean, is NaN. It
  /// is an answer and no error, since an impossible query is as good a question as others: its evidence can be compared.
  public var isImpossible: Bool { logEvidence == -.infinity }

  /// A renamed property.
  @available(*, deprecated, renamed: "effectiveSampleSizes")
  public var effectiveSizes: [Double] { effectiveSampleSizes }

  /// The samples by their fields' names.
  public var table: Table { Table(checked: samples.flat, schema: schema) }

  /// One repeat's particles, in the data's units, with weights that add up to its share of the whole.
  struct ParticleSystem: Sendable {
    var rows: Rows
    var weights: [Double]
    /// For each particle, the index of its ancestor at t = T.
    var ancestors: [Int]

    /// The repeat's share of all weights.
    var share: Double { weights.reduce(0, +) }

    /// The weighted sum of the particles' values. Values of weight 0 are skipped, since they may be NaN or infinite.
    func sum(_ values: [Double]) -> Double { zip(weights, values).reduce(0) { $1.0 > 0 ? $0 + $1.0 * $1.1 : $0 } }
  }

  /// The answer where r is 0 everywhere, or no particle survived: no samples, and an evidence of 0.
  ///
  /// - Parameters:
  ///   - contradiction: why the factors exclude each other, if they do.
  ///   - deaths: otherwise, for each repeat, where it ended.
  static func impossible(
    _ trained: TrainedDiffusion, _ guidance: Guidance, repeats: Int, contradiction: String? = nil, deaths: [Int] = []
  ) -> PosteriorAnswer {
    PosteriorAnswer(
      samples: Rows(flat: [], dimensions: trained.dimensions), logEvidence: -.infinity,
      // How far Z^ = 0 may be from Z is not known where it comes from particles.
      logEvidenceStandardError: repeats > 1 ? deaths.isEmpty ? 0 : .infinity : nil,
      logEvidences: Array(repeating: -.infinity, count: repeats), effectiveSampleSize: 0, effectiveSampleSizes: [],
      guidance: guidance.name, repeats: repeats, schema: trained.definition.schema, systems: [],
      contradiction: contradiction, deaths: deaths, isFar: false)
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
    systems = zip(outcomes, shares).map { outcome, share in
      var flat = trained.scaling.undone(trained.model.rows(of: outcome.states)).flat
      // Known columns get the observed value itself, without the rounding of scaling back and forth.
      for (column, value) in factors.known {
        for place in stride(from: column, to: flat.count, by: trained.dimensions) { flat[place] = value }
      }
      return ParticleSystem(
        rows: Rows(flat: flat, dimensions: trained.dimensions), weights: outcome.weights.map { $0 * share / total },
        ancestors: outcome.ancestors)
    }
    let weights = systems.flatMap(\.weights)
    var stream = NoiseSource(seed: seed, purpose: "posterior samples").stream(chain: 0, step: 0)
    let chosen =
      isWeighted
      ? systematic(weights, count: count, offset: Double(stream.nextUniform())).shuffled(using: &stream)
      : Array(0..<count)
    let particles = systems.first?.weights.count ?? 1
    var flat: [Double] = []
    flat.reserveCapacity(count * trained.dimensions)
    for place in chosen { flat += systems[place / particles].rows[place % particles] }
    samples = Rows(flat: flat, dimensions: trained.dimensions)
    logEvidences = isWeighted ? logs : []
    logEvidence = isWeighted ? SpecialFunctions.logMeanExp(logs) : .nan
    logEvidenceStandardError =
      isWeighted && logs.count > 1
      ? jackknife(logs.indices.map { left in SpecialFunctions.logMeanExp(logs[..<left] + logs[(left + 1)...]) }) : nil
    let steps = outcomes.first?.effectiveSampleSizes.count ?? 0
    effectiveSampleSizes = (0..<steps).map { step in
      outcomes.reduce(0) { $0 + $1.effectiveSampleSizes[step] } / Double(outcomes.count)
    }
    repeats = outcomes.count
    contradiction = nil
    deaths = outcomes.compactMap(\.diedAt)
    isFar = isWeighted && factors.isFar(logEvidence: SpecialFunctions.logMeanExp(outcomes.map(\.logEvidence)))
    schema = trained.definition.schema
    effectiveSampleSize = PosteriorAnswer.effectiveSampleSize(
      of: systems, scales: trained.scaling.scale.enumerated().map { factors.known[$0.offset] == nil ? $0.element : nil }
    )
    guidance = factors.nameOf(way)
  }
}

// MARK: - In words

extension PosteriorAnswer.Estimate: CustomStringConvertible {
  /// The number and its standard error: `0.6405 +- 0.0080`.
  public var description: String {
    func digits(_ number: Double) -> String { String(format: "%.4g", number) }
    return standardError.map { "\(digits(value)) +- \(digits($0))" } ?? digits(value)
  }
}

extension PosteriorAnswer: CustomStringConvertible {
  /// How many samples, the evidence, what the samples are worth, and each warning on a line of its own.
  public var description: String {
    var text = "\(samples.count) sample\(samples.count == 1 ? "" : "s")"
    if !logEvidence.isNaN {
      let error = isImpossible ? nil : logEvidenceStandardError
      text += ", log Z = \(Estimate(value: logEvidence, standardError: error)) nats"
      text += ", effective sample size \(String(format: "%.0f", effectiveSampleSize)), \(guidance)"
    }
    return ([text] + warnings).joined(separator: "\n")
  }
}
