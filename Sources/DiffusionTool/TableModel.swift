import DiffusionDSL
import Foundation

/// The model that `train` makes of a table, and how it is trained on few rows.
///
/// A few hundred rows are soon learned by heart. So the network is small, the rows' numbers are blurred a little, the
/// parameters are averaged, and rows that are set aside tell when to stop. A linear path beside the hidden units lets
/// the model begin as good as normal distributions whose means move with the labels.
struct TableModel: Sendable {
  /// Updates of the parameters.
  var steps: Int
  var seed: UInt64
  var threads: Int?

  static let usualSteps = 6_000
  static let quickSteps = 300
  private static let asideShare = 0.1
  /// Training rows are copied, each copy blurred anew, to about so many.
  private static let blurredRows = 12_000
  /// Rows set aside are scored with noise of their own in copies to about so many: a few rows' K is too noisy to tell
  /// when to stop.
  private static let asideRows = 1_500
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
    // Too few to spare any tell when to stop themselves.
    let share = max(1, Int(Double(order.count) * TableModel.asideShare))
    let count = order.count < 4 ? 0 : min(TableModel.mostAside, share)
    let aside = table.rows(at: count == 0 ? order[...] : order[..<count])
    let kept = table.rows(at: order[count...])
    let definition = TableModel.definition(table.schema)
    let watched = aside.repeated(max(1, TableModel.asideRows / aside.count))
    let evaluateEvery = max(50, steps / 40)
    let training = try definition.training(
      on: blurred(kept.repeated(max(1, TableModel.blurredRows / max(1, kept.count))), rows: kept.count),
      using: .adam(rate: .cosine(3e-3)), steps: steps, seed: seed,
      options: TrainingOptions(
        batchSize: 256, averaging: 0.995, clipping: 100, heldOut: watched.dataset(for: definition.schema),
        evaluateEvery: evaluateEvery, earlyStopping: .init(patience: 10), threads: threads))
    return (training, aside, count > 0)
  }

  /// The rows with normal noise in their numbers, which smooths what is learned as a penalty on steep functions would
  /// (Bishop 1995), and keeps numbers on a grid, such as rounded ones, from a density without end.
  ///
  /// - Parameter rows: how many of them are no copies.
  private func blurred(_ table: Table, rows: Int) throws(DataError) -> Table {
    let width = table.schema.columns.count
    let numeric = table.schema.columns.indices.filter { table.schema.columns[$0].labels == nil }
    // Half of the bandwidth that a kernel density estimate of normal rows has (Silverman 1986).
    let share = 0.5 * pow(Double(max(1, rows)), -1 / Double(numeric.count + 4))
    var cells = table.cells
    for column in numeric {
      let numbers = stride(from: column, to: cells.count, by: width).map { cells[$0] }.filter { !$0.isNaN }
      guard !numbers.isEmpty else { continue }
      // In units of the largest, so that no square leaves Double's range.
      let origin = numbers[0]
      let largest = numbers.reduce(0) { max($0, abs($1 - origin)) }
      guard largest > 0, largest.isFinite else { continue }
      let mean = numbers.reduce(0) { $0 + ($1 - origin) / largest } / Double(numbers.count)
      let square = numbers.reduce(0) { $0 + pow(($1 - origin) / largest - mean, 2) } / Double(numbers.count)
      let deviation = share * square.squareRoot() * largest
      for row in table.indices {
        var noise = RandomStream(
          seed: seed, purpose: "diffusion train/blur", chain: UInt64(row), step: UInt32(truncatingIfNeeded: column))
        cells[row * width + column] += deviation * Double(noise.nextNormal())
      }
    }
    return try Table(cells: cells, schema: table.schema)
  }
}

extension Table {
  /// The rows so many times, one copy behind the other.
  fileprivate func repeated(_ times: Int) -> Table { rows(at: (0..<times).flatMap { _ in indices }) }
}
