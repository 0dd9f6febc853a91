/// What is wrong with a CSV file, where, and what to do about it. Lines count from 1 and include those inside quotes.
public enum CSVError: Error, Equatable, Sendable {
  /// The file cannot be opened or read; `reason` is the system's.
  case unreadable(file: String, reason: String)
  /// The file is something else: what, and what makes a table of it.
  case otherKind(file: String, kind: String, remedy: String)
  /// What gzip compressed cannot be unpacked.
  case damagedGzip(file: String, reason: String)
  /// There is not a single cell in the file.
  case empty(file: String)
  /// There is a header and nothing below it.
  case noRows(file: String)
  /// The cells of the first record are numbers.
  case missingHeader(file: String, firstCells: [String])
  /// Two columns, at places `first` and `second`, have the same name.
  case duplicateColumn(file: String, name: String, first: Int, second: Int)
  /// A record with more or fewer cells than the header.
  case raggedRow(file: String, line: Int, cells: Int, expected: Int, delimiter: CSVDelimiter = .comma)
  /// A quote that opened on `line` is still open at the end of the file.
  case unterminatedQuote(file: String, line: Int, column: Int)
  /// A quote inside an unquoted cell, or text after a closing quote.
  case strayQuote(file: String, line: Int, column: Int)
  /// The bytes at this place are not UTF-8.
  case invalidUTF8(file: String, line: Int, column: Int)
  /// There is a byte of zeros at this place, which no text has.
  case zeroByte(file: String, line: Int, column: Int)
  /// A column that was asked for and isn't there; `available` lists those that are.
  case unknownColumn(file: String, name: String, available: [String])
  /// The same column was asked for more than once.
  case repeatedChoice(name: String)
  /// A column that was asked for holds a cell that is not a finite number; the first one is given.
  case nonNumericColumn(file: String, name: String, cell: String, line: Int)
  /// A cell that is none of the labels that its column is to have.
  case unknownLabel(file: String, name: String, cell: String, line: Int, labels: [String])
  /// A column that was asked for has missing cells only.
  case emptyColumn(file: String, name: String)
  /// No column was asked for and none is numeric: all that there are were left out.
  case noNumericColumn(file: String, leftOut: [LeftOutColumn])
  /// No column was asked for and none can be used: all that there are were left out.
  case noUsableColumn(file: String, leftOut: [LeftOutColumn])
  /// A table to be written whose number of values is no multiple of its number of columns.
  case shapeMismatch(values: Int, columns: Int)
  /// The file cannot be written; `reason` is the system's.
  case unwritable(file: String, reason: String)
}

extension CSVError: CustomStringConvertible {
  /// One sentence with the place, the offending value and the remedy.
  public var description: String {
    switch self {
    case .unreadable(let file, let reason):
      "cannot read '\(file)' (\(reason)); check the name and the permissions."
    case .otherKind(let file, let kind, let remedy):
      "'\(file)' is \(kind), and a table is needed, CSV or NPY: \(remedy)."
    case .damagedGzip(let file, let reason):
      "'\(file)' cannot be unpacked (\(reason)): fetch it again."
    case .empty(let file):
      "'\(file)' is empty: a header line with the columns' names and at least one row are needed."
    case .noRows(let file):
      "'\(file)' has a header and no rows: add rows of data below it."
    case .missingHeader(let file, let cells):
      "'\(file)' has no header: line 1 holds numbers (\(list(cells))), so add a first line with the columns' names, "
        + "or, where these are names, put them in quotes (or say so: hasHeader: true, --header)."
    case .duplicateColumn(let file, let name, let first, let second):
      "'\(file)' names columns \(first) and \(second) both '\(shown(name))': rename one of them in line 1."
    case .raggedRow(let file, let line, let cells, let expected, let delimiter):
      "'\(file)' line \(line) has \(counted(cells, "cell")) where the header has \(expected): "
        + "add or remove \(delimiter.plural) there, or quote cells that contain \(delimiter.plural)."
    case .unterminatedQuote(let file, let line, let column):
      "'\(file)' line \(line), column \(column): a quote opens there and never closes, "
        + "so close it or write a quote inside quotes as two."
    case .strayQuote(let file, let line, let column):
      "'\(file)' line \(line), column \(column): a quote stands inside a cell, "
        + "so put the whole cell in quotes and write the quote inside as two."
    case .invalidUTF8(let file, let line, let column):
      "'\(file)' line \(line), column \(column) is not UTF-8 text: save the file as UTF-8, or say that it is in "
        + "Latin-1 (encoding: .latin1, --encoding latin1)."
    case .zeroByte(let file, let line, let column):
      "'\(file)' line \(line), column \(column) holds a byte of zeros, which no text has: fetch the file again, or say "
        + "that it is UTF-16 (encoding: .utf16, --encoding utf16)."
    case .unknownColumn(let file, let name, let available):
      "'\(file)' has no column '\(shown(name))': its columns are \(list(available))."
    case .repeatedChoice(let name):
      "column '\(shown(name))' was chosen more than once: name each column once."
    case .nonNumericColumn(let file, let name, let cell, let line):
      "'\(file)' column '\(shown(name))' is not numeric: line \(line) holds '\(shown(cell))', "
        + "so leave the column out, or make the cell a finite number, empty or NA, or say that it is missing (missing:, "
        + "--missing)."
    case .unknownLabel(let file, let name, let cell, let line, let labels):
      "'\(file)' column '\(shown(name))': line \(line) holds '\(shown(cell))', which is none of its labels "
        + "(\(list(labels))), so correct the cell, or make it empty or NA."
    case .emptyColumn(let file, let name):
      "'\(file)' column '\(shown(name))' has no numbers, only missing cells: leave the column out."
    case .noNumericColumn(let file, let columns) where isOtherDelimiter(columns.map(\.name)),
      .noUsableColumn(let file, let columns) where isOtherDelimiter(columns.map(\.name)):
      "'\(file)' has a single column '\(shown(columns.first?.name ?? ""))': "
        + "it seems to be delimited by something else, so say by what (delimiter:, --delimiter), or save it with commas."
    case .noNumericColumn(let file, let columns):
      "'\(file)' has no numeric column (\(reasons(columns))): "
        + "a column serves if each of its cells is a finite number, empty or NA, and its name is not empty."
    case .noUsableColumn(let file, let columns):
      "'\(file)' has no column that can be used (\(reasons(columns))): "
        + "a column serves if it has a name and holds numbers, or a few labels that come again and again."
    case .shapeMismatch(let values, let columns):
      "\(counted(values, "value")) cannot fill rows of \(counted(columns, "column")): "
        + "give a multiple of the number of columns."
    case .unwritable(let file, let reason):
      "cannot write '\(file)' (\(reason)); check the directory and its free space."
    }
  }

  private func isOtherDelimiter(_ columns: [String]) -> Bool {
    columns.count == 1 && columns.contains { $0.contains(";") || $0.contains("\t") || $0.contains("|") }
  }

  private func shown(_ text: String) -> String { OneLine.shown(text) }

  private func reasons(_ columns: [LeftOutColumn]) -> String {
    let most = 2
    let head = columns.prefix(most).map(\.description).joined(separator: "; ")
    return columns.count > most ? head + "; and \(columns.count - most) more" : head
  }

  private func list(_ names: [String]) -> String {
    let most = 20
    let head = names.prefix(most).map { "'\(shown($0))'" }.joined(separator: ", ")
    return names.count > most ? head + " and \(names.count - most) more" : head
  }

  private func counted(_ count: Int, _ noun: String) -> String {
    "\(count) \(noun)\(count == 1 ? "" : "s")"
  }
}
