/// Rows by the names of their columns: a collection of records, of which cells may be missing, and with weights, where
/// it was given them.
///
/// A model takes a table's columns by their names, whatever their order, and gives samples as one.
public struct Table: RandomAccessCollection, Sendable {
  /// The columns.
  public let schema: Schema
  /// All numbers, row by row, `count` times as many as there are columns: in the data's units, or the place of the
  /// label; NaN for a missing cell.
  public let cells: [Double]
  /// One weight a row, 0 or more, not scaled; nil: unweighted.
  public private(set) var weights: [Double]?

  /// The first row.
  public let startIndex = 0
  /// Behind the last row: how many rows there are.
  public var endIndex: Int { width == 0 ? 0 : cells.count / width }
  private var width: Int { schema.columns.count }

  /// Records, whose columns are found by name.
  ///
  /// - Parameters:
  ///   - records: one or more.
  ///   - schema: the columns to take; nil: those of the first record.
  /// - Throws: `DataError`: the fault of a record, a field that one lacks (`.absentField`), a label that the schema's
  ///   column does not have, a schema of no columns or of two with one name, no records.
  public init(_ records: some Sequence<Record>, schema: Schema? = nil) throws(DataError) {
    var numbers: [Double] = []
    var columns = schema
    var map: (source: Schema, map: ColumnMap)?
    var row = 0
    for record in records {
      if let fault = record.fault { throw fault.at(row: row) }
      let target = columns ?? record.schema
      columns = target
      if map?.source != record.schema {
        map = (record.schema, try ColumnMap(from: record.schema, to: target, row: row))
      }
      try map?.map.append(record.numbers[...], at: row, to: &numbers)
      row += 1
    }
    guard let columns else { throw .empty }
    try self.init(cells: numbers, schema: columns)
  }

  /// Rows one behind the other, NaN for a missing cell.
  ///
  /// - Parameters:
  ///   - cells: all numbers, row by row, in the data's units or the places of labels.
  ///   - schema: the columns, in the order of a row's numbers.
  /// - Throws: `DataError` for no rows, a last row that is not whole, an infinite number, one that is no label's place,
  ///   or a schema of no columns or of two with one name.
  public init(cells: [Double], schema: Schema) throws(DataError) {
    try schema.check()
    let width = schema.columns.count
    if cells.isEmpty { throw .empty }
    guard cells.count.isMultiple(of: width) else { throw .notWholeRows(numbers: cells.count, dimensions: width) }
    guard cells.count / width <= Int(Int32.max) else { throw .tooManyRows(cells.count / width) }
    for (index, column) in schema.columns.enumerated() {
      let place = ColumnPlace(index, name: column.name)
      for row in 0..<cells.count / width {
        let number = cells[row * width + index]
        if number.isNaN { continue }
        guard number.isFinite else { throw .notFinite(row: row, column: place, value: "\(number)") }
        if column.labels == nil || schema.cell(number, column: index) != nil { continue }
        if case .binary = column.kind { throw .notABit(row: row, column: place, value: number) }
        throw .notAClass(row: row, column: place, value: number, classes: column.labels?.count ?? 0)
      }
    }
    self.init(checked: cells, schema: schema)
  }

  /// Samples, or other rows of a model, by name.
  ///
  /// - Throws: `DataError.wrongDimensions` for rows that are not as wide as the schema, and what
  ///   `init(cells:schema:)` throws.
  public init(_ rows: Rows, schema: Schema) throws(DataError) {
    guard rows.dimensions == schema.columns.count else {
      throw .wrongDimensions(expected: schema.columns.count, found: rows.dimensions)
    }
    try self.init(cells: rows.flat, schema: schema)
  }

  init(checked cells: [Double], schema: Schema, weights: [Double]? = nil) {
    self.schema = schema
    self.cells = cells
    self.weights = weights
  }

  /// A row; one whose cells are all missing where there is none.
  public subscript(row: Int) -> Record {
    guard row >= 0, row < endIndex else { return Record(schema) }
    return Record(schema, numbers: Array(cells[row * width..<(row + 1) * width]))
  }

  /// A field's values, row by row, nil for a missing cell; empty where there is no such column.
  public func column<F: Field>(_ field: F) -> [F.Value?] {
    guard let index = schema.index(of: field.name) else { return [] }
    let column = field.column
    return (0..<endIndex).map { row in
      schema.cell(cells[row * width + index], column: index).flatMap(column.number(of:)).flatMap(field.value(of:))
    }
  }

  /// A column's numbers, row by row, in the data's units or the places of labels, NaN for a missing cell; nil where
  /// there is none of the name.
  public func numbers(of name: String) -> [Double]? {
    schema.index(of: name).map { index in (0..<endIndex).map { cells[$0 * width + index] } }
  }

  /// Some of the rows, with their weights; places where there is no row are left out.
  ///
  ///     let heldOut = table.rows(at: 0..<100)
  public func rows(at places: some Sequence<Int>) -> Table {
    let places = places.filter { $0 >= 0 && $0 < endIndex }
    return Table(
      checked: places.flatMap { cells[$0 * width..<($0 + 1) * width] }, schema: schema,
      weights: weights.map { weights in places.map { weights[$0] } })
  }

  /// The same rows with weights; see `Dataset.weighted(by:)`.
  ///
  /// - Parameter weights: one a row, 0 or more and finite, not all 0.
  /// - Throws: `DataError.wrongWeights`, `.invalidWeight`.
  public func weighted(by weights: [Double]) throws(DataError) -> Table {
    try DataError.check(weights: weights, rows: count)
    return Table(checked: cells, schema: schema, weights: weights)
  }

  /// The rows as a model of a schema takes them: its columns, found by name, in its order.
  ///
  /// Columns that the schema lacks are left out; labels in another order get the numbers that they have there.
  ///
  /// - Parameter schema: that of a definition, `Diffusion.schema`.
  /// - Throws: `DataError.noCommonField` where the table has none of the columns, `.absentField` for one that it lacks,
  ///   `.unknownLabel` and `.wrongCell` for a cell that the schema's column cannot have, `.empty` for no rows; weights
  ///   that are all 0 (`.invalidWeight`).
  public func dataset(for schema: Schema) throws(DataError) -> Dataset {
    try schema.check()
    guard schema.names.contains(where: { self.schema.index(of: $0) != nil }) else {
      throw .noCommonField(needed: schema.names, found: self.schema.names)
    }
    let map = try ColumnMap(from: self.schema, to: schema, row: nil)
    var numbers: [Double] = []
    numbers.reserveCapacity(count * schema.columns.count)
    for row in 0..<endIndex { try map.append(cells[row * width..<(row + 1) * width], at: row, to: &numbers) }
    let data = try Dataset(missingAsNaN: numbers, dimensions: schema.columns.count)
    guard let weights else { return data }
    return try data.weighted(by: weights)
  }
}

extension Rows {
  /// The numbers of a table, in the order of its columns: in the data's units, or the places of labels.
  ///
  /// - Throws: `DataError.missingCell`: rows are complete.
  public init(_ table: Table) throws(DataError) {
    let width = table.schema.columns.count
    if let place = table.cells.firstIndex(where: \.isNaN) {
      let column = ColumnPlace(place % width, name: table.schema.names[place % width])
      throw .missingCell(row: place / width, column: column, what: "a value of Rows")
    }
    self.init(flat: table.cells, dimensions: width)
  }
}

extension Table: Hashable {
  /// Whether the schemas are the same, the cells, of which a missing one is the same as another, and the weights.
  public static func == (left: Table, right: Table) -> Bool {
    left.schema == right.schema && left.weights == right.weights && MissingCells.areSame(left.cells, right.cells)
  }

  /// Equal values have equal hashes, missing cells among them.
  public func hash(into hasher: inout Hasher) {
    hasher.combine(schema)
    MissingCells.hash(cells, into: &hasher)
  }
}

extension Table: CustomStringConvertible {
  /// How many rows of which columns.
  public var description: String { "\(count) rows of \(schema.names.joined(separator: ", "))" }
}
