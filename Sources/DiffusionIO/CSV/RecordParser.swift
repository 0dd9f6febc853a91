/// The state machine behind `CSVReader`: takes bytes in chunks of any size and gives records.
struct RecordParser {
  private enum State {
    case cellStart
    case unquoted
    case quoted
    /// After a quote inside a quoted cell: either the first of a doubled quote or the closing one.
    case quoteInQuoted
    /// Blanks after a closing quote.
    case afterQuoted
  }

  let name: String
  private let format: CSVFormat
  private let delimiter: UInt8
  /// Whether records may have other numbers of cells than the header.
  private let allowsRaggedRows: Bool
  private var state = State.cellStart
  private var record: CSVRecord
  private var line: Int
  private var previousWasCR = false
  private var cellIsQuoted = false
  private var quoteLine = 1
  private var width: Int?

  private static let quote = UInt8(ascii: "\"")
  private static let newline = UInt8(ascii: "\n")
  private static let carriageReturn = UInt8(ascii: "\r")
  private static let space = UInt8(ascii: " ")
  private static let tab = UInt8(ascii: "\t")

  /// - Parameters:
  ///   - name: what errors call the file.
  ///   - format: with a delimiter and a decimal mark; nil: a comma and a point.
  ///   - line: that of the first byte.
  ///   - allowsRaggedRows: whether records may have other numbers of cells than the header.
  init(name: String, format: CSVFormat = .standard, line: Int = 1, allowsRaggedRows: Bool = false) {
    self.name = name
    self.format = format
    self.allowsRaggedRows = allowsRaggedRows
    delimiter = (format.delimiter ?? .comma).byte
    self.line = line
    record = CSVRecord(format)
    record.line = line
  }

  mutating func consume(_ chunk: UnsafeRawBufferPointer, _ body: (borrowing CSVRecord) throws -> Void) throws {
    for byte in chunk { try take(byte, body) }
  }

  /// Ends the last record, which need not end with a line break.
  mutating func finish(_ body: (borrowing CSVRecord) throws -> Void) throws {
    if state == .quoted {
      throw CSVError.unterminatedQuote(file: name, line: quoteLine, column: record.count + 1)
    }
    let nothingSinceLineBreak = state == .cellStart && record.count == 0
    if !nothingSinceLineBreak { try endRecord(body) }
  }

  @inline(__always)
  private mutating func take(_ byte: UInt8, _ body: (borrowing CSVRecord) throws -> Void) throws {
    let followsCR = previousWasCR
    previousWasCR = byte == RecordParser.carriageReturn
    let isBreak = byte == RecordParser.newline || byte == RecordParser.carriageReturn

    switch state {
    case .quoted:
      if byte == RecordParser.quote {
        state = .quoteInQuoted
      } else {
        record.bytes.append(byte)
        if isBreak, !(followsCR && byte == RecordParser.newline) { line += 1 }
      }
      return
    case .quoteInQuoted where byte == RecordParser.quote:
      record.bytes.append(byte)
      state = .quoted
      return
    case .cellStart where byte == RecordParser.quote:
      // Blanks before the opening quote are not part of the cell.
      record.bytes.removeSubrange((record.ends.last ?? 0)...)
      cellIsQuoted = true
      quoteLine = line
      state = .quoted
      return
    default:
      break
    }

    if byte == delimiter {
      endCell()
    } else if isBreak {
      // The second half of CRLF.
      if followsCR, byte == RecordParser.newline { return }
      try endRecord(body)
      line += 1
      record.line = line
    } else {
      try takeOrdinary(byte)
    }
  }

  @inline(__always)
  private mutating func takeOrdinary(_ byte: UInt8) throws {
    // A tab that parts cells does not come here.
    let isBlank = byte == RecordParser.space || byte == RecordParser.tab
    switch state {
    case .unquoted where byte == RecordParser.quote:
      throw CSVError.strayQuote(file: name, line: line, column: record.count + 1)
    case .unquoted:
      record.bytes.append(byte)
    case .cellStart:
      record.bytes.append(byte)
      if !isBlank { state = .unquoted }
    case .quoted, .quoteInQuoted, .afterQuoted:
      guard isBlank else { throw CSVError.strayQuote(file: name, line: line, column: record.count + 1) }
      state = .afterQuoted
    }
  }

  private mutating func endCell() {
    record.ends.append(record.bytes.count)
    record.quoted.append(cellIsQuoted)
    cellIsQuoted = false
    state = .cellStart
  }

  private mutating func endRecord(_ body: (borrowing CSVRecord) throws -> Void) throws {
    endCell()
    defer { record.removeAll() }
    // Before the header, and between the records of a wide table, a blank line carries nothing. In a table of one
    // column it is a record whose cell is missing.
    if record.isBlank, width != 1 { return }
    // Some programs end each line with a delimiter, but not the header's.
    if let width, record.count == width + 1, record.hasEmptyEnd { record.removeEnd() }
    if let width, record.count != width, !allowsRaggedRows {
      throw CSVError.raggedRow(
        file: name, line: record.line, cells: record.count, expected: width, delimiter: format.delimiter ?? .comma)
    }
    if let cell = record.firstInvalidCell {
      throw CSVError.invalidUTF8(file: name, line: record.line, column: cell + 1)
    }
    if let cell = record.firstZeroCell {
      throw CSVError.zeroByte(file: name, line: record.line, column: cell + 1)
    }
    if width == nil {
      let names = (0..<record.count).map { record.text($0) }
      record.declaredMissing = try format.missing.spellings(of: names, format, file: name)
    }
    defer { width = width ?? record.count }
    try body(record)
  }
}
