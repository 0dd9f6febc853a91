import Foundation
import Testing

@testable import DiffusionDSL

/// What each step's loss counts in training, and what it leaves as it is: the bound that is reported.
@Suite struct StepWeightsTests {
  /// Each step has a readout of its own and nothing else, so that a step's weight scales its part of the gradient.
  private static func readouts(_ steps: Int = 6) -> Diffusion {
    Diffusion {
      GaussianKernel(dimensions: 2)
      SignalToNoise(steps: steps, firstVariance: 1e-2)
      ReverseNetwork { Readout(.perStep) }
    }
  }

  private func objective(_ definition: Diffusion, _ options: TrainingOptions) throws -> TrainingObjective {
    let data = try SmallModel.perStep.data()
    let model = try DiffusionModel(definition)
    let scaling = try DataTests.standardising(data)
    return try TrainingObjective(
      model, data, scaling, start: model.initialParameters(seed: 5, data: data, scaling: scaling), seed: 5,
      options: options.with { $0.precision = .double }, pool: WorkerPool(threads: 1),
      cancellation: Cancellation(of: "training", 1, "steps"))
  }

  /// log(abar / (1 - abar)) of each step, plainly.
  private func logSignalToNoise(_ schedule: any DiffusionSchedule) -> [Double] {
    var signal = 1.0
    return schedule.betas.map { beta in
      signal *= 1 - beta
      return log(signal / (1 - signal))
    }
  }

  @Test func weightsAreWhatTheirPapersSay() throws {
    let schedule = Cosine(steps: 30)
    let ratios = logSignalToNoise(schedule)
    for first in [1, 2] {
      let logistic = try #require(StepWeights.logistic(center: -1).values(betas: schedule.betas, first: first))
      let noise = try #require(StepWeights.noiseError.values(betas: schedule.betas, first: 2))
      let learned = (first - 1)..<30
      for (values, first) in [(logistic, first), (noise, 2)] {
        #expect(abs(values[(first - 1)...].reduce(0, +) / Double(31 - first) - 1) < 1e-12)
      }
      for index in learned {
        let expected = 1 / (1 + exp(ratios[index] + 1)) / (1 / (1 + exp(ratios[29] + 1)))
        #expect(abs(logistic[index] / logistic[29] - expected) < 1e-9 * expected)
      }
      // Ho et al., eq. 12 to 14: the bound's factor is beta^2 / (2 sigma^2 alpha (1 - abar)), sigma^2 the posterior's.
      var signal = 1.0
      let factors = schedule.betas.map { beta -> Double in
        let before = signal
        signal *= 1 - beta
        let variance = beta * (1 - before) / (1 - signal)
        return beta * beta / (2 * variance * (1 - beta) * (1 - signal))
      }
      for index in 1..<30 {
        #expect(abs(noise[index] / noise[5] - factors[5] / factors[index]) < 1e-7 * factors[5] / factors[index])
      }
    }
    #expect(StepWeights.bound.values(betas: schedule.betas, first: 2) == nil)
  }

  @Test(arguments: [StepSampling.uniform, .byLoss])
  func eachStepsGradientIsMultipliedByItsWeight(_ sampling: StepSampling) throws {
    let definition = Self.readouts()
    // As many tiles as steps.
    let options = TrainingOptions(batchSize: 320, stepSampling: sampling).with { $0.tileRows = 16 }
    let plain = try objective(definition, options)
    let weighted = try objective(definition, options.with { $0.stepWeights = StepWeights { Double($0.index) } })
    let weights = try #require(weighted.stepWeights)
    let layout = try DiffusionModel(definition).layout
    // Steps 2 ... 6 are learned, and weigh 2 ... 6 over their mean.
    #expect(weights == [1, 0.5, 0.75, 1, 1.25, 1.5])
    for minibatch in 0..<5 {
      let (before, after) = (try plain.evaluate(minibatch), try weighted.evaluate(minibatch))
      #expect(before.loss == before.boundLoss)
      #expect(abs(after.boundLoss - before.loss) < 1e-9 * abs(before.loss))
      #expect(after.loss != before.loss)
      #expect(plain.touched == weighted.touched)
      for entry in layout.entries {
        let slice = entry.shape.count / 6
        for step in 2...6 {
          for place in entry.offset + (step - 1) * slice..<entry.offset + step * slice {
            let expected = plain.gradient[place] * weights[step - 1]
            #expect(abs(weighted.gradient[place] - expected) <= 1e-9 * abs(expected), "\(entry.name) at step \(step)")
          }
        }
      }
    }
  }

  /// Weights are kept with the state of training, in a file too, though the function that gave them is not.
  @Test(arguments: [StepSampling.uniform, .byLoss]) func goOnWithTraining(_ sampling: StepSampling) async throws {
    let model = SmallModel.bumps
    let data = try model.data()
    let options = TrainingOptions(batchSize: 240, stepSampling: sampling, stepWeights: .logistic(center: -1))
    let whole = try model.trained(steps: 40, options: options, data: data)
    let part = try model.trained(steps: 17, options: options, data: data)
    #expect(
      try model.trained(steps: 17, options: TrainingOptions(batchSize: 240), data: data).parameters != part.parameters)
    try await ModelFileTests.inFolder { folder in
      let url = folder.appendingPathComponent("part.safetensors")
      try part.save(to: url)
      let resumed = try await TrainedDiffusion(contentsOf: url).resume(on: data, totalSteps: 40)
      #expect(isSame(resumed.state, whole.state))
      #expect(resumed.parameters.map(\.bitPattern) == whole.parameters.map(\.bitPattern))

      for change: (inout [Double]) -> Void in [{ $0.removeLast() }, { $0[2] = 0 }, { $0[2] = .nan }, { $0[2] = -1 }] {
        let state = part.state?.with { state in
          guard var weights = state.tensors["step_weights"]?.doubles else { return }
          change(&weights)
          state.tensors["step_weights"] = StateTensor(weights)
        }
        let broken = TrainedDiffusion(
          model: part.model, parameters: part.parameters, scaling: part.scaling, state: state)
        try broken.save(to: url)
        #expect(throws: ModelFileError.self) { try TrainedDiffusion(contentsOf: url) }
        await #expect(throws: TrainingError.self) { try await broken.resume(on: data, totalSteps: 40) }
      }
    }
  }

  @Test(arguments: [0.0, -1, .infinity, .nan]) func impossibleWeightsAreRefused(_ weight: Double) throws {
    #expect {
      _ = try Self.readouts().training(
        on: try SmallModel.perStep.data(), steps: 5, seed: 1,
        options: TrainingOptions(stepWeights: StepWeights { $0.index == 4 ? weight : 1 }))
    } throws: { error in "\(error)".contains("stepWeights give step 4 ") }
  }

  @Test func onlyRatiosMatter() throws {
    let betas = Cosine(steps: 12).betas
    let some = try #require(StepWeights { Double($0.index) }.values(betas: betas, first: 2))
    let large = try #require(StepWeights { Double($0.index) * 1e307 }.values(betas: betas, first: 2))
    for (one, other) in zip(some, large) { #expect(abs(one - other) < 1e-12) }
    let schedule = AnySchedule(Cosine(steps: 12))
    #expect(StepWeights { _ in -1 }.fault(for: schedule, first: 2)?.contains("step 2") == true)
    #expect(StepWeights { $0.index == 7 ? 1e-20 : 1 }.fault(for: schedule, first: 2)?.contains("step 7") == true)
    #expect(StepWeights.logistic(center: -3).fault(for: schedule, first: 1) == nil)
    #expect(StepWeights.noiseError.fault(for: AnySchedule(Cosine(steps: 12)), first: 1)?.contains("step 1") == true)
  }

  @Test func aLearnedScheduleTakesNone() throws {
    let definition = Diffusion {
      GaussianKernel(dimensions: 2)
      LearnedSchedule(steps: 10, firstVariance: 1e-2)
      ReverseNetwork { Readout(.perStep) }
    }
    #expect {
      _ = try definition.training(
        on: try SmallModel.perStep.data(), steps: 5, seed: 1,
        options: TrainingOptions(stepWeights: .logistic(center: 0)))
    } throws: { error in "\(error)".contains("learned") }
  }
}
