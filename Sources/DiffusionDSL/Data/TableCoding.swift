// Tables from structures and back: a property and the column of its name.

extension Table {
  /// Rows from structures: a column's cells are the properties of its name; other properties are left out.
  ///
  /// Numbers go to continuous columns; texts, enumerations (by their raw value or, without one, their case's name),
  /// truth values (`false`, `true`) and numbers (2007 for `2007`) to the labels of the others. A nil is a missing cell.
  ///
  ///     let table = try Table(penguins, schema: Schema(species, bill))
  ///
  /// - Parameters:
  ///   - rows: one or more structures, or dictionaries from names.
  ///   - schema: the columns to take.
  /// - Throws: `DataError`: a property that a row lacks (`.absentField`), a label that its column does not have
  ///   (`.unknownLabel`), a number that is NaN or infinite (`.notFinite`), a value that no cell can be (`.wrongCell`),
  ///   no rows, a schema of no columns or of two with one name; and what a row's own `encode(to:)` throws.
  public init<Row: Encodable>(_ rows: [Row], schema: Schema) throws {
    try schema.check()
    var numbers: [Double] = []
    numbers.reserveCapacity(rows.count * schema.columns.count)
    for (index, row) in rows.enumerated() {
      let encoder = RowEncoder(schema)
      try row.encode(to: encoder)
      numbers += try encoder.numbers(row: index)
    }
    try self.init(cells: numbers, schema: schema)
  }

  /// The rows as structures, whose properties have the names of columns.
  ///
  ///     let samples = try trained.sampleTable(100, seed: 7).decoded(as: Penguin.self)
  ///
  /// - Parameter type: properties that a cell may be missing for are optional.
  /// - Throws: `DataError.absentField` for a property that is no column's, `.wrongType` for a cell that its property
  ///   cannot hold, missing ones among them; and what the type's own `init(from:)` throws.
  public func decoded<Row: Decodable>(as type: Row.Type) throws -> [Row] {
    try indices.map { row in try Row(from: RowDecoder(record: self[row], row: row)) }
  }
}
