import Testing

@testable import DiffusionDSL

/// Training that goes on from a state is, to the last bit, training that never stopped.
@Suite struct ResumeTests {
  static let optimisers: [any Optimiser] = [
    .adam(rate: .cosine(2e-2, period: 40, warmup: 5)),
    .rmsprop(rate: .steps(1e-3, factor: 0.5, every: 15), momentum: 0.5),
    .sgd(rate: 1e-3, momentum: 0.9),
  ]
  static let options: [TrainingOptions] = [
    TrainingOptions(batchSize: 100),
    TrainingOptions(batchSize: 100, averaging: 0.95, clipping: 0.7),
    TrainingOptions(batchSize: 30, averaging: 0, clipping: 100),
    // Each of some ten groups of steps has ten losses before the 17th step, from when on steps are drawn by them.
    TrainingOptions(batchSize: 240, stepSampling: .byLoss),
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
    for least in [0, 1, 500] {
      let training = try model.definition.training(
        on: data, using: .adam(rate: .cosine(1e-2)), steps: steps, seed: 3, options: options)
      if least == 0 {
        training.cancel()
      } else {
        // Leaving the loop cancels.
        for await progress in training.progress where progress.step >= least { break }
      }
      _ = try? await training.value
      let stopped = try #require(training.lastGood)
      guard (stopped.state?.step ?? 0) < steps else { continue }
      let resumed = try await stopped.resume(on: data, totalSteps: steps, options: options)
      #expect(isSame(resumed.state, whole.state), "stopped after \(stopped.state?.step ?? -1) steps")
      #expect(resumed.parameters.map(\.bitPattern) == whole.parameters.map(\.bitPattern))
    }
  }

  /// The choice among evaluations goes on too, through a file as well, and wherever the first part ended.
  @Test(arguments: [40, 47]) func theChoiceOnHeldOutRowsGoesOn(_ half: Int) async throws {
    let model = SmallModel.perStep
    // Four rows are soon learned by heart.
    let (data, heldOut) = (try model.data(4, seed: 2), try model.data(200, seed: 3))
    let optimiser = Adam(rate: 2e-2)
    // The patience ends training between the parts' ends, or training ends by itself.
    for patience in [3, 100] {
      let options = TrainingOptions(heldOut: heldOut, evaluateEvery: 10, earlyStopping: .init(patience: patience))
      let whole = try model.trained(optimiser, steps: 600, options: options, data: data)
      let stop = try #require(whole.state?.step)
      for first in [half, max(half, stop - 20), max(half, stop - 13)] {
        let part = try model.trained(optimiser, steps: first, options: options, data: data)
        try await ModelFileTests.inFolder { folder in
          let url = folder.appendingPathComponent("part.safetensors")
          try part.save(to: url)
          for start in [part, try TrainedDiffusion(contentsOf: url)] {
            let resumed = try await start.resume(on: data, totalSteps: 600, options: options)
            #expect(isSame(resumed.state, whole.state), "patience \(patience), from \(first)")
            #expect(resumed.parameters.map(\.bitPattern) == whole.parameters.map(\.bitPattern))
          }
        }
      }
    }
  }

  /// States that no training comes to, from files: refused, not run.
  @Test func aStateThatDoesNotFitIsRefused() async throws {
    let model = SmallModel.perStep
    let data = try model.data()
    let trained = try model.trained(steps: 5, options: TrainingOptions(batchSize: 64, averaging: 0.5))
    let changes: [(inout TrainingState) -> Void] = [
      { $0.tensors["slice_updates.0"] = nil },
      { $0.change("slice_updates.0") { (updates: inout [Int64]) in updates.removeLast() } },
      { $0.change("slice_clocks.0") { (clocks: inout [Double]) in clocks.append(0) } },
      { $0.change("slice_updates.0") { (updates: inout [Int64]) in updates[3] = .max } },
      { $0.change("slice_updates.0") { (updates: inout [Int64]) in updates[3] = -1 } },
      { $0.change("second_moment") { (moment: inout [Float]) in moment.removeLast() } },
      { $0.tensors["first_moment"] = nil }, { $0.tensors["average"] = nil }, { $0.tensors["parameters"] = nil },
      { $0.step = -1 }, { $0.step = .max - 1 }, { $0.sliceCounts = [] }, { $0.sliceCounts[0] = -1 },
      { $0.tileRows = 0 }, { $0.tileRows = 1 << 40 }, { $0.tileRows = 17 }, { $0.sliceCounts[0] = .max },
      { $0.change("parameters") { (numbers: inout [Float]) in numbers[0] = .nan } },
      { $0.change("first_moment") { (moment: inout [Float]) in moment[1] = .infinity } },
      { $0.change("average") { (average: inout [Float]) in average[1] = .nan } },
      { $0.averageClock = .nan }, { $0.averageClock = 1 },
      { $0.change("slice_clocks.0") { (clocks: inout [Double]) in clocks[0] = 1 } },
      { $0.change("slice_clocks.0") { (clocks: inout [Double]) in clocks[0] = -.infinity } },
      { $0.runningLoss = .nan }, { ($0.bestBits, $0.tensors["best"]) = (.nan, $0.tensors["parameters"]) },
    ]
    try await ModelFileTests.inFolder { folder in
      let url = folder.appendingPathComponent("model.safetensors")
      for (index, change) in changes.enumerated() {
        let broken = TrainedDiffusion(
          model: trained.model, parameters: trained.parameters, scaling: trained.scaling,
          state: trained.state?.with(change))
        try broken.save(to: url)
        do {
          _ = try await TrainedDiffusion(contentsOf: url).resume(on: data, totalSteps: .max)
          Issue.record("change \(index) goes unnoticed")
        } catch is ModelFileError {
        } catch TrainingError.cannotResume {
        }
      }
      // An average that keeps nothing is no fault.
      let plain = try model.trained(steps: 5, options: TrainingOptions(batchSize: 64, averaging: 0))
      try plain.save(to: url)
      let loaded = try TrainedDiffusion(contentsOf: url)
      #expect(isSame(loaded.state, plain.state))
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
