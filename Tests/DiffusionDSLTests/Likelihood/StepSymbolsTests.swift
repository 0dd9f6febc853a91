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
}
