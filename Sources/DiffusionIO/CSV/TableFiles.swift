import DiffusionDSL
import Foundation

extension Table {
  /// Reads the columns of a schema from a CSV file with a header, by their names; their order is free, and other
  /// columns are left out.
  ///
  /// A cell is missing if it is empty or one of `CSVRecord.missingSpellings`, and if the format says so. Where a column has
  /// such a label, the label is meant; if the file has it in quotes somewhere, only there.
  ///
  /// - Parameters:
  ///   - url: The file.
  ///   - schema: The columns to read: that of a definition, `Diffusion.schema`, one of fields, or a `GuessedSchema`'s.
  ///   - format: How the file is written, as far as that is not to be found.
  /// - Throws: `CSVError`: for what is no CSV file, `.unknownColumn` for a column that the file lacks,
  ///   `.nonNumericColumn` and `.unknownLabel` for a cell that is no number or label of its column, `.noRows`; and
  ///   `DataError.noColumns` for a schema without columns.
  public init(contentsOf url: URL, schema: Schema, format: CSVFormat = CSVFormat()) throws {
    try self.init(reading: CSVReader(contentsOf: url, format: format), schema: schema)
  }

  /// Reads the columns of a schema from CSV text in memory; `name` is what errors call it.
  ///
  /// - Throws: `CSVError`, and `DataError.noColumns` for a schema without columns.
  public init(data: Data, name: String, schema: Schema, format: CSVFormat = CSVFormat()) throws {
    try self.init(reading: CSVReader(data: data, name: name, format: format), schema: schema)
  }

  /// Reads the columns of a schema from what `reader` gives.
  ///
  /// - Throws: `CSVError`, and `DataError.noColumns` for a schema without columns.
  public init(reading reader: CSVReader, schema: Schema) throws {
    if let name = schema.names.indices.first(where: { schema.index(of: schema.names[$0]) != $0 }) {
      throw CSVError.repeatedChoice(name: schema.names[name])
    }
    var positions: [Int]?
    var numbers: [Double] = []
    // A label may be spelt as what is missing elsewhere. Where the file has it in quotes, without them it is missing.
    var unquoted: [[Int]] = schema.columns.map { _ in [] }
    var isQuoted = schema.columns.map { _ in false }
    try reader.forEachRecord { record in
      if let positions {
        for (index, position) in positions.enumerated() {
          let column = schema.columns[index]
          if column.labels != nil, record.isMissing(position, evenInQuotes: true) {
            if record.quoted[position] { isQuoted[index] = true } else { unquoted[index].append(numbers.count) }
          }
          numbers.append(try column.number(in: record, position, file: reader.name))
        }
      } else {
        let header = try CSVHeader(record, reader)
        positions = try schema.names.map { try header.position(of: $0) }
      }
    }
    for (places, isQuoted) in zip(unquoted, isQuoted) where isQuoted {
      for place in places { numbers[place] = .nan }
    }
    if positions == nil { throw CSVError.empty(file: reader.name) }
    if numbers.isEmpty, !schema.columns.isEmpty { throw CSVError.noRows(file: reader.name) }
    try self.init(cells: numbers, schema: schema)
  }

  /// Writes the table as a CSV file; see `CSVWriter.write(_:to:)`.
  ///
  /// - Throws: `CSVError.unwritable`.
  public func write(csv url: URL) throws {
    try CSVWriter.write(self, to: url)
  }
}

extension Column {
  /// The number for a cell of a file, NaN for a missing one.
  fileprivate func number(in record: borrowing CSVRecord, _ position: Int, file: String) throws(CSVError) -> Double {
    guard let labels else {
      if let number = record.number(position) { return number }
      if record.isMissing(position, evenInQuotes: true) { return .nan }
      throw .nonNumericColumn(file: file, name: name, cell: record.text(position), line: record.line)
    }
    if record.isDeclaredMissing(position) { return .nan }
    let text = record.text(position)
    // Before it may be missing: a label may be spelt so.
    if let number = number(of: .label(text)) { return number }
    if record.isMissing(position) { return .nan }
    if let value = record.number(position), let number = number(of: .number(value)) { return number }
    throw .unknownLabel(file: file, name: name, cell: text, line: record.line, labels: labels)
  }
}
