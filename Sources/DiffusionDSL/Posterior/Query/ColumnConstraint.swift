/// A column by its place in a row or by its field's name.
enum ColumnName: Hashable, Sendable {
  case index(Int)
  case field(String)
}

/// What a factor says of one column, in the data's units.
enum ColumnConstraint: Sendable {
  /// A delta function.
  case equals(Cell)
  /// N(x; mean, deviation^2).
  case normal(mean: Double, deviation: Double)
  /// 1 in an interval, 0 outside.
  case interval(lower: Double, upper: Double)
  /// r of each value of a bit or category, in the order of the numbers that stand for them.
  case table([Double])
  /// r of labels; of others 1 or 0.
  case labels([String: Double], others: Double)
}

extension ColumnConstraint {
  /// r of each label of a bit or category.
  ///
  /// - Throws: `PosteriorError.outsideSupport`, `.invalidWeights`.
  func weights(of labels: [String], _ place: ColumnPlace) throws(PosteriorError) -> [Double] {
    func support(_ value: String) -> PosteriorError {
      .outsideSupport(column: place, value: value, support: "one of \(labels.joined(separator: ", "))")
    }
    var table: [Double]
    switch self {
    case .equals(.label(let label)):
      guard let own = labels.firstIndex(of: label) else { throw support("'\(label)'") }
      table = labels.indices.map { $0 == own ? 1 : 0 }
    case .equals(.number(let number)):
      guard let own = Int(exactly: number), labels.indices.contains(own) else { throw support("\(number)") }
      table = labels.indices.map { $0 == own ? 1 : 0 }
    case .table(let weights): table = weights
    case .labels(let weights, let others):
      for label in weights.keys.sorted() where !labels.contains(label) { throw support("'\(label)'") }
      table = labels.map { weights[$0] ?? others }
    case .normal, .interval: throw support("near or between numbers")
    }
    guard table.count == labels.count, table.allSatisfy({ $0 >= 0 && $0.isFinite }) else {
      throw .invalidWeights(column: place, weights: table, values: labels.count)
    }
    return table
  }
}
