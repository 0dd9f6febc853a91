import DiffusionDSL
import ExampleSupport
import Foundation

/// One run of the example: what is trained on what, and how far one can get.
struct Study: Sendable {
  let network: Network
  let roll: SwissRoll
  /// beta_1.
  let firstVariance: Double
  let recipe: Recipe
  let options: ExampleOptions
  /// -H of the data in bits; infinite without noise.
  let negativeEntropy: Double
  /// What no network can pass, in bits; nil where none is known.
  let ceiling: Double?

  init(network: Network, roll: SwissRoll, firstVariance: Double, recipe: Recipe, options: ExampleOptions) {
    self.network = network
    self.roll = roll
    self.firstVariance = firstVariance
    self.recipe = recipe
    self.options = options
    negativeEntropy = roll.negativeEntropyBits
    if network.learnsLastStep {
      ceiling = negativeEntropy.isFinite ? negativeEntropy : nil
    } else {
      ceiling = roll.ceilingBits(firstVariance: firstVariance)
    }
  }

  /// Without noise a learned last step's density would grow without end.
  var isFloored: Bool { network.learnsLastStep && roll.noise == 0 }

  var definition: Diffusion {
    network.definition(firstVariance: firstVariance, floor: isFloored ? firstVariance : 0)
  }

  private var computation: ComputeOptions { ComputeOptions(threads: options.threads) }

  /// Trains the model; cancelling the task stops it.
  func train(on console: Console) async throws -> (model: TrainedDiffusion, record: TrainingRecord) {
    try await definition.training(
      on: rows(recipe.trainingRows, "swiss roll: training"),
      using: .adam(rate: .cosine(recipe.rate)), steps: recipe.steps, seed: options.seed,
      options: TrainingOptions(
        batchSize: recipe.batchSize, scaling: .none, averaging: 0.9995,
        heldOut: rows(recipe.watchedRows, "swiss roll: watching"), evaluateEvery: recipe.evaluateEvery,
        threads: options.threads)
    ).followed(on: console, evaluateEvery: recipe.evaluateEvery)
  }

  /// K on rows that training never saw.
  func score(_ model: TrainedDiffusion) throws -> LowerBound {
    try model.lowerBound(
      on: rows(recipe.scoredRows, "swiss roll: scoring"), seed: options.seed, options: computation)
  }

  /// Rows that the model drew.
  func samples(_ count: Int, from model: TrainedDiffusion) throws -> Rows {
    try model.sample(count, seed: options.seed, options: computation)
  }

  /// Points to draw, two numbers each.
  func shownData(_ count: Int) -> [Double] {
    roll.rows(count, seed: options.seed, purpose: "swiss roll: showing")
  }

  private func rows(_ count: Int, _ purpose: Purpose) throws -> Dataset {
    try Dataset(complete: roll.rows(count, seed: options.seed, purpose: purpose), dimensions: 2)
  }
}
