import ArgumentParser
import DiffusionDSL
import ExampleSupport
import Foundation

/// How the readout depends on the step.
enum ReadoutChoice: String, CaseIterable, ExpressibleByArgument, Sendable {
  /// The paper's: an independent top layer for each step.
  case perStep
  /// A mix of a few top layers by bumps over the steps.
  case bumps

  var kind: Readout.Kind { self == .perStep ? .perStep : .bumps(20) }
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
    var batchSize: Int
    /// Rows for the bound that is reported, equally many of each sequence.
    var scoredRows = 10_000
    var samples = 1_000
    var evaluateEvery: Int
  }

  /// T.
  static let steps = 2_000
  /// Rows of the training curve's evaluations.
  static let watchedRows = 100

  init(_ readout: ReadoutChoice, _ lastStep: LastStepChoice, trainingSteps: Int?, _ options: ExampleOptions) {
    self.readout = readout
    self.lastStep = lastStep
    self.options = options
    // A readout for each step learns from the few tiles that meet its step, so there it is many small minibatches.
    var recipe =
      readout == .bumps
      ? Recipe(trainingSteps: 100_000, batchSize: 1_024, evaluateEvery: 5_000)
      : Recipe(trainingSteps: 1_000_000, batchSize: 256, evaluateEvery: 50_000)
    if options.quick {
      recipe.trainingSteps /= 50
      recipe.evaluateEvery /= 50
      recipe.scoredRows = 500
    }
    if let trainingSteps { recipe.trainingSteps = trainingSteps }
    self.recipe = recipe
  }

  /// Sohl-Dickstein et al. 2015, section 3.1.2 and appendix D.1.2.
  var definition: Diffusion {
    Diffusion {
      BinomialKernel(bits: Heartbeat.bins, mean: Heartbeat.activity)
      ConstantErasure(steps: Study.steps)
      ReverseNetwork(lastStep: lastStep.lastStep) {
        for _ in 0..<3 { Dense(50, activation: .sigmoid) }
        Readout(readout.kind)
      }
    }
  }

  private var computation: ComputeOptions { ComputeOptions(threads: options.threads) }

  /// Trains the model; cancelling the task stops it.
  func train(on console: Console) async throws -> (model: TrainedDiffusion, record: TrainingRecord) {
    try await definition.training(
      on: Heartbeat.rows(Heartbeat.period), using: .adam(rate: .cosine(1e-2)), steps: recipe.trainingSteps,
      seed: options.seed,
      options: TrainingOptions(
        batchSize: recipe.batchSize, averaging: 0.9995, heldOut: Heartbeat.rows(Study.watchedRows),
        evaluateEvery: recipe.evaluateEvery, threads: options.threads)
    ).followed(on: console, evaluateEvery: recipe.evaluateEvery)
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
