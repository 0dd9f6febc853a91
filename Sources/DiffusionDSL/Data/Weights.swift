// Rows that count for more or less than others.

extension Dataset {
  /// The same rows with weights: training draws a row, and averages count it, in proportion to its weight.
  ///
  /// A row of weight 2 counts like two equal rows. Standard errors depend on the proportions of the weights alone, as
  /// if each row had been drawn once.
  ///
  /// - Parameter weights: one a row, 0 or more and finite, not all 0.
  /// - Throws: `DataError.wrongWeights`, `.invalidWeight`.
  public func weighted(by weights: [Double]) throws(DataError) -> Dataset {
    try DataError.check(weights: weights, rows: count)
    return withWeights(weights)
  }

  /// The row weights scaled to mean 1; nil: unweighted.
  var normalizedWeights: [Double]? {
    guard let weights, let largest = weights.max() else { return nil }
    let total = weights.reduce(0) { $0 + $1 / largest }
    return weights.map { $0 / largest / total * Double(count) }
  }
}

extension DataError {
  /// Whether rows can have the weights.
  ///
  /// - Throws: `DataError.wrongWeights`, `.invalidWeight`.
  static func check(weights: [Double], rows: Int) throws(DataError) {
    guard weights.count == rows else { throw .wrongWeights(expected: rows, found: weights.count) }
    for (row, weight) in weights.enumerated() where !(weight >= 0 && weight.isFinite) {
      throw .invalidWeight(row: row, value: "\(weight)")
    }
    guard let largest = weights.max(), largest > 0 else { throw .invalidWeight(row: 0, value: "0, as all are") }
  }
}

/// Averages over rows of which some may count for more.
struct RowAverage {
  private let weights: [Double]?

  /// - Parameter weights: row weights with mean 1; nil: unweighted.
  init(_ weights: [Double]?) { self.weights = weights }

  /// The mean with its standard error, which is NaN for one value.
  ///
  /// Weights are taken as fixed, and values as independent: sqrt(n / (n - 1) sum w^2 (x - mean)^2) / sum w.
  func callAsFunction(_ values: [Double]) -> (mean: Double, standardError: Double) {
    let count = Double(values.count)
    func weight(_ row: Int) -> Double { weights?[row] ?? 1 }
    let mean = values.indices.reduce(0) { $0 + weight($1) * values[$1] } / max(1, count)
    let squares = values.indices.reduce(0) {
      $0 + (weight($1) * (values[$1] - mean)) * (weight($1) * (values[$1] - mean))
    }
    return (mean, count > 1 ? (squares / (count - 1) / count).squareRoot() : .nan)
  }
}
