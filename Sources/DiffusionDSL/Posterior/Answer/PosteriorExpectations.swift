// swift-format-ignore-file: AmbiguousTrailingClosureOverload
// A function takes a row as numbers or by its fields; where both would do, numbers are meant.

// What an answer says of functions of a row, of columns and of fields: over all particles of all repeats, by their
// weights, with errors from the repeats.

extension PosteriorAnswer {
  /// The mean of a function of a row.
  ///
  /// - Parameter function: given a row in the data's units.
  public func expectation(of function: (_ row: [Double]) -> Double) -> Estimate {
    estimate(systems.map { system in system.rows.map(function) })
  }

  /// A row that is asked for its numbers and labels by their fields.
  public struct Row: Sendable {
    /// The row.
    public let record: Record

    /// A number; NaN where the model has no such field.
    public subscript(field: Continuous) -> Double { record[field] ?? .nan }

    /// A label; nil where the model has no such field.
    public subscript<F: Field>(field: F) -> F.Value? { record[field] }
  }

  /// The mean of a function of a row that is read by fields:
  ///
  ///     answer.expectation { row in row[mass] / row[bill] }
  @_disfavoredOverload
  public func expectation(of function: (_ row: Row) -> Double) -> Estimate {
    expectation { (numbers: [Double]) in function(Row(record: Record(schema, numbers: numbers))) }
  }

  /// The chance of what a function says of a row that is read by fields:
  ///
  ///     answer.probability { row in row[species] == "Gentoo" || row[mass] > 5_000 }
  @_disfavoredOverload
  public func probability(of condition: (_ row: Row) -> Bool) -> Estimate {
    expectation { (numbers: [Double]) in condition(Row(record: Record(schema, numbers: numbers))) ? 1 : 0 }
  }

  /// The chance of what a function says of a row.
  public func probability(of condition: (_ row: [Double]) -> Bool) -> Estimate {
    expectation { condition($0) ? 1 : 0 }
  }

  /// The chance that conditions on fields hold, all of them:
  ///
  ///     answer.probability(of: species == "Gentoo", bill > 45)
  ///
  /// - Throws: `PosteriorError.unknownField`, `.outsideSupport` for a label that its field does not have.
  public func probability(of conditions: FieldCondition...) throws(PosteriorError) -> Estimate {
    var tests: [(Int, @Sendable (Double) -> Bool)] = []
    for condition in conditions { tests += try condition.tests(schema) }
    return probability { row in tests.allSatisfy { $1(row[$0]) } }
  }

  /// Weighted means, from values of each repeat's particles; the error by leaving out one repeat after the other.
  private func estimate(_ values: [[Double]]) -> Estimate {
    let (value, error) = jackknifedRatio(zip(systems, values).map { $0.sum($1) }, systems.map(\.share))
    return Estimate(value: value, standardError: error)
  }

  /// The mean of a function of a column's numbers; it does not build rows.
  private func estimate(_ column: Int, _ function: (Double) -> Double) -> Estimate {
    estimate(systems.map { $0.rows.column(column).map(function) })
  }

  /// The difference of two log-evidences, this one's less another's: the logarithm of the Bayes factor.
  public func logBayesFactor(over other: PosteriorAnswer) -> Estimate {
    var error: Double?
    if let a = logEvidenceStandardError, let b = other.logEvidenceStandardError {
      error = (a * a + b * b).squareRoot()
    }
    return Estimate(value: logEvidence - other.logEvidence, standardError: error)
  }
}

// MARK: - Columns

/// Columns are named by their place in a row or by their field. Where the answer `isImpossible` there are no
/// particles, and values are NaN.
extension PosteriorAnswer {
  /// The mean of a column; of a bit the chance of 1.
  ///
  /// - Throws: `PosteriorError.noColumn`.
  public func mean(of column: Int) throws(PosteriorError) -> Estimate {
    try schema.check(column)
    return estimate(column) { $0 }
  }

  /// The standard deviation of a column.
  ///
  /// - Throws: `PosteriorError.noColumn`.
  public func standardDeviation(of column: Int) throws(PosteriorError) -> Estimate {
    let centre = try mean(of: column).value
    let variance = estimate(column) { ($0 - centre) * ($0 - centre) }
    let deviation = variance.value.squareRoot()
    // The delta method: d sqrt(v) = dv / (2 sqrt(v)).
    return Estimate(
      value: deviation, standardError: variance.standardError.map { deviation > 0 ? $0 / (2 * deviation) : 0 })
  }

  /// Quantiles of a column.
  ///
  /// - Parameters:
  ///   - column: its place.
  ///   - levels: each in [0, 1].
  /// - Returns: one a level, in the data's units.
  /// - Throws: `PosteriorError.noColumn`, `.invalidProbability`.
  public func quantiles(of column: Int, _ levels: [Double]) throws(PosteriorError) -> [Estimate] {
    try schema.check(column)
    for level in levels where !(0...1).contains(level) { throw .invalidProbability(level) }
    var all: [(value: Double, weight: Double, system: Int)] = []
    for (index, system) in systems.enumerated() {
      for (value, weight) in zip(system.rows.column(column), system.weights) where weight > 0 {
        all.append((value, weight, index))
      }
    }
    all.sort { $0.value < $1.value }
    let shares = systems.map(\.share)
    let others = sumsWithoutEach(shares)
    /// The smallest value such that at least the share `level` of the weight lies at or below it, leaving out a repeat.
    func quantile(_ level: Double, of total: Double, without left: Int? = nil) -> Double {
      var reached = 0.0
      var last = Double.nan
      for (value, weight, system) in all where system != left {
        (reached, last) = (reached + weight, value)
        if reached >= level * total { return value }
      }
      return last
    }
    return levels.map { level in
      Estimate(
        value: quantile(level, of: shares.reduce(0, +)),
        standardError: systems.count > 1
          ? jackknife(systems.indices.map { quantile(level, of: others[$0], without: $0) }) : nil)
    }
  }

  /// The central interval that has a column with a probability, such as 0.9.
  ///
  /// - Throws: `PosteriorError.noColumn`, `.invalidProbability`.
  public func credibleInterval(
    of column: Int, _ probability: Double = 0.9
  ) throws(PosteriorError) -> (lower: Estimate, upper: Estimate) {
    guard (0...1).contains(probability) else { throw .invalidProbability(probability) }
    let tail = (1 - probability) / 2
    let ends = try quantiles(of: column, [tail, 1 - tail])
    return (ends[0], ends[1])
  }

  /// A bin of a marginal histogram.
  public struct Bin: Hashable, Sendable {
    /// Where the bin begins and ends, in the data's units.
    public let range: ClosedRange<Double>
    /// The probability of the bin.
    public let probability: Estimate
  }

  /// The probabilities of a column's values in bins of equal width, from its least value to its greatest.
  ///
  /// - Parameters:
  ///   - column: its place.
  ///   - count: 1 or more; others are brought to 1.
  /// - Throws: `PosteriorError.noColumn`.
  public func histogram(of column: Int, bins count: Int = 20) throws(PosteriorError) -> [Bin] {
    try schema.check(column)
    let count = max(1, count)
    let values = systems.flatMap { system in
      zip(system.rows.column(column), system.weights).filter { $0.0.isFinite && $0.1 > 0 }.map(\.0)
    }
    guard let least = values.min(), let most = values.max() else { return [] }
    let width = (most - least) / Double(count)
    return (0..<count).map { bin in
      let lower = least + Double(bin) * width
      let upper = bin == count - 1 ? most : lower + width
      let isLast = bin == count - 1
      return Bin(
        range: lower...max(lower, upper),
        probability: estimate(column) { $0 >= lower && ($0 < upper || isLast) ? 1 : 0 })
    }
  }

  /// The probabilities of a bit's or category's values, in the order of the numbers that stand for them.
  ///
  /// - Throws: `PosteriorError.noColumn`, `.noLabels` for a continuous column.
  public func probabilities(of column: Int) throws(PosteriorError) -> [Estimate] {
    try schema.check(column)
    guard let labels = schema.columns[column].labels else {
      throw .noLabels(column: ColumnPlace(column, name: schema.columns[column].name))
    }
    return labels.indices.map { value in estimate(column) { $0 == Double(value) ? 1 : 0 } }
  }
}

extension Schema {
  /// - Throws: `PosteriorError.noColumn` for a place where there is none.
  func check(_ column: Int) throws(PosteriorError) {
    guard columns.indices.contains(column) else { throw .noColumn(index: column, dimensions: columns.count) }
  }

  /// The place of a field's column.
  ///
  /// - Throws: `PosteriorError.unknownField`.
  func place(of field: String) throws(PosteriorError) -> Int {
    guard let index = index(of: field) else { throw .unknownField(name: field, available: names) }
    return index
  }
}
