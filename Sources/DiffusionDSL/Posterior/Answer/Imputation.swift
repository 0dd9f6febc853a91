import Foundation

/// Draws of the missing cells of rows, given the cells that each row has.
public struct Imputation: Sendable {
  /// One missing cell and what is known of it.
  public struct Cell: Sendable {
    /// Its row.
    public let row: Int
    /// Its column.
    public let column: Int
    /// What the column is called.
    public let field: String
    /// The labels of a bit or category; nil for a continuous column.
    public let labels: [String]?
    /// Draws in the data's units, or of the numbers that stand for values; equally likely.
    public let draws: [Double]

    /// Their mean: for a continuous column.
    public var mean: Double { draws.reduce(0, +) / Double(draws.count) }

    /// The central interval that contains this share of the draws: for a continuous column.
    ///
    /// - Parameter probability: from 0 to 1; others are brought into that range.
    public func interval(_ probability: Double = 0.9) -> ClosedRange<Double> {
      let sorted = draws.sorted()
      let tail = (1 - max(0, min(probability, 1))) / 2
      // Between neighbouring draws, as far as the level lies between theirs.
      func quantile(_ level: Double) -> Double {
        let place = level * Double(sorted.count - 1)
        let (low, part) = (Int(place), place - Double(Int(place)))
        return sorted[low] + part * (sorted[min(low + 1, sorted.count - 1)] - sorted[low])
      }
      let lower = quantile(tail)
      return lower...max(lower, quantile(1 - tail))
    }

    /// The share of each value of a bit or category, in the order of the numbers that stand for them; none for a
    /// continuous column.
    public var probabilities: [Double] {
      var counts = (labels ?? []).map { _ in 0.0 }
      for place in draws.compactMap(Int.init(exactly:)) where counts.indices.contains(place) { counts[place] += 1 }
      return counts.map { $0 / Double(draws.count) }
    }

    /// The number of the value with the largest share, the smallest number where several are equal; NaN for a
    /// continuous column.
    public var mode: Double {
      guard labels != nil else { return .nan }
      var counts: [Double: Int] = [:]
      for draw in draws { counts[draw, default: 0] += 1 }
      return counts.max { $0.value == $1.value ? $0.key > $1.key : $0.value < $1.value }?.key ?? .nan
    }
  }

  /// The columns.
  public let schema: Schema
  /// The missing cells, row by row.
  public let cells: [Cell]
  /// The rows with their missing cells filled in, once for each draw. The cells of a row in one copy were drawn
  /// together.
  public let draws: [Rows]
  /// The rows with their missing cells filled in by the mean or, for bits and categories, by the mode.
  public let filled: Rows
  /// For each row, how many independent draws would be worth as much as its particles; infinite for a complete row. Its
  /// draws say no more than these, however many there are.
  public let effectiveSampleSizes: [Double]

  /// `filled` by its fields' names.
  public var table: Table { Table(checked: filled.flat, schema: schema) }

  /// A missing cell; nil where it was not missing, and where there is no such row or field.
  public subscript(row: Int, field: some Field) -> Cell? { schema.index(of: field.name).flatMap { self[row, $0] } }

  /// A missing cell by its field's name; nil where it was not missing, and where there is no such row or field.
  public subscript(row: Int, field: String) -> Cell? { schema.index(of: field).flatMap { self[row, $0] } }

  /// A missing cell by the places of its row and column; nil where it was not missing, and where there is none.
  public subscript(row: Int, column: Int) -> Cell? {
    // Cells are in the order of rows.
    var (low, high) = (0, cells.count)
    while low < high {
      let middle = (low + high) / 2
      if cells[middle].row < row { low = middle + 1 } else { high = middle }
    }
    return cells[low...].prefix { $0.row == row }.first { $0.column == column }
  }
}

extension TrainedDiffusion {
  /// Draws of the missing cells of rows from the posterior given the observed cells; each row may lack other cells.
  ///
  /// Every row is a query of one form, so a thousand rows take little longer than their particles. A row's draws depend
  /// on the row, the seed and its place among the rows alone.
  ///
  /// - Parameters:
  ///   - source: rows in the data's units, nil for a missing cell in arrays; or a `Dataset` or a `Table`.
  ///   - draws: for each row, 1 or more.
  ///   - particles: for each row; give at least as many as `draws`.
  ///   - seed: names the random numbers.
  ///   - options: threads, precision and vector width.
  /// - Throws: `DataError` for rows that the kernel is not for; `PosteriorError.noDraws` for a row so unlikely
  ///   that no particle survives; `DefinitionError`; `Cancelled` when the task is cancelled.
  public func impute(
    _ source: some RowSource, draws: Int = 100, particles: Int = 1_024, seed: UInt64, options: ComputeOptions = .init()
  ) throws -> Imputation {
    let data = try source.dataset(for: definition.schema)
    try definition.kernel.check(data)
    for (what, value) in [("draws", draws), ("particles", particles)] where value < 1 {
      throw PosteriorError.invalidCount(what: what, value: value)
    }
    try DataError.check("draws", draws, limit: max(1, model.mostChains / data.count))
    try DataError.check("particles", particles, limit: model.mostChains)
    let columns = definition.schema.columns
    let rows = (0..<data.count).map { data[$0] }
    let incomplete = rows.indices.filter { rows[$0].contains(where: \.isNaN) }
    var answers: [PosteriorAnswer] = []
    if !incomplete.isEmpty {
      let queries = try incomplete.map { row in
        try CombinedFactors(known: rows[row], columns, self)
      }
      let programs = try PosteriorPrograms(self, queries[0], .carried, options: options)
      let pool = WorkerPool(threads: options.threads, progress: options.progress)
      let work = ParticleWork(
        self, programs, queries, particles: particles, repeats: 1, isWeighted: true, seed: seed,
        chainOfQuery: { UInt64(incomplete[$0]) }, threads: pool.threads,
        cancellation: Cancellation(of: "imputation", queries.count, "rows"))
      answers = try zip(zip(incomplete, queries), try work.run(pool)).map { item, outcomes in
        let (row, query) = item
        if let step = outcomes.compactMap(\.diedAt).first { throw PosteriorError.noDraws(row: row, step: step) }
        return PosteriorAnswer(self, query, .carried, outcomes, count: draws, isWeighted: true, seed: seed)
      }
    }
    var cells: [Imputation.Cell] = []
    var (filled, sizes) = (rows, Array(repeating: Double.infinity, count: rows.count))
    var drawn = Array(repeating: rows, count: draws)
    for (row, answer) in zip(incomplete, answers) {
      sizes[row] = answer.effectiveSampleSize
      for column in columns.indices where rows[row][column].isNaN {
        let cell = Imputation.Cell(
          row: row, column: column, field: columns[column].name, labels: columns[column].labels,
          draws: answer.samples.column(column))
        cells.append(cell)
        filled[row][column] = columns[column].labels == nil ? cell.mean : cell.mode
        for draw in 0..<draws { drawn[draw][row][column] = cell.draws[draw] }
      }
    }
    func flat(_ rows: [[Double]]) -> Rows { Rows(flat: rows.flatMap { $0 }, dimensions: dimensions) }
    return Imputation(
      schema: definition.schema, cells: cells, draws: drawn.map(flat), filled: flat(filled),
      effectiveSampleSizes: sizes)
  }
}

extension CombinedFactors {
  /// The known cells of a row, in a form that all rows share: a missing continuous cell has a normal factor so wide
  /// that it is flat, a missing bit or category the same weight for each value.
  init(known row: [Double], _ columns: [DiffusionDSL.Column], _ trained: TrainedDiffusion) throws(PosteriorError) {
    var factors: [PosteriorFactor] = []
    for (column, number) in row.enumerated() where !number.isNaN {
      factors.append(Observe(column, equals: number).factor)
    }
    try self.init(factors, trained)
    for column in columns.indices where row[column].isNaN {
      if let labels = columns[column].labels {
        self.columns[column].table = labels.map { _ in 1 }
      } else {
        self.columns[column].normal = (0, 1e30)
      }
    }
  }
}
