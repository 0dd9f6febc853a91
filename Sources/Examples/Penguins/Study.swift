import DiffusionDSL
import ExampleSupport
import Foundation

/// One run of the example: the rows, the methods, and how they compare.
struct Study: Sendable {
  /// What the results call the methods.
  enum Method {
    static let bound = "diffusion, K (a lower bound)"
    static let probability = "diffusion, log p by importance sampling"
    static let groups = "Gaussian within each species"
    static let independent = "independent fields"
  }

  static let folds = 5

  /// As they were recorded.
  let recorded: Table
  /// Spread over the grids that they were recorded on.
  let table: Table
  let grid = RecordingGrid(steps: PenguinFields.recordingSteps)
  let model: PenguinModel
  let options: ExampleOptions

  init(_ options: ExampleOptions) throws {
    self.options = options
    recorded = try PenguinFields.recorded()
    table = try grid.dequantised(recorded, seed: options.seed)
    var model = PenguinModel()
    if options.quick {
      model.recipe.updates = 300
      model.recipe.blurredRows = 2_000
      model.recipe.watchedRows = 200
    }
    self.model = model
  }

  var missingCells: Int { table.cells.count(where: \.isNaN) }

  var computation: ComputeOptions { ComputeOptions(threads: options.threads) }
  /// Draws of noise for each row's K, so that its own error is small beside the rows' spread.
  private var draws: Int { options.quick ? 2 : 32 }
  /// Trajectories for each row's estimate of log p.
  var trajectories: Int { options.quick ? 16 : 256 }

  /// What the folds gave.
  struct Outcome: Sendable {
    var validation = CrossValidation()
    /// Rows whose estimate of log p rests on too few trajectories.
    var unreliableRows = 0
    /// K and log p of the first fold's held-out rows.
    var example: (bound: LowerBound, probability: LogProbability)?
    var imputation = ImputationStudy()
  }

  /// Fits every method to the training rows of each fold, and scores all on the rows held out.
  func validate(on console: Console) async throws -> Outcome {
    var outcome = Outcome()
    for (index, fold) in CrossValidation.folds(rows: table.count, count: Study.folds, seed: options.seed).enumerated() {
      let training = table.rows(at: fold.training)
      let heldOut = table.rows(at: fold.heldOut)
      console.progress("fold \(index + 1) of \(Study.folds)")
      let independent = IndependentFields(training)
      outcome.validation.add(independent.log2Density(of: heldOut), for: Method.independent)
      let groups = try GroupGaussian(training, by: PenguinFields.species)
      outcome.validation.add(groups.log2Density(of: heldOut), for: Method.groups)

      let (trained, _) = try await model.fit(
        to: training, seed: options.seed, threads: options.threads, console: console)
      let bound = try trained.lowerBound(on: heldOut, seed: options.seed, draws: draws, options: computation)
      outcome.validation.add(bound.rowBits, for: Method.bound)
      let probability = try trained.logProbability(
        of: heldOut, trajectories: trajectories, seed: options.seed, options: computation)
      outcome.validation.add(probability.rows.map(\.bits), for: Method.probability)
      outcome.unreliableRows += probability.unreliableRows.count
      if index == 0 { outcome.example = (bound, probability) }

      try outcome.imputation.add(trained, training: training, heldOut: heldOut, names: fold.heldOut, self)
    }
    return outcome
  }

  /// The model of all rows.
  func fitAll(on console: Console) async throws -> PenguinModel.Fit {
    try await model.fit(to: table, seed: options.seed, threads: options.threads, console: console)
  }

  /// Samples, rounded to the grids that the data were recorded on.
  func samples(from model: TrainedDiffusion) throws -> Table {
    try grid.rounded(model.sampleTable(1_000, seed: options.seed, options: computation))
  }
}
