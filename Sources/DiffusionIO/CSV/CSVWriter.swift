import DiffusionDSL
import Foundation

/// Writes CSV files: quotes where they are needed, the shortest digits that give the same number back, and a file that
/// appears whole or not at all.
public enum CSVWriter {
  /// Writes a table of numbers.
  ///
  /// - Parameters:
  ///   - columns: The header.
  ///   - rows: The cells, row after row.
  ///   - url: The file; its directory must be there.
  /// - Throws: `CSVError.shapeMismatch`, `CSVError.unwritable`.
  public static func write(columns: [String], rows: [Double], to url: URL) throws {
    guard !columns.isEmpty, rows.count.isMultiple(of: columns.count) else {
      throw CSVError.shapeMismatch(values: rows.count, columns: columns.count)
    }
    try write(to: url) { emit in
      try emit(header(columns))
      for start in stride(from: 0, to: rows.count, by: columns.count) {
        let cells = rows[start..<start + columns.count].map(cell)
        try emit(cells.joined(separator: ",") + "\n")
      }
    }
  }

  /// Writes a table of texts.
  ///
  /// - Throws: `CSVError.shapeMismatch`, `CSVError.unwritable`.
  public static func write(columns: [String], records: [[String]], to url: URL) throws {
    if let odd = records.first(where: { $0.count != columns.count }) {
      throw CSVError.shapeMismatch(values: odd.count, columns: columns.count)
    }
    try write(to: url) { emit in
      try emit(header(columns))
      for record in records { try emit(line(record)) }
    }
  }

  /// A cell as text.
  public struct Text: Hashable, Sendable {
    /// What it holds.
    public let content: String
    /// Whether it is in quotes even where it need not be: `"NA"` is a text, and NA a missing cell.
    public let isQuoted: Bool

    /// A cell; see the properties of the same names.
    public init(_ content: String, isQuoted: Bool = false) {
      (self.content, self.isQuoted) = (content, isQuoted)
    }
  }

  /// The bytes of a table of texts, as `write(columns:records:to:)` writes them.
  ///
  /// - Throws: `CSVError.shapeMismatch`.
  public static func data(columns: [String], records: some Sequence<[String]>) throws(CSVError) -> Data {
    try data(columns: columns, cells: records.lazy.map { $0.map { Text($0) } })
  }

  /// The bytes of a table of texts.
  ///
  /// - Parameter delimiter: what stands between cells.
  /// - Throws: `CSVError.shapeMismatch`.
  public static func data(
    columns: [String], cells: some Sequence<[Text]>, delimiter: CSVDelimiter = .comma
  ) throws(CSVError) -> Data {
    var data = Data(header(columns, delimiter).utf8)
    for record in cells {
      guard record.count == columns.count else {
        throw .shapeMismatch(values: record.count, columns: columns.count)
      }
      data.append(contentsOf: line(record, delimiter).utf8)
    }
    return data
  }

  /// Writes a table: numbers, labels as they are, and nothing for a missing cell. Weights are left out.
  ///
  /// What is written reads back as the same cells: where a column has the label that is empty, a missing cell is `NA`.
  ///
  /// - Throws: `CSVError.shapeMismatch` for a table without columns, `CSVError.unwritable`.
  public static func write(_ table: Table, to url: URL) throws {
    let columns = table.schema.columns
    guard !columns.isEmpty else { throw CSVError.shapeMismatch(values: 0, columns: 0) }
    let missing = columns.map { column in
      ([""] + CSVRecord.missingSpellings).first { column.labels?.contains($0) != true } ?? ""
    }
    try write(to: url) { emit in
      try emit(header(columns.map(\.name)))
      for row in 0..<table.count {
        let cells = columns.indices.map { column in
          switch table.schema.cell(table.cells[row * columns.count + column], column: column) {
          case .number(let number): cell(number)
          case .label(let label): label
          case nil: missing[column]
          }
        }
        try emit(line(cells))
      }
    }
  }

  /// A number as a cell: the shortest digits that read back as the same number, without a trailing `.0`. What is not
  /// finite is written as `NA`.
  public static func cell(_ number: Double) -> String { cell(number, .point) }

  /// The same with another mark before the fraction.
  public static func cell(_ number: Double, _ decimal: DecimalMark) -> String {
    guard number.isFinite else { return "NA" }
    let text = number.description
    if text.hasSuffix(".0") { return String(text.dropLast(2)) }
    return decimal.written(text)
  }

  /// The header's line: a first name that begins as a comment or as a line that names the delimiter does is in quotes.
  private static func header(_ names: [String], _ delimiter: CSVDelimiter = .comma) -> String {
    line(
      names.enumerated().map { place, name in
        Text(name, isQuoted: place == 0 && (name.hasPrefix("#") || name.lowercased().hasPrefix("sep=")))
      }, delimiter)
  }

  private static func line(_ cells: [String]) -> String { line(cells.map { Text($0) }, .comma) }

  private static func line(_ cells: [Text], _ delimiter: CSVDelimiter) -> String {
    // A lone empty cell would be a blank line.
    if cells.count == 1, cells[0].content.isEmpty { return "\"\"\n" }
    return cells.map { quoted($0, delimiter) }.joined(separator: String(delimiter.character)) + "\n"
  }

  private static func quoted(_ cell: Text, _ delimiter: CSVDelimiter) -> String {
    let special: Set<Unicode.Scalar> = [Unicode.Scalar(delimiter.byte), "\"", "\n", "\r"]
    let scalars = cell.content.unicodeScalars
    let edges = [scalars.first, scalars.last]
    let needed =
      cell.isQuoted || scalars.contains(where: special.contains) || edges.contains(" ") || edges.contains("\t")
    return needed ? "\"" + cell.content.replacingOccurrences(of: "\"", with: "\"\"") + "\"" : cell.content
  }

  /// Writes beside the file and renames at the end, so that no reader ever sees half a table; devices and pipes are
  /// written to as they are.
  private static func write(to url: URL, _ body: ((String) throws -> Void) throws -> Void) throws {
    do {
      try DurableFile.write(to: url) { file in
        var buffer = Data()
        try body { text in
          buffer.append(contentsOf: text.utf8)
          if buffer.count >= 1 << 20 {
            try file.write(buffer)
            buffer.removeAll(keepingCapacity: true)
          }
        }
        try file.write(buffer)
      }
    } catch ModelFileError.notWritable(let file, let reason) {
      throw CSVError.unwritable(file: file, reason: reason)
    }
  }
}
