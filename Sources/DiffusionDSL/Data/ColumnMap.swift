/// How the columns of one schema are found in the rows of another: by their names, labels by how they are written.
struct ColumnMap {
  private let source: Schema
  private let target: Schema
  /// For each of the target's columns, the source's.
  private let places: [Int]
  /// For each of the target's columns, the number there for each number here; nil where they are the same.
  private let relabelled: [[Double?]?]

  /// - Parameter row: the row that errors name; nil: the data as a whole.
  /// - Throws: `DataError.absentField` for a column that the source lacks.
  init(from source: Schema, to target: Schema, row: Int?) throws(DataError) {
    var places: [Int] = []
    var relabelled: [[Double?]?] = []
    for column in target.columns {
      guard let place = source.index(of: column.name) else { throw .absentField(name: column.name, row: row) }
      places.append(place)
      let labels = source.columns[place].labels
      relabelled.append(labels == column.labels ? nil : labels.map { $0.map { column.number(of: .label($0)) } })
    }
    (self.source, self.target, self.places, self.relabelled) = (source, target, places, relabelled)
  }

  /// Appends a row of the source as a row of the target.
  ///
  /// - Throws: `DataError.unknownLabel`, `.wrongCell` for a cell that the target's column cannot have.
  func append(_ row: ArraySlice<Double>, at index: Int, to numbers: inout [Double]) throws(DataError) {
    for (column, place) in places.enumerated() {
      let number = row[row.startIndex + place]
      guard !number.isNaN, source.columns[place].labels != target.columns[column].labels else {
        numbers.append(number)
        continue
      }
      let cell = source.cell(number, column: place) ?? .number(number)
      let there =
        if let table = relabelled[column] { table[Int(number)] } else { target.columns[column].number(of: cell) }
      guard let there else { throw target.columns[column].fault(cell, row: index, index: column) }
      numbers.append(there)
    }
  }
}
