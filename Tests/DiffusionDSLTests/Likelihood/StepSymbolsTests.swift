import DiffusionDSL
import Testing

/// The coefficients of q(x_{t-1} | x_t, x_0) as a reverse function's author writes them.
@Suite struct StepSymbolsTests {
  private static let point = [0.75, -1.5]

  private func model(_ schedule: some GivenSchedule, shift: Double = 0) throws -> TrainedDiffusion {
    try TrainedDiffusion(
      Diffusion {
        GaussianKernel(dimensions: 2)
        schedule
        ReverseFunction(dimensions: 2) { x, step in
          GaussianStep(
            mean: step.dataCoefficient * (Formula(Self.point) + shift) + step.stateCoefficient * x,
            variance: step.posteriorVariance)
        }
      })
  }

  /// For data of one point that is predicted, each step is q(x_{t-1} | x_t, x_0) itself: nothing is lost.
  @Test func aPointThatIsKnownCostsNothing() throws {
    for schedule in [AnySchedule(ConstantErasure(steps: 20)), AnySchedule(Cosine(steps: 12))].map(\.betas) {
      let bound = try model(Fixed(schedule)).lowerBound(
        on: [Self.point], seed: 3, options: ComputeOptions(precision: .double))
      for term in bound.terms {
        if case .step(let t) = term.kind { #expect(abs(term.nats) < 1e-9, "t = \(t)") }
      }
    }
  }

  /// A prediction that is off by d costs (a_t d)^2 / (2 v_t) for each number.
  @Test func aWrongPredictionCostsWhatTheFormulaSays() throws {
    let betas = Cosine(steps: 12).betas
    let shift = 0.25
    let bound = try model(Fixed(betas), shift: shift).lowerBound(
      on: [Self.point], seed: 3, options: ComputeOptions(precision: .double))
    var alphaBar = 1.0
    for (index, beta) in betas.enumerated() {
      let (before, t) = (alphaBar, index + 1)
      alphaBar *= 1 - beta
      guard t >= 2 else { continue }
      let a = before.squareRoot() * beta / (1 - alphaBar)
      let v = beta * (1 - before) / (1 - alphaBar)
      let expected = -2 * (a * shift) * (a * shift) / (2 * v)
      let found = try #require(
        bound.terms.first { term in if case .step(t) = term.kind { true } else { false } }?.nats)
      #expect(abs(found - expected) < 1e-8 * max(1, abs(expected)), "t = \(t)")
    }
  }

  /// Data that are N(m, s^2): the step from the mean and variance of x_0 given x_t is the true reverse step, whose own
  /// formula (the conditional of a joint normal) knows nothing of predictions.
  @Test func aPredictionOfTheDataIsTheTrueReverseStep() throws {
    let (m, s) = (0.4, 0.6)
    let rows = [[-1.0], [0.2], [1.5]]
    func terms(_ make: @escaping (Formula, StepSymbols) -> GaussianStep) throws -> [LowerBound.Term] {
      let definition = Diffusion {
        GaussianKernel(dimensions: 1)
        Cosine(steps: 12)
        ReverseFunction(dimensions: 1, lastStep: .learned()) { x, step in make(x, step) }
      }
      return try TrainedDiffusion(definition).lowerBound(
        on: rows, seed: 3, options: ComputeOptions(precision: .double)
      ).terms
    }
    let predicted = try terms { x, step in
      let spread = s * s * step.alphaBar + step.noise
      let gain = s * s * sqrt(step.alphaBar) / spread
      return GaussianStep(
        predictedData: m + gain * (x - m * sqrt(step.alphaBar)), variance: s * s * step.noise / spread, from: x, step)
    }
    let explicit = try terms { x, step in
      let (before, now) = (s * s * step.alphaBarBefore + step.noiseBefore, s * s * step.alphaBar + step.noise)
      let slope = sqrt(1 - step.beta) * before / now
      return GaussianStep(
        mean: m * sqrt(step.alphaBarBefore) + slope * (x - m * sqrt(step.alphaBar)), variance: step.beta * before / now)
    }
    #expect(predicted.count == explicit.count)
    for (found, expected) in zip(predicted, explicit) {
      #expect(
        abs(found.nats - expected.nats) < 1e-9 * max(1, abs(expected.nats)), "\(found) where \(expected) is right")
    }
  }

  /// A prediction without a variance has the mean and variance of q(x_{t-1} | x_t, x_0).
  @Test func aCertainPredictionHasTheVarianceOfThePosterior() throws {
    func bound(_ make: @escaping (Formula, StepSymbols) -> GaussianStep) throws -> LowerBound {
      let definition = Diffusion {
        GaussianKernel(dimensions: 2)
        Cosine(steps: 12)
        ReverseFunction(dimensions: 2) { x, step in make(x, step) }
      }
      return try TrainedDiffusion(definition).lowerBound(
        on: [[0.5, 1]], seed: 3, options: ComputeOptions(precision: .double))
    }
    let short = try bound { x, step in GaussianStep(predictedData: x * 0.5, variance: 0, from: x, step) }
    let long = try bound { x, step in
      let data = sqrt(step.alphaBarBefore) * step.beta / step.noise
      let state = sqrt(1 - step.beta) * step.noiseBefore / step.noise
      return GaussianStep(mean: data * (x * 0.5) + state * x, variance: step.beta * step.noiseBefore / step.noise)
    }
    #expect(abs(short.nats - long.nats) < 1e-9 * abs(long.nats))
  }
}
