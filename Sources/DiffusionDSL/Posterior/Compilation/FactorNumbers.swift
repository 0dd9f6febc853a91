// The factors' numbers as inputs of a program: queries whose factors have the same form share one compilation.

extension CombinedFactors {
  /// The numbers that programs take in for a column: of a normal factor y and its variance, of an interval its limits,
  /// of a table r of each value.
  private func numbers(_ column: OfColumn, isInVector: Bool) -> [Double] {
    var numbers: [Double] = []
    if let normal = column.normal, !isInVector { numbers += [normal.mean, normal.variance] }
    if let interval = column.interval {
      numbers += [Swift.max(interval.lower, -1e18), Swift.min(interval.upper, 1e18)]
    }
    return numbers + (column.table ?? [])
  }

  /// All numbers, column by column; and behind them, of general factors that are tuned, the square of their width and 1
  /// where they guide proposals.
  var numbers: [Double] {
    zip(columns, areInVectors).flatMap { numbers($0, isInVector: $1) }
      + (tuning.map { [$0.width * $0.width, $0.isGuiding ? 1 : 0] } ?? [])
  }

  /// Where each column's numbers begin, and how many there are; at least one, so that there is an input.
  var places: (starts: [Int], count: Int) {
    var (starts, count) = ([Int](), 0)
    for (column, isInVector) in zip(columns, areInVectors) {
      starts.append(count)
      count += numbers(column, isInVector: isInVector).count
    }
    return (starts, Swift.max(1, count + (tuning == nil ? 0 : 2)))
  }

  /// Where an interval's numbers begin among its column's.
  func intervalSlot(_ column: Int) -> Int { columns[column].normal == nil || areInVectors[column] ? 0 : 2 }

  private var areInVectors: [Bool] {
    var areInVectors = Array(repeating: false, count: columns.count)
    for vector in vectors { for column in vector { areInVectors[column] = true } }
    return areInVectors
  }

  /// The numbers of factors that are vectors in programs: for each of `vectors` the means, then the variances; 0 and 1
  /// where a column has no factor.
  var vectorNumbers: [Double] {
    vectors.flatMap { vector in
      columns[vector].map { $0.normal?.mean ?? 0 } + columns[vector].map { $0.normal?.variance ?? 1 }
    }
  }
}
