import Distributions

/// Other models among a query's factors, whose densities at particles are estimated.
struct OtherModels {
  private let trained: TrainedDiffusion
  private let factors: CombinedFactors
  private let particles: Int
  private let seed: UInt64
  private let purpose: Purpose

  init(_ trained: TrainedDiffusion, _ factors: CombinedFactors, particles: Int, seed: UInt64, purpose: Purpose) {
    self.trained = trained
    self.factors = factors
    self.particles = particles
    self.seed = seed
    self.purpose = purpose
  }

  /// Whether densities are estimated anew at t. They cost whole trajectories, so before the last step they are at few
  /// steps.
  static func areEstimated(at t: Int, steps: Int) -> Bool { t == 0 || (t < steps && t % max(1, steps / 8) == 0) }

  /// For each particle, the sum over the models of the estimated log r, tempered by the exponent of t.
  ///
  /// Estimates of eq. 9 are unbiased, and so is Z^, whatever psi was before. Before the last step each is from few
  /// trajectories.
  ///
  /// - Parameter states: the particles', one behind the other.
  func logDensities(_ states: [Double], repetition: Int, step t: Int) throws(PosteriorError) -> [Double] {
    let model = trained.model
    let power = Double(model.steps - t) / Double(model.steps)
    let rows = trained.scaling.undone(model.rows(of: states))
    var total = Array(repeating: 0.0, count: particles)
    for (index, other) in factors.models.enumerated() {
      let trajectories = t == 0 ? other.trajectories : min(other.trajectories, 4)
      let noise = purpose.appending("model \(index)")
      // One stride for all t, so that no two blocks of chains meet.
      let block = UInt64(repetition) &* UInt64(model.steps + 1) &+ UInt64(t)
      do {
        let (logWeights, _) = try other.model.paths(
          .forward, from: Dataset(rows), perRow: trajectories, seed: seed, purposes: (noise.appending("end"), noise),
          firstChain: block &* UInt64(particles) &* UInt64(other.trajectories), options: ComputeOptions(threads: 1))
        for particle in total.indices {
          let own = logWeights[particle * trajectories..<(particle + 1) * trajectories]
          total[particle] += power * SpecialFunctions.logMeanExp(own)
        }
      } catch {
        throw .notFinite(factor: "another model's density", step: t)
      }
    }
    return total
  }
}
