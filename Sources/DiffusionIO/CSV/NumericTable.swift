import Foundation

/// The numeric columns of a CSV file: complete rows only, each with the line it came from.
public struct NumericTable: Equatable, Sendable {
  /// The columns' names, in the order in which they were asked for, or else in the file's.
  public var columns: [String]
  /// The cells, row after row: `count` x `columns.count`.
  public var rows: [Double]
  /// The line of the file on which each row starts.
  public var lineNumbers: [Int]
  /// How many rows were left out because one of the columns' cells is missing.
  public var dropped: Int
  /// The file's other columns, in its order, and why each was left out; empty where columns were asked for by name.
  public var leftOut: [LeftOutColumn]

  /// The number of rows.
  public var count: Int { lineNumbers.count }

  /// A table with its parts; see the properties of the same names.
  public init(columns: [String], rows: [Double], lineNumbers: [Int], dropped: Int, leftOut: [LeftOutColumn] = []) {
    self.columns = columns
    self.rows = rows
    self.lineNumbers = lineNumbers
    self.dropped = dropped
    self.leftOut = leftOut
  }

  /// Reads the numeric columns of a CSV file with a header.
  ///
  /// A cell is missing if it is empty or one of `CSVRecord.missingSpellings`, in quotes too, or of those that the format
  /// names; rows with a missing cell in one of the columns are dropped and counted.
  ///
  /// - Parameters:
  ///   - url: The file.
  ///   - columns: The columns to read. By default all columns with a name, at least one number and nothing but finite
  ///     numbers and missing cells; `leftOut` tells the others.
  ///   - format: How the file is written, as far as that is not to be found.
  /// - Throws: `CSVError`.
  public init(contentsOf url: URL, columns: [String]? = nil, format: CSVFormat = CSVFormat()) throws {
    try self.init(reading: CSVReader(contentsOf: url, format: format), columns: columns)
  }

  /// Reads the numeric columns of CSV text in memory; `name` is what errors call it.
  ///
  /// - Throws: `CSVError`.
  public init(data: Data, name: String, columns: [String]? = nil, format: CSVFormat = CSVFormat()) throws {
    try self.init(reading: CSVReader(data: data, name: name, format: format), columns: columns)
  }

  /// Reads the numeric columns of what `reader` gives.
  ///
  /// - Throws: `CSVError`.
  public init(reading reader: CSVReader, columns choice: [String]? = nil) throws {
    var collector: ColumnCollector?
    try reader.forEachRecord { record in
      if collector == nil {
        collector = try ColumnCollector(header: record, choice: choice, reader)
      } else {
        try collector?.add(record)
      }
    }
    guard let collector else { throw CSVError.empty(file: reader.name) }
    self = try collector.table()
  }
}

/// Gathers candidate columns while records go by; a column that turns out to be text is let go.
private struct ColumnCollector {
  private struct Column {
    var name: String
    var position: Int
    /// NaN stands for a missing cell, which `CSVRecord.number` never gives.
    var values: [Double] = []
    var hasNumber = false
    /// What made it useless, if anything did.
    var fault: LeftOutColumn.Reason?
  }

  private let file: String
  private let isChoice: Bool
  private var columns: [Column]
  private var lines: [Int] = []

  init(header record: borrowing CSVRecord, choice: [String]?, _ reader: CSVReader) throws {
    let header = try CSVHeader(record, reader)
    let names = header.names

    file = reader.name
    isChoice = choice != nil
    if let choice {
      var seen: Set<String> = []
      columns = try choice.map { name in
        let position = try header.position(of: name)
        guard seen.insert(name).inserted else { throw CSVError.repeatedChoice(name: name) }
        return Column(name: name, position: position)
      }
    } else {
      // A column without a name is the row number that other programs write.
      columns = names.enumerated().map { position, name in
        Column(name: name, position: position, fault: name.isEmpty ? .unnamed(column: position + 1) : nil)
      }
    }
  }

  mutating func add(_ record: borrowing CSVRecord) throws {
    lines.append(record.line)
    for index in columns.indices where columns[index].fault == nil {
      let position = columns[index].position
      if let number = record.number(position) {
        columns[index].values.append(number)
        columns[index].hasNumber = true
      } else if record.isMissing(position, evenInQuotes: true) {
        columns[index].values.append(.nan)
      } else {
        if isChoice {
          throw CSVError.nonNumericColumn(
            file: file, name: columns[index].name, cell: record.text(position), line: record.line)
        }
        columns[index].fault =
          record.isLooseNumber(position)
          ? .notation(record.text(position), line: record.line) : .cell(record.text(position), line: record.line)
        columns[index].values = []
      }
    }
  }

  func table() throws -> NumericTable {
    guard !lines.isEmpty else { throw CSVError.noRows(file: file) }
    let chosen = columns.filter { $0.fault == nil && $0.hasNumber }
    if isChoice, let empty = columns.first(where: { !$0.hasNumber }) {
      throw CSVError.emptyColumn(file: file, name: empty.name)
    }
    let leftOut = columns.compactMap { column -> LeftOutColumn? in
      guard column.fault != nil || !column.hasNumber else { return nil }
      return LeftOutColumn(
        name: column.name, reason: column.fault ?? .onlyMissingCells, hasNumber: column.hasNumber)
    }
    guard !chosen.isEmpty else { throw CSVError.noNumericColumn(file: file, leftOut: leftOut) }

    var table = NumericTable(
      columns: chosen.map(\.name), rows: [], lineNumbers: [], dropped: 0, leftOut: leftOut)
    table.rows.reserveCapacity(lines.count * chosen.count)
    table.lineNumbers.reserveCapacity(lines.count)
    for row in lines.indices {
      if chosen.contains(where: { $0.values[row].isNaN }) {
        table.dropped += 1
        continue
      }
      for column in chosen { table.rows.append(column.values[row]) }
      table.lineNumbers.append(lines[row])
    }
    return table
  }
}
