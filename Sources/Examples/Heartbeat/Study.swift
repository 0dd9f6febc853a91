import ArgumentParser
import DiffusionDSL
import ExampleSupport
import Foundation

/// How the readout depends on the step.
enum ReadoutChoice: String, CaseIterable, ExpressibleByArgument, Sendable {
  /// The paper's: an independent top layer for each step.
  ///
  /// Each of 2,000 layers sees few of a minibatch's rows, so they begin as the mixes of a trained model by bumps and
  /// are then trained by themselves.
  case perStep
  /// A mix of a few top layers by bumps over the steps.
  case bumps
}

/// Where p(x_0 | x_1) comes from.
enum LastStepChoice: String, CaseIterable, ExpressibleByArgument, Sendable {
  case paper, learned

  var lastStep: LastStep { self == .paper ? .paper : .learned() }
}

/// One run of the example: what is trained on what.
struct Study: Sendable {
  let readout: ReadoutChoice
  let lastStep: LastStepChoice
  let recipe: Recipe
  let options: ExampleOptions

  /// How the model is trained and scored.
  struct Recipe: Equatable, Sendable {
    /// Training steps, each with `batchSize` rows.
    var trainingSteps: Int
    /// How many of them, the last, train a top layer for each step by itself.
    var fineTuningSteps = 0
    var batchSize = 1_024
    /// Rows for the bound that is reported, equally many of each sequence.
    var scoredRows = 10_000
    var samples = 1_000
    var evaluateEvery: Int
  }

  /// T.
  static let steps = 2_000
  /// Top layers that bumps mix.
  static let bumps = 20
  /// Rows of the training curve's evaluations.
  static let watchedRows = 100

  init(_ readout: ReadoutChoice, _ lastStep: LastStepChoice, trainingSteps: Int?, _ options: ExampleOptions) {
    self.readout = readout
    self.lastStep = lastStep
    self.options = options
    var recipe = Recipe(trainingSteps: readout == .bumps ? 100_000 : 150_000, evaluateEvery: 5_000)
    if options.quick {
      recipe.trainingSteps /= 50
      recipe.evaluateEvery /= 50
      recipe.scoredRows = 500
    }
    if let trainingSteps { recipe.trainingSteps = trainingSteps }
    if readout == .perStep { recipe.fineTuningSteps = recipe.trainingSteps / 3 }
    self.recipe = recipe
  }

  /// Sohl-Dickstein et al. 2015, section 3.1.2 and appendix D.1.2, with top layers mixed by bumps.
  var definition: Diffusion {
    Diffusion {
      BinomialKernel(bits: Heartbeat.bins, mean: Heartbeat.activity)
      ConstantErasure(steps: Study.steps)
      ReverseNetwork(lastStep: lastStep.lastStep) {
        for _ in 0..<3 { Dense(50, activation: .sigmoid) }
        Readout(.bumps(Study.bumps))
      }
    }
  }

  private var computation: ComputeOptions { ComputeOptions(threads: options.threads) }

  private func trainingOptions() throws -> TrainingOptions {
    TrainingOptions(
      batchSize: recipe.batchSize, averaging: 0.9995, heldOut: try Heartbeat.rows(Study.watchedRows),
      evaluateEvery: recipe.evaluateEvery, threads: options.threads)
  }

  /// Trains the model; cancelling the task stops it.
  func train(on console: Console) async throws -> (model: TrainedDiffusion, record: TrainingRecord) {
    let (data, mixingSteps) = (try Heartbeat.rows(Heartbeat.period), recipe.trainingSteps - recipe.fineTuningSteps)
    var (model, record) = try await definition.training(
      on: data, using: .adam(rate: .cosine(1e-2)), steps: mixingSteps, seed: options.seed, options: trainingOptions()
    ).followed(on: console, evaluateEvery: recipe.evaluateEvery)
    guard readout == .perStep else { return (model, record) }
    model = try model.withPerStepReadout()
    guard recipe.fineTuningSteps > 0 else { return (model, record) }
    let tuned = try await model.fineTuning(
      on: data, using: .adam(rate: .cosine(1e-4)), steps: recipe.fineTuningSteps, seed: options.seed,
      options: trainingOptions()
    ).followed(on: console, evaluateEvery: recipe.evaluateEvery)
    record.append(tuned.record, after: mixingSteps)
    return (tuned.model, record)
  }

  func score(_ model: TrainedDiffusion) throws -> LowerBound {
    try model.lowerBound(on: Heartbeat.rows(recipe.scoredRows), seed: options.seed, options: computation)
  }

  /// The entropy of each reverse step, between its bounds.
  func ledger(of model: TrainedDiffusion) throws -> EntropyLedger {
    try model.entropyLedger(
      on: Heartbeat.rows(options.quick ? 100 : 2_000), seed: options.seed, options: computation)
  }

  /// Samples, and the noise that each began as.
  func samples(from model: TrainedDiffusion) throws -> (samples: Rows, starts: Rows) {
    let samples = try model.sample(recipe.samples, seed: options.seed, options: computation)
    var chains = try model.reverseTrajectory(count: recipe.samples, seed: options.seed, options: computation)
      .makeIterator()
    guard let start = chains.next() else { return (samples, samples) }
    return (samples, start.states)
  }
}
