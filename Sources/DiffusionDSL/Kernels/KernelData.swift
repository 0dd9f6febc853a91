import Formulas

extension KernelDefinition {
  /// Checks that every observed cell holds a number that the kernel allows; missing cells always pass.
  ///
  /// - Throws: `DataError.wrongDimensions`, and what the families' `cellCheck` gives: `.notABit`, `.notAClass`.
  func check(_ data: Dataset) throws(DataError) {
    guard data.dimensions == dimensions else {
      throw .wrongDimensions(expected: dimensions, found: data.dimensions)
    }
    var first = 0
    for part in parts {
      let columns = first..<first + part.kernel.dimensions
      if let check = part.kernel.cellCheck,
        let (row, column, value) = data.first(in: columns, where: { !check.isValid($0) })
      {
        throw check.error(row, ColumnPlace(column, name: part.column?.name), value)
      }
      first = columns.upperBound
    }
  }

  /// Checks that a model can be trained on the rows: every column has at least one observed cell.
  ///
  /// - Throws: `DataError.missingColumn`, and what `check(_:)` throws.
  func checkForTraining(_ data: Dataset) throws(DataError) {
    try check(data)
    guard data.missingCells > 0 else { return }
    let columns = schema.columns
    for column in 0..<dimensions where data.isMissing(column: column) {
      throw .missingColumn(ColumnPlace(column, name: columns[column].name))
    }
  }
}

extension Dataset {
  /// - Parameter what: what needs complete rows.
  /// - Throws: `DataError.missingCell` for the first cell that is missing.
  func checkComplete(for what: String, _ schema: Schema) throws(DataError) {
    guard missingCells > 0 else { return }
    let place = withNumbers { numbers in (0..<count * dimensions).first { numbers[$0].isNaN } } ?? 0
    let column = place % dimensions
    throw .missingCell(
      row: place / dimensions, column: ColumnPlace(column, name: schema.columns[column].name), what: what)
  }

  /// The rows without a missing cell.
  var completeRows: [Int] {
    guard missingCells > 0 else { return Array(0..<count) }
    return withNumbers { numbers in
      (0..<count).filter { row in (0..<dimensions).allSatisfy { !numbers[row * dimensions + $0].isNaN } }
    }
  }

  /// The first observed number, among some columns, that has a property, with its place.
  fileprivate func first(
    in columns: Range<Int>, where hasProperty: (Double) -> Bool
  ) -> (row: Int, column: Int, value: Double)? {
    withNumbers { numbers in
      for row in 0..<count {
        for column in columns {
          let value = numbers[row * dimensions + column]
          if !value.isNaN, hasProperty(value) { return (row, column, value) }
        }
      }
      return nil
    }
  }

  /// Whether every cell of a column is missing.
  fileprivate func isMissing(column: Int) -> Bool {
    withNumbers { numbers in (0..<count).allSatisfy { numbers[$0 * dimensions + column].isNaN } }
  }
}
