import DiffusionDSL
import Foundation

/// What examples of pictures have in common: a model is trained on pictures, and scored on others beside a baseline and
/// the paper.
public struct PictureStudy: Sendable {
  /// How much is done.
  public struct Recipe: Sendable {
    /// Updates in all.
    public var trainingSteps: Int
    /// Pictures of an update.
    public var batchSize = 128
    /// T.
    public var steps = 1_000
    /// Test pictures that are scored.
    public var scored = 200
    /// Adam's highest rate.
    public var rate = 2e-3

    /// - Parameter trainingSteps: updates in all.
    public init(trainingSteps: Int) { self.trainingSteps = trainingSteps }
  }

  /// A row of the paper's Table 1, in bits a pixel.
  public struct PaperRow: Sendable {
    /// K, and K - L_null.
    public let bound: Double, overNull: Double
    /// beta_1 of the paper's code, 0.001 + 1 / T, at which every model is scored beside its own.
    public let firstVariance: Double
    /// What else is printed below the table: how the paper's row differs.
    public let difference: String

    /// A row.
    public init(bound: Double, overNull: Double, firstVariance: Double = 2e-3, difference: String) {
      (self.bound, self.overNull, self.difference) = (bound, overNull, difference)
      self.firstVariance = firstVariance
    }
  }

  /// What the pictures are called.
  public let name: String
  /// What those are that are scored.
  public let scoredName: String
  /// Learned from.
  public let training: ImageSet
  /// Scored; may be larger than those that are learned from, where the network is one of any size.
  public let test: ImageSet
  /// The model.
  public let definition: Diffusion
  /// How much is done.
  public let recipe: Recipe
  /// The paper's row of the same kind of pictures.
  public let paper: PaperRow
  /// The command line's options.
  public let options: ExampleOptions

  /// A study; see the properties of the same names.
  public init(
    _ name: String, training: ImageSet, test: ImageSet, scoredName: String = "test pictures", definition: Diffusion,
    recipe: Recipe, paper: PaperRow, options: ExampleOptions
  ) {
    self.name = name
    self.scoredName = scoredName
    self.training = training
    self.test = test
    self.definition = definition
    self.recipe = recipe
    self.paper = paper
    self.options = options
  }

  /// Pixels of a picture that is scored.
  private var pixels: Int { test.width * test.height }

  /// What is about to be done, in one line.
  public var introduction: String {
    "\(name): \(training.count) pictures of \(training.width) x \(training.height) to learn from, T = "
      + "\(definition.steps); \(recipe.trainingSteps) steps of \(recipe.batchSize) pictures"
  }

  /// Trains the model, or goes on.
  ///
  /// - Throws: as `LongTraining.run`.
  public func train(checkpoint: URL, resumes: Bool, on console: Console) async throws -> LongTraining.Outcome {
    let training = LongTraining(
      definition, using: Adam(rate: .cosine(recipe.rate, period: recipe.trainingSteps, warmup: 200)),
      options: TrainingOptions(
        batchSize: recipe.batchSize, scaling: .whole, averaging: 0.999, clipping: 500, stepSampling: .byLoss,
        threads: options.threads), steps: recipe.trainingSteps, seed: options.seed,
      pixels: self.training.width * self.training.height,
      scaling: PictureScaling(self.training))
    return try await training.run(
      on: PictureRows(self.training), checkpoint: checkpoint, resumes: resumes, on: console)
  }

  /// Some of the test pictures, spread evenly over all.
  public func testPictures(_ count: Int) -> ImageSet {
    let used = min(count, test.count)
    return test.images(at: (0..<used).map { $0 * test.count / used })
  }

  /// The model that comes with the example where that is asked for; else trains one, or goes on, writes it as
  /// NAME.safetensors, and scores it.
  ///
  /// - Parameter coming: the model that comes with the example.
  /// - Throws: `MissingModel`, and as `train` and `scores`.
  public func model(
    _ choice: PictureOptions, coming: ComingModel, in context: ExampleContext, _ output: OutputDirectory,
    into report: inout PictureReport
  ) async throws -> TrainedDiffusion {
    guard choice.pretrained else { return try await run(choice, in: context, output, into: &report) }
    let model = try coming.load()
    report.network = "pretrained"
    context.console.print("\(name): a model with \(model.parameterCount) parameters, T = \(model.steps)")
    return model
  }

  /// Trains the model, or goes on, writes it as NAME.safetensors, and scores it.
  private func run(
    _ choice: PictureOptions, in context: ExampleContext, _ output: OutputDirectory, into report: inout PictureReport
  ) async throws -> TrainedDiffusion {
    let console = context.console
    console.print(introduction)
    let outcome = try await train(
      checkpoint: output.file("checkpoint.safetensors"), resumes: choice.resume, on: console)
    let model = outcome.model.withoutTrainingState()
    let file = try output.file("\(context.name).safetensors")
    try model.save(to: file)
    console.print("wrote \(file.relativePath)")
    report.scores = try await scores(of: model, on: console)
    (report.imagesPerSecond, report.steps) = (outcome.picturesPerSecond, outcome.model.trainingSteps)
    console.print("\n" + table(report.scores) + "\n")
    return model
  }

  /// Scores at the model's own beta_1 and, where that is less, at the one of its chain that is nearest to the paper's.
  ///
  /// - Throws: `Cancelled`, `CancellationError`, `UnfittableRows`; `DefinitionError` for test pictures of a size that the
  ///   network cannot take.
  public func scores(of model: TrainedDiffusion, on console: Console) async throws -> [PictureScore] {
    let scored = testPictures(recipe.scored)
    let scaling = PictureScaling(training)
    let model = test.shape == training.shape ? model : try model.resized(to: test.shape)
    let shortened = try model.beginning(atVariance: paper.firstVariance)
    var scores: [PictureScore] = []
    for chain in shortened.betas[0] > model.betas[0] ? [model, shortened] : [model] {
      console.progress("scoring")
      let bound = try chain.lowerBound(
        on: PictureRows(scored), seed: options.seed, options: console.computing("scoring", threads: options.threads))
      let mixture = try await PictureBaseline(channels: test.channels, isQuick: options.quick).fit(
        training, scaling: scaling, floor: chain.betas[0], seed: options.seed, threads: options.threadCount
      ) { console.progress("fitting the baseline, \(Int($0 * 100))%") }
      let baseline = try await mixture.score(scored, seed: options.seed, threads: options.threadCount)
      scores.append(PictureScore(bound, pixels: pixels, mixture: mixture, baseline: baseline))
    }
    return scores
  }

  /// The scores beside the paper's, and what to know about them.
  public func table(_ scores: [PictureScore]) -> String {
    var table = TextTable(["\(name), bits a pixel", "beta_1", "K", "std. error", "K - L_null", "bits/dim"])
    for score in scores {
      let variance = decimals(score.firstVariance, score.firstVariance < 1e-3 ? 6 : 4)
      table.add(
        "this model, \(min(recipe.scored, test.count)) \(scoredName)", variance, decimals(score.bits),
        decimals(score.standardError), decimals(score.overNull), score.bitsPerDim.map { decimals($0) } ?? "")
      let baseline = score.baseline
      table.add(
        "mixture of Gaussian scale mixtures", variance, decimals(baseline.bits), decimals(baseline.standardError),
        decimals(score.overNull - score.bits + baseline.bits))
      table.add(
        "this model less the mixture", variance, decimals(score.bits - baseline.bits),
        decimals(score.standardErrorOfGain))
    }
    table.add("Sohl-Dickstein et al. (2015)", "not told", decimals(paper.bound), "", decimals(paper.overNull))
    let ceiling = { (variance: Double) in
      decimals(-0.5 * Double(test.channels) * log2(2 * Double.pi * M_E * variance), 2)
    }
    return "\(table)\n\nK is that of pictures of variance 1 with noise of variance beta_1, so at most "
      + scores.map { "\(ceiling($0.firstVariance)) at \(decimals($0.firstVariance, 6))" }.joined(separator: " and ")
      + ":\ncompare only what has the same beta_1. The difference's error is that of pairs. The mixture does not score\n"
      + "pixels at the pictures' edges, which have fewer neighbours; the model has to draw them too.\n"
      + paper.difference
  }
}

/// Pictures as rows: bytes as levels with noise within them, other numbers as they are.
public struct PictureRows: RowSource, Sendable {
  private let images: ImageSet

  /// - Parameter images: pictures.
  public init(_ images: ImageSet) { self.images = images }

  /// The pictures, a row each.
  public func dataset(for schema: Schema) throws(DataError) -> Dataset {
    images.levels == nil ? try images.dataset(for: schema) : try Dequantised(images).dataset(for: schema)
  }
}
