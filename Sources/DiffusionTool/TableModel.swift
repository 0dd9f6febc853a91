import DiffusionDSL
import Foundation
import ProgramSupport

/// The model that `train` makes of a table, and how it is trained on few rows.
///
/// A network overfits a few hundred rows quickly. So it is small, the rows' numbers get a little noise, the parameters
/// are averaged, and held-out rows tell when to stop. A linear path beside the hidden units lets the model begin as
/// good as normal distributions whose means depend on the labels.
struct TableModel: Sendable {
  /// Updates of the parameters.
  var steps: Int
  var seed: UInt64
  var threads: Int?

  static let usualSteps = 6_000
  static let quickSteps = 300
  private static let asideShare = 0.1
  private static let mostAside = 20_000

  static func definition(_ schema: Schema) -> Diffusion {
    let features = schema.columns.reduce(0) { $0 + ($1.labels?.count ?? 1) }
    return Diffusion {
      ProductKernel(schema)
      ConstantErasure(steps: 60)
      ReverseNetwork(mean: .noise, lastStep: .learned()) {
        Parallel {
          Dense(min(features, 32))
          Chain {
            for _ in 0..<3 { Dense(min(64, max(24, 2 * features)), activation: .silu) }
          }
        }
        Readout(.shared)
      }
    }
  }

  /// Begins training on a table, of which a tenth is kept apart.
  ///
  /// - Returns: the training, the rows that tell when to stop, and whether these were kept apart.
  /// - Throws: `DataError`, `DefinitionError`, `TrainingError`.
  func training(on table: Table) throws -> (training: Training, watched: Table, isKeptApart: Bool) {
    var stream = RandomStream(seed: seed, purpose: "diffusion train/aside")
    let order = Array(table.indices).shuffled(using: &stream)
    // Where there are too few rows to hold any out, the training rows themselves tell when to stop.
    let share = max(1, Int(Double(order.count) * TableModel.asideShare))
    let count = order.count < 4 ? 0 : min(TableModel.mostAside, share)
    let aside = table.rows(at: count == 0 ? order[...] : order[..<count])
    let kept = table.rows(at: order[count...])
    let recipe = FewRowsRecipe(updates: steps, blurredRows: 12_000, watchedRows: 1_500)
    let numeric = table.schema.columns.count { $0.labels == nil }
    let blurred = try kept.repeated(recipe.copiesToBlur(of: kept.count))
      .blurred(seed: seed, purpose: "diffusion train/blur") {
        TableModel.blur(of: $0, rows: kept.count, columns: numeric)
      }
    let definition = TableModel.definition(table.schema)
    let training = try recipe.training(
      of: definition, on: blurred.dataset(for: definition.schema),
      watching: aside.repeated(recipe.copiesToWatch(of: aside.count)).dataset(for: definition.schema), seed: seed,
      threads: threads)
    return (training, aside, count > 0)
  }

  /// The standard deviation of a column's blur; nil for a column without spread or with too large a one.
  ///
  /// - Parameters:
  ///   - cells: of the column; NaN for a missing one.
  ///   - rows: how many rows there are without their copies.
  ///   - columns: how many columns hold numbers.
  private static func blur(of cells: [Double], rows: Int, columns: Int) -> Double? {
    // Half of the bandwidth that a kernel density estimate of normal rows has (Silverman 1986).
    let share = 0.5 * pow(Double(max(1, rows)), -1 / Double(columns + 4))
    let numbers = cells.filter { !$0.isNaN }
    guard let origin = numbers.first else { return nil }
    // In units of the largest, so that no square leaves Double's range.
    let largest = numbers.reduce(0) { max($0, abs($1 - origin)) }
    guard largest > 0, largest.isFinite else { return nil }
    let mean = numbers.reduce(0) { $0 + ($1 - origin) / largest } / Double(numbers.count)
    let square = numbers.reduce(0) { $0 + pow(($1 - origin) / largest - mean, 2) } / Double(numbers.count)
    return share * square.squareRoot() * largest
  }
}
