import DiffusionDSL
import ExampleSupport
import Foundation

/// The joint model of all fields, and how it is trained on some hundreds of rows.
///
/// So few rows are soon learned by heart. Therefore the network is small, the rows are blurred a little, the parameters
/// are averaged, and rows that are set aside tell when to stop. A linear path beside the hidden units lets the model
/// begin as good as normal distributions whose means move with the labels. Docs/Results.md has what else was tried.
struct PenguinModel: Sendable {
  /// The choices that were tuned, on rows set aside from training folds.
  struct Recipe: Sendable {
    /// The standard deviation of the blur, as a share of each number's own.
    var blur = 0.22
    /// Training rows are copied, each copy blurred anew, to about so many.
    var blurredRows = 12_000
    /// The share of the training rows that is set aside to decide when to stop.
    var asideShare = 0.1
    /// Rows set aside are scored with noise of their own in copies to about so many: a few rows' K is too noisy to tell
    /// when to stop.
    var asideRows = 1_500
    var updates = 6_000
    var batchSize = 256
    var rate = 3e-3

    var evaluateEvery: Int { max(50, updates / 40) }
  }

  var recipe = Recipe()

  static let definition = Diffusion {
    PenguinFields.kernel
    ConstantErasure(steps: 60)
    ReverseNetwork(mean: .noise, lastStep: .learned()) {
      Parallel {
        Dense(PenguinFields.features)
        Chain {
          for _ in 0..<3 { Dense(16, activation: .silu) }
        }
      }
      Readout(.bumps(12))
    }
  }

  /// A model that was trained, and how training went.
  typealias Fit = (model: TrainedDiffusion, record: TrainingRecord)

  /// Trains the model; cancelling the task stops it.
  ///
  /// - Parameter training: rows of all fields, of which cells may be missing.
  func fit(to training: Table, seed: UInt64, threads: Int?, console: Console) async throws -> Fit {
    var stream = RandomStream(seed: seed, purpose: "penguins/aside")
    let order = training.indices.shuffled(using: &stream)
    let aside = max(1, Int(Double(order.count) * recipe.asideShare))
    let watched = training.rows(at: order[..<aside]).repeated(max(1, recipe.asideRows / aside))
    let kept = training.rows(at: order[aside...])
    let blurred = try kept.repeated(max(1, recipe.blurredRows / kept.count)).blurred(by: recipe.blur, seed: seed)
    return try await PenguinModel.definition.training(
      on: blurred, using: .adam(rate: .cosine(recipe.rate)), steps: recipe.updates, seed: seed,
      options: TrainingOptions(
        batchSize: recipe.batchSize, averaging: 0.999, clipping: 100,
        heldOut: watched.dataset(for: PenguinModel.definition.schema), evaluateEvery: recipe.evaluateEvery,
        earlyStopping: .init(patience: 10), threads: threads)
    ).followed(on: console, evaluateEvery: recipe.evaluateEvery)
  }
}

extension Table {
  /// The rows so many times, one copy behind the other.
  fileprivate func repeated(_ times: Int) -> Table {
    rows(at: (0..<times).flatMap { _ in indices })
  }

  /// The rows with normal noise in their numbers, which smooths what is learned as a penalty on steep functions would
  /// (Bishop 1995).
  ///
  /// - Parameter deviation: of the noise, as a share of each column's standard deviation.
  fileprivate func blurred(by deviation: Double, seed: UInt64) throws -> Table {
    var cells = cells
    let width = schema.columns.count
    for (place, column) in schema.columns.enumerated() where column.labels == nil {
      let numbers = numbers(of: column.name) ?? []
      let scale = deviation * Moments(of: numbers).deviation
      for row in indices {
        var noise = RandomStream(
          seed: seed, purpose: "penguins/blur", chain: UInt64(row), step: UInt32(truncatingIfNeeded: place))
        cells[row * width + place] += scale * Double(noise.nextNormal())
      }
    }
    return try Table(cells: cells, schema: schema)
  }
}
