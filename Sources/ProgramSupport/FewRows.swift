import DiffusionDSL

/// How a model is trained on some hundreds of rows, which are soon learned by heart.
///
/// Rows that are set aside tell when to stop. The others are copied, and each copy is blurred with noise of its own;
/// the parameters are averaged.
///
///     let recipe = FewRowsRecipe(updates: 6_000, blurredRows: 12_000, watchedRows: 1_500)
///     let copies = recipe.copiesToBlur(of: kept.count)
public struct FewRowsRecipe: Sendable {
  /// Updates of the parameters, at most.
  public var updates: Int
  /// Rows of a minibatch.
  public var batchSize: Int
  /// The decay of the parameters' running average.
  public var averaging: Double
  /// The first learning rate, which descends as a half cosine.
  public var rate = 3e-3
  /// About how many rows there are once the rows to train on are copied, each copy blurred anew.
  public var blurredRows: Int
  /// About how many rows there are once the rows set aside are copied. Each copy is scored with noise of its own, since
  /// the K of a few rows is too noisy to tell when to stop.
  public var watchedRows: Int

  /// A recipe; each part is described at its property.
  public init(updates: Int, batchSize: Int = 256, averaging: Double = 0.995, blurredRows: Int, watchedRows: Int) {
    self.updates = updates
    self.batchSize = batchSize
    self.averaging = averaging
    self.blurredRows = blurredRows
    self.watchedRows = watchedRows
  }

  /// Updates between two evaluations on the rows set aside.
  public var evaluateEvery: Int { max(50, updates / 40) }

  /// How many copies of each of `count` rows are blurred.
  public func copiesToBlur(of count: Int) -> Int { max(1, blurredRows / max(1, count)) }

  /// How many copies of each of `count` rows set aside are scored.
  public func copiesToWatch(of count: Int) -> Int { max(1, watchedRows / max(1, count)) }

  /// Begins training.
  ///
  /// - Parameters:
  ///   - definition: the model.
  ///   - rows: the blurred copies of the rows to train on.
  ///   - watched: the copies of the rows set aside.
  ///   - seed: names every random number that training draws.
  ///   - threads: nil for as many as there are processors.
  /// - Throws: what `Diffusion.training` throws.
  public func training(
    of definition: Diffusion, on rows: Dataset, watching watched: Dataset, seed: UInt64, threads: Int?
  ) throws -> Training {
    try definition.training(
      on: rows, using: .adam(rate: .cosine(rate)), steps: updates, seed: seed,
      options: TrainingOptions(
        batchSize: batchSize, averaging: averaging, clipping: 100, heldOut: watched, evaluateEvery: evaluateEvery,
        earlyStopping: .init(patience: 10), threads: threads))
  }
}

extension Table {
  /// The rows `times` times, one copy of the table behind the other.
  public func repeated(_ times: Int) -> Table { rows(at: (0..<times).flatMap { _ in indices }) }

  /// The rows with normal noise in their numbers, which smooths what is learned as a penalty on steep functions would
  /// (Bishop 1995), and keeps numbers on a grid, such as rounded ones, from an unbounded density.
  ///
  /// - Parameters:
  ///   - seed: names the noise.
  ///   - purpose: tells the noise from other random numbers of the same seed.
  ///   - deviation: the noise's standard deviation for a column's cells, of which missing ones are NaN; nil leaves the
  ///     column as it is.
  /// - Throws: `DataError` for a cell that is beyond all numbers then.
  public func blurred(
    seed: UInt64, purpose: Purpose, deviation: (_ cells: [Double]) -> Double?
  ) throws(DataError) -> Table {
    let width = schema.columns.count
    var blurred = cells
    for (place, column) in schema.columns.enumerated() where column.labels == nil {
      let numbers = stride(from: place, to: cells.count, by: width).map { cells[$0] }
      guard let deviation = deviation(numbers) else { continue }
      for row in indices {
        var noise = RandomStream(
          seed: seed, purpose: purpose, chain: UInt64(row), step: UInt32(truncatingIfNeeded: place))
        blurred[row * width + place] += deviation * Double(noise.nextNormal())
      }
    }
    return try Table(cells: blurred, schema: schema)
  }
}
