import Testing

@testable import DiffusionDSL

/// Training that goes on from a state is, to the last bit, training that never stopped.
@Suite struct ResumeTests {
  static let optimisers: [Optimiser] = [
    .adam(rate: .cosine(2e-2, period: 40, warmup: 5)),
    .rmsprop(rate: .steps(1e-3, factor: 0.5, every: 15), momentum: 0.5),
    .sgd(rate: 1e-3, momentum: 0.9),
  ]
  static let options: [TrainingOptions] = [
    TrainingOptions(batchSize: 100),
    TrainingOptions(batchSize: 100, averaging: 0.95, clipping: 0.7),
    TrainingOptions(batchSize: 30, averaging: 0, clipping: 100),
  ]

  @Test(arguments: SmallModel.all, 0..<3)
  func isTrainingThatNeverStopped(_ model: SmallModel, _ optimiser: Int) async throws {
    let data = try model.data()
    for options in ResumeTests.options {
      let whole = try model.trained(ResumeTests.optimisers[optimiser], steps: 40, options: options, data: data)
      let part = try model.trained(ResumeTests.optimisers[optimiser], steps: 17, options: options, data: data)
      // Options that belong to the state are taken from there, whatever is asked for.
      let resumed = try await part.resume(on: data, totalSteps: 40, options: TrainingOptions(batchSize: 7, threads: 3))
      #expect(isSame(resumed.state, whole.state))
      #expect(resumed.parameters.map(\.bitPattern) == whole.parameters.map(\.bitPattern))
      #expect(resumed.scaling == whole.scaling)
      #expect(part.parameters != whole.parameters)
    }
  }

  /// Wherever it was cancelled, and with a rate that depends on how many steps were to be done.
  @Test func goesOnWhereItWasCancelled() async throws {
    let model = SmallModel.perStep
    let data = try model.data()
    let steps = 3_000
    let options = TrainingOptions(batchSize: 16, averaging: 0.99, threads: 1)
    let whole = try model.trained(.adam(rate: .cosine(1e-2)), steps: steps, seed: 3, options: options, data: data)
    for delay in [0, 10, 40] {
      let training = try model.definition.training(
        on: data, using: .adam(rate: .cosine(1e-2)), steps: steps, seed: 3, options: options)
      try await Task.sleep(for: .milliseconds(delay))
      training.cancel()
      _ = try? await training.value
      let stopped = try #require(training.lastGood)
      guard (stopped.state?.step ?? 0) < steps else { continue }
      let resumed = try await stopped.resume(on: data, totalSteps: steps, options: options)
      #expect(isSame(resumed.state, whole.state), "stopped after \(stopped.state?.step ?? -1) steps")
      #expect(resumed.parameters.map(\.bitPattern) == whole.parameters.map(\.bitPattern))
    }
  }

  @Test func whatCannotBeResumedSaysWhy() async throws {
    let model = SmallModel.perStep
    let data = try model.data()
    let trained = try model.trained(steps: 5)
    let wide = try SmallModel.bumps.data()
    func message(_ model: TrainedDiffusion, on data: Dataset, steps: Int) async -> String {
      do {
        _ = try await model.resume(on: data, totalSteps: steps)
        return "none"
      } catch { return "\(error)" }
    }
    #expect(
      await message(trained, on: data, steps: 5)
        == "training has done 5 steps; to go on, ask for more in all than that, not 5")
    #expect(
      await message(trained, on: wide, steps: 9)
        == "the rows have 3 numbers where the model has 2 dimensions: make them equal")
    let written = try TrainedDiffusion(
      Diffusion {
        GaussianKernel(dimensions: 2)
        Cosine(steps: 3)
        ReverseFunction(dimensions: 2) { x, step in GaussianStep(mean: x, variance: step.beta) }
      })
    #expect(
      await message(written, on: data, steps: 9)
        == "the model holds no training state: train it anew with fit(to:using:steps:seed:)")
  }
}
