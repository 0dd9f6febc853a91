import DiffusionDSL
import ExampleSupport
import Foundation

/// One run of the example: what is trained on what, and what is asked of it.
struct Study: Sendable {
  /// How much is done.
  struct Recipe: Sendable {
    var trainingSteps = 120_000
    var batchSize = 128
    /// T.
    var steps = 200
    /// beta_1: the paper's 0.001 + 1 / 1000.
    var firstVariance = 2e-3
    /// Test pictures whose bound is reported.
    var scored = 500
    /// Test pictures whose bound is measured at each number of steps.
    var strided = 200
    /// Samples for the Parzen score.
    var samples = 10_000
    /// Pictures that choose the window's width, and that are scored.
    var parzenValidation = 1_000
    var parzenTest = 10_000
    /// Pictures completed, completions of each, and particles for it.
    var completed = 100
    var completions = 10
    var particles = 64
    /// Passes of the classifier over the digits, and how many of these.
    var passes = 8
    var classified = Int.max
  }

  let digits: Digits
  let network: NetworkChoice
  let objective: ObjectiveChoice
  let recipe: Recipe
  let options: ExampleOptions

  init(
    _ digits: Digits, _ network: NetworkChoice, _ objective: ObjectiveChoice, trainingSteps: Int?,
    _ options: ExampleOptions
  ) {
    self.digits = digits
    self.network = network
    self.objective = objective
    self.options = options
    recipe = Study.recipe(trainingSteps: trainingSteps, quick: options.quick)
  }

  /// - Parameter trainingSteps: nil: what suits.
  static func recipe(trainingSteps: Int?, quick: Bool) -> Recipe {
    var recipe = Recipe()
    if quick {
      recipe.trainingSteps = 100
      recipe.steps = 20
      (recipe.scored, recipe.strided) = (20, 8)
      (recipe.samples, recipe.parzenValidation, recipe.parzenTest) = (200, 100, 100)
      (recipe.completed, recipe.completions, recipe.particles) = (2, 4, 16)
      (recipe.passes, recipe.classified) = (1, 5_000)
    }
    if let trainingSteps { recipe.trainingSteps = trainingSteps }
    return recipe
  }

  var computation: ComputeOptions { ComputeOptions(threads: options.threads) }

  var definition: Diffusion {
    network.definition(steps: recipe.steps, firstVariance: recipe.firstVariance)
  }

  var training: LongTraining {
    LongTraining(
      definition, using: Adam(rate: .cosine(2e-3, period: recipe.trainingSteps, warmup: 200)),
      options: TrainingOptions(
        batchSize: recipe.batchSize, scaling: .whole, averaging: 0.999, clipping: 500, stepWeights: objective.weights,
        threads: options.threads), steps: recipe.trainingSteps, seed: options.seed, pixels: UnitPixels.size,
      scaling: PictureScaling(digits.training))
  }

  /// The bound of test pictures.
  func score(_ model: TrainedDiffusion) throws -> LowerBound {
    try model.lowerBound(
      on: Dequantised(digits.test.images(at: 0..<recipe.scored)), seed: options.seed, options: computation)
  }

  /// True samples of the model, in levels.
  func samples(of model: TrainedDiffusion, _ count: Int, on console: Console) throws -> Rows {
    try model.sample(count, seed: options.seed, options: console.computing("sampling", threads: options.threads))
  }

  /// The Parzen scores of several sets of samples, on the same pictures.
  func parzen(_ samples: [UnitPixels]) async throws -> [ParzenScore] {
    let validation = UnitPixels(digits.validation.images(at: 0..<recipe.parzenValidation))
    let test = UnitPixels(digits.test.images(at: 0..<recipe.parzenTest))
    var scores: [ParzenScore] = []
    for samples in samples {
      scores.append(
        try await ParzenScore(of: samples, validation: validation, test: test, threads: options.threadCount))
    }
    return scores
  }

  /// Pictures learned from, as many as there are samples, chosen at random.
  func trainingDigits() -> UnitPixels {
    var stream = RandomStream(seed: options.seed, purpose: "training digits as samples")
    let places = Array(0..<digits.training.count).shuffled(using: &stream).prefix(recipe.samples)
    return UnitPixels(digits.training.images(at: places))
  }

  /// The classifier, of the digits that the model learns from.
  func classifier(on console: Console) throws -> Classifier {
    let used = digits.training.images(at: 0..<min(digits.training.count, recipe.classified))
    return try Classifier(UnitPixels(used), used.labels ?? [], passes: recipe.passes, seed: options.seed) { done in
      console.progress("training a classifier, \(Int(done * 100))%")
    }
  }

  /// Completions of test pictures.
  func completions(of model: TrainedDiffusion, knowing part: KnownPart, on console: Console) async throws -> Completions
  {
    let chosen = digits.test.images(at: 0..<recipe.completed)
    let mask = part.mask
    let known = mask.indices.filter { mask[$0] }
    let truth = chosen.map { $0.map { $0 + 0.5 } }
    let answers = try Posterior.sample(
      recipe.completions, from: truth.map { picture in model.posterior { Observe(mask: mask, equals: picture) } },
      method: .particles(recipe.particles, repeats: 1), seed: options.seed,
      options: console.computing("completing from a \(part.name)", threads: options.threads))

    let nearest = try await SquaredDistances(to: UnitPixels(digits.training), pixels: known).map(
      UnitPixels(chosen).pixels(known), threads: options.threadCount
    ) { _, distances in distances.indices.min { distances[$0] < distances[$1] } ?? 0 }
    return Completions(
      part: part, truth: truth, labels: chosen.labels ?? [], drawn: answers.map(\.samples),
      nearest: zip(truth, nearest).map { picture, neighbour in
        let other = digits.training[neighbour]
        return picture.indices.map { mask[$0] ? picture[$0] : other[$0] + 0.5 }
      }, effectiveSizes: answers.map(\.effectiveSampleSize), particles: recipe.particles)
  }
}
