import Distributions
import Foundation

// How general factors best act for t > 0, found by small pilot runs.

extension CombinedFactors {
  /// The pilot runs. Candidate widths are in scaled units, from far wider than the data to 0, with which the factor
  /// acts at x_0 alone. All candidates run with `particles`; the best `finalists` and `unguided`, which ignores r
  /// before x_0, run again with `finalParticles`, since weights that are rarely very large are rarely seen in small
  /// runs.
  private struct Pilots {
    var tunings: [Tuning]
    var repeats: Int
    var particles: Int
    var finalParticles: Int
    static let finalists = 3
    static let unguided = Tuning(width: 0, isGuiding: false)

    /// - Parameters:
    ///   - walks: how many particles the query has over all of its repeats; for few of them long tuning does not pay.
    ///   - isTwisted: whether proposals before the last step follow the model's estimate in any case.
    init(walks: Int, isTwisted: Bool) {
      guard walks >= 20_000 else {
        tunings = [Tuning(width: 0.7, isGuiding: true), Tuning(width: 0.1, isGuiding: true), Pilots.unguided]
        (repeats, particles, finalParticles) = (4, 128, 0)
        return
      }
      tunings = [2, 0.7, 0.25, 0.1, 0].flatMap { width in
        (isTwisted && width > 0 ? [true] : [true, false]).map { Tuning(width: width, isGuiding: $0) }
      }
      (repeats, particles, finalParticles) = (8, 256, 1_024)
    }
  }

  /// Whether the factors leave anything to be tuned.
  func isTuned(_ guidance: Guidance) -> Bool {
    switch guidance {
    case .carried, .twisted: !formulas.isEmpty
    case .annealed, .constant, .exponent: false
    }
  }

  /// The factors with the tuning whose small runs have the largest log Z^ with the least variance.
  ///
  /// E log Z^ is below log Z, the more so the more uneven the weights are. The runs have noise of their own, so that what
  /// follows knows of them by the tuning alone, and Z^ stays unbiased.
  ///
  /// - Parameters:
  ///   - walks: how many particles the query has over all of its repeats.
  ///   - particles: those of one repeat.
  /// - Throws: `Cancelled`; `PosteriorError` where r is NaN or infinite.
  func tuned(
    _ trained: TrainedDiffusion, _ programs: PosteriorPrograms, _ guidance: Guidance, walks: Int, particles: Int,
    seed: UInt64, _ pool: WorkerPool
  ) throws -> CombinedFactors {
    let pilots = Pilots(walks: walks, isTwisted: guidance.isTwisted)
    /// From the worst to the best. Of equal ones, the one that follows r least is the best, since it risks least.
    func ranked(_ tunings: [Tuning], particles: Int, purpose: Purpose) throws -> [Tuning] {
      let candidates = tunings.map { tuning in
        var factors = self
        factors.tuning = tuning
        return factors
      }
      let work = ParticleWork(
        trained, programs, candidates, particles: particles, repeats: pilots.repeats, isWeighted: true,
        purpose: purpose, keepsParticles: false, seed: seed, threads: pool.threads,
        cancellation: Cancellation(of: "tuning a posterior", candidates.count * pilots.repeats, "small runs"))
      let scores = try work.results(pool).map(CombinedFactors.score)
      return tunings.indices.sorted { (scores[$0], $0) < (scores[$1], $1) }.map { tunings[$0] }
    }
    var best = try ranked(pilots.tunings, particles: min(particles, pilots.particles), purpose: "posterior pilot")
    if min(particles, pilots.finalParticles) > pilots.particles {
      let finalists = best.suffix(Pilots.finalists).filter { $0 != Pilots.unguided } + [Pilots.unguided]
      best = try ranked(
        finalists, particles: min(particles, pilots.finalParticles), purpose: "posterior pilot/final")
    }
    var factors = self
    factors.tuning = best.last
    return factors
  }

  /// The mean of log Z^ less its variance over repeats.
  private static func score(_ results: [Result<ParticleWork.Outcome, PosteriorError>]) throws -> Double {
    var logs: [Double] = []
    for result in results {
      let outcome = try result.get()
      if outcome.diedAt == nil { logs.append(outcome.logEvidence) }
    }
    let dead = results.count - logs.count
    guard logs.count > 1 else { return -1e12 * Double(dead) }
    let (mean, error) = RowAverage(nil)(logs)
    // A repeat in which no particle survives counts as worse than any other.
    return mean - error * error * Double(logs.count) - 1e12 * Double(dead)
  }
}
