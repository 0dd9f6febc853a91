extension ParticleWork {
  /// What one repeat found.
  struct Outcome: Sendable {
    /// Scaled states, particle by particle.
    var states: [Double]
    /// Normalised weights.
    var weights: [Double]
    /// For each particle, the index of its ancestor at t = T.
    var ancestors: [Int]
    /// log Z^ in scaled units, without the factors' constant.
    var logEvidence: Double
    /// The effective sample size of particles after each step, t = T ... 0.
    var effectiveSampleSizes: [Double]
    /// The t at which every particle's weight was 0, so that Z^ is 0; nil where some came to x_0.
    var diedAt: Int?
  }
}

extension ParticleWork.Outcome {
  /// A repeat whose weights are all 0 at t. Its particles have no weight, and nothing is read from them.
  ///
  /// - Parameters:
  ///   - particles: how many to keep.
  ///   - sizes: the effective sample sizes before t.
  init(diedAt t: Int, particles: Int, _ model: DiffusionModel, effectiveSampleSizes sizes: [Double]) {
    self.init(
      states: Array(repeating: 0, count: particles * model.features), weights: Array(repeating: 0, count: particles),
      ancestors: Array(0..<particles), logEvidence: -.infinity,
      effectiveSampleSizes: sizes + Array(repeating: 0, count: model.steps + 1 - sizes.count), diedAt: t)
  }
}
