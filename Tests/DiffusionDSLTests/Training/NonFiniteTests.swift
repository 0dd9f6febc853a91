import Formulas
import Testing

@testable import DiffusionDSL

/// Numbers that stop being finite stop training, which says where and keeps what was good.
@Suite struct NonFiniteTests {
  private func failure(
    _ definition: Diffusion, _ data: Dataset, _ optimiser: any Optimiser, steps: Int = 1_000,
    options: TrainingOptions = .init()
  ) async throws -> (message: String, step: Int, timeStep: Int, place: String, lastGood: TrainedDiffusion) {
    let training = try definition.training(on: data, using: optimiser, steps: steps, seed: 1, options: options)
    do {
      _ = try await training.value
    } catch let error as TrainingError {
      guard case .notFinite(let step, let timeStep, let place, _, let lastGood) = error else { throw error }
      #expect(training.lastGood?.parameters == lastGood.parameters)
      return ("\(error)", step, timeStep, place, lastGood)
    }
    throw TrainingError.cannotResume("training ended")
  }

  @Test(arguments: SmallModel.all, 0..<3)
  func aHugeLearningRateIsNamed(_ model: SmallModel, _ optimiser: Int) async throws {
    // Tanh saturates: with steps of a bounded size the parameters are huge and finite. All others must fail.
    let saturates = model.name == SmallModel.bumps.name && optimiser < 2
    let optimiser = ([.adam(rate: 1e6), .rmsprop(rate: 1e6), .sgd(rate: 1e6)] as [any Optimiser])[optimiser]
    for options in [TrainingOptions(batchSize: 128), TrainingOptions(batchSize: 128, averaging: 0.9)] {
      if saturates {
        let trained = try await model.definition.fit(
          to: model.data(), using: optimiser, steps: 1_000, seed: 1, options: options)
        #expect(trained.parameters.allSatisfy { $0.isFinite })
        continue
      }
      let found = try await failure(model.definition, model.data(), optimiser, options: options)
      #expect(found.step >= 1)
      #expect((1...model.definition.steps).contains(found.timeStep))
      #expect(!found.place.isEmpty)
      #expect(
        found.message
          == "training step \(found.step) met a number that is not finite at t = \(found.timeStep) in \(found.place): "
          + "lower the learning rate, or set clipping")
      #expect(found.lastGood.parameters.allSatisfy { $0.isFinite })
      #expect(found.lastGood.state?.parameters.allSatisfy { $0.isFinite } == true)
      #expect(found.lastGood.state?.step == found.step)
    }
  }

  @Test func theMessageNamesStepTimeLayerAndRemedy() async throws {
    let found = try await failure(
      SmallModel.perStep.definition, SmallModel.perStep.data(), .sgd(rate: 1e6),
      options: TrainingOptions(batchSize: 128))
    #expect(
      found.message
        == "training step 1 met a number that is not finite at t = 3 in mean, subtract: "
        + "lower the learning rate, or set clipping")
    let other = try await failure(
      SmallModel.shared.definition, SmallModel.shared.data(), .sgd(rate: 1e6), options: TrainingOptions(batchSize: 128))
    #expect(
      other.message
        == "training step 2 met a number that is not finite at t = 2 in mean, add: "
        + "lower the learning rate, or set clipping")
  }

  /// Numbers that Float cannot hold once they are squared, given as they are.
  @Test func dataThatOverflowAreNamed() async throws {
    let rows = SmallModel.perStep.rows(100).map { $0 * 1e30 }
    let found = try await failure(
      SmallModel.perStep.definition, Dataset(complete: rows, dimensions: 2), .adam(),
      options: TrainingOptions(scaling: .none))
    #expect(
      found.message
        == "training step 0 met a number that is not finite at t = 2 in RadialBasis (network.1), softmax: "
        + "no parameter has changed yet, so the data are too large: train with scaling: .standardise, or in a larger unit"
    )
    #expect(found.step == 0)
    #expect(found.lastGood.parameters.allSatisfy { $0.isFinite })
    let larger = SmallModel.perStep.rows(100).map { $0 * 1e200 }
    let beyond = try await failure(
      SmallModel.perStep.definition, Dataset(complete: larger, dimensions: 2), .adam(),
      options: TrainingOptions(scaling: .none))
    #expect(beyond.message.contains("the data are too large"))
    // With standardisation the unit does not matter.
    let trained = try SmallModel.perStep.trained(steps: 30, data: Dataset(complete: larger, dimensions: 2))
    let plain = try SmallModel.perStep.trained(steps: 30)
    let bits = try [(trained, larger), (plain, SmallModel.perStep.rows(100))].map { model, rows in
      try model.lowerBound(on: Dataset(complete: rows, dimensions: 2)).bits
    }
    #expect(bits.allSatisfy { $0.isFinite })
  }

  /// Takes a root of what is below 0 for half of the rows.
  private struct Rooted: NetworkLayer {
    static let typeName = "rooted"
    var inside: [Placed<AnyLayer>] { [] }
    var sourceText: String { "Rooted()" }
    func output(of input: Formula, in network: LayerContext) -> Formula { sqrt(input) }
  }

  /// At the first step, finite data of moderate size are not to blame for what a layer or a schedule does.
  @Test func aFormulaOrAScheduleAtFaultIsNamed() async throws {
    func definition(_ schedule: some GivenSchedule, _ layer: any NetworkLayer) -> Diffusion {
      Diffusion {
        GaussianKernel(dimensions: 2)
        schedule
        ReverseNetwork {
          [layer]
          Readout(.shared)
        }
      }
    }
    let data = try SmallModel.perStep.data()
    let layer = try await failure(definition(Cosine(steps: 5), Rooted()), data, .adam())
    #expect(layer.step == 0 && layer.place == "Rooted (network.1), sqrt", "\(layer.place)")
    #expect(layer.message.contains("the data are of moderate size, so it is the formula there"), "\(layer.message)")
    let schedule = try await failure(
      definition(Fixed([1e-50, 1e-48, 0.5]), Dense(3)), data, .adam(), options: TrainingOptions(batchSize: 256))
    #expect(schedule.message.contains("so it is the schedule, whose beta_"), "\(schedule.message)")
  }

  /// A schedule that erases everything has infinite logits, which are not what went wrong.
  @Test func infinitiesOfTheScheduleAreNotBlamed() async throws {
    let model = SmallModel.shared
    let trainer = try model.trainer(steps: 40, options: TrainingOptions(batchSize: 128))
    try trainer.run(report: { _ in })
    #expect(trainer.trained().parameters.allSatisfy { $0.isFinite })
    // One parameter that is not a number makes every tile fail; what used it is named.
    let layout = try DiffusionModel(model.definition).layout
    let bias = try #require(layout["network.1.bias"]).offset
    let broken = try #require(trainer.trained().state).with {
      $0.change(TrainingState.Name.parameters) { (values: inout [Float]) in values[bias] = .nan }
    }
    let again = try model.trainer(steps: 50, options: TrainingOptions(batchSize: 128), from: broken)
    #expect {
      try again.run(report: { _ in })
    } throws: { error in
      guard case TrainingError.notFinite(let step, let timeStep, let place, _, _)? = error as? TrainingError else {
        return false
      }
      return step == 40 && timeStep == 2 && place == "Dense (network.1), affine"
    }
  }
}

extension TrainingState {
  func with(_ change: (inout TrainingState) -> Void) -> TrainingState {
    var state = self
    change(&state)
    return state
  }

  /// Changes the numbers of a tensor.
  mutating func change(_ name: String, _ change: (inout [Float]) -> Void) {
    var values = tensors[name]?.floats ?? []
    change(&values)
    tensors[name] = StateTensor(values)
  }

  /// Changes the numbers of a tensor.
  mutating func change(_ name: String, _ change: (inout [Double]) -> Void) {
    var values = tensors[name]?.doubles ?? []
    change(&values)
    tensors[name] = StateTensor(values)
  }

  /// Changes the numbers of a tensor.
  mutating func change(_ name: String, _ change: (inout [Int64]) -> Void) {
    var values = tensors[name]?.integers ?? []
    change(&values)
    tensors[name] = StateTensor(values)
  }
}
