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
  private var state = State.cellStart
  private var record = CSVRecord()
  private var line = 1
  private var previousWasCR = false
  private var cellIsQuoted = false
  private var quoteLine = 1
  private var width: Int?
  /// Bytes of a byte order mark matched so far; nil once the start is past.
  private var markMatched: Int? = 0
  private static let mark: [UInt8] = [0xEF, 0xBB, 0xBF]

  private static let comma = UInt8(ascii: ",")
  private static let quote = UInt8(ascii: "\"")
  private static let newline = UInt8(ascii: "\n")
  private static let carriageReturn = UInt8(ascii: "\r")
  private static let space = UInt8(ascii: " ")
  private static let tab = UInt8(ascii: "\t")

  init(name: String) {
    self.name = name
  }

  mutating func consume(_ chunk: UnsafeRawBufferPointer, _ body: (borrowing CSVRecord) throws -> Void) throws {
    for byte in chunk {
      if let matched = markMatched {
        if byte == RecordParser.mark[matched] {
          markMatched = matched + 1 < RecordParser.mark.count ? matched + 1 : nil
          continue
        }
        markMatched = nil
        for skipped in RecordParser.mark.prefix(matched) { try take(skipped, body) }
      }
      try take(byte, body)
    }
  }

  /// Ends the last record, which need not end with a line break.
  mutating func finish(_ body: (borrowing CSVRecord) throws -> Void) throws {
    if let matched = markMatched, matched > 0 {
      markMatched = nil
      for skipped in RecordParser.mark.prefix(matched) { try take(skipped, body) }
    }
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

    if byte == RecordParser.comma {
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
    if let width, record.count != width {
      throw CSVError.raggedRow(file: name, line: record.line, cells: record.count, expected: width)
    }
    width = record.count
    if let cell = record.firstInvalidCell {
      throw CSVError.invalidUTF8(file: name, line: record.line, column: cell + 1)
    }
    try body(record)
  }
}
