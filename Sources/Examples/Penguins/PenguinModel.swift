import DiffusionDSL
import ExampleSupport
import Foundation

/// The joint model of all fields, and how it is trained on some hundreds of rows.
///
/// A network overfits so few rows quickly. So it is small, the rows get a little noise, the parameters are averaged,
/// and held-out rows tell when to stop. A linear path beside the hidden units lets the model begin as good as normal
/// distributions whose means depend on the labels. Docs/Results.md has what else was tried.
struct PenguinModel: Sendable {
  /// The choices that were tuned, on rows set aside from training folds.
  var recipe = FewRowsRecipe(updates: 6_000, averaging: 0.999, blurredRows: 12_000, watchedRows: 1_500)
  /// The standard deviation of the blur, as a share of each number's own.
  private static let blur = 0.22
  /// The share of the training rows that is set aside to decide when to stop.
  private static let asideShare = 0.1

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
    let aside = max(1, Int(Double(order.count) * PenguinModel.asideShare))
    let watched = training.rows(at: order[..<aside]).repeated(recipe.copiesToWatch(of: aside))
    let kept = training.rows(at: order[aside...])
    let blurred = try kept.repeated(recipe.copiesToBlur(of: kept.count)).blurred(seed: seed, purpose: "penguins/blur") {
      PenguinModel.blur * Moments(of: $0).deviation
    }
    let schema = PenguinModel.definition.schema
    return try await recipe.training(
      of: PenguinModel.definition, on: blurred.dataset(for: schema), watching: watched.dataset(for: schema), seed: seed,
      threads: threads
    ).followed(on: console, evaluateEvery: recipe.evaluateEvery)
  }
}
