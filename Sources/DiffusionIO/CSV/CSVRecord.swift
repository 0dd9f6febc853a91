/// One record of a CSV file: its cells' bytes, one after the other, in buffers that the next record reuses.
public struct CSVRecord: Sendable {
  /// The line that the record starts on, from 1.
  public internal(set) var line = 1
  var bytes: [UInt8] = []
  /// Where each cell ends in `bytes`.
  var ends: [Int] = []
  /// Whether each cell was in quotes.
  var quoted: [Bool] = []
  /// How numbers are written.
  let decimal: DecimalMark
  let numbers: CSVFormat.NumberReading
  /// What a missing cell may hold beside the usual, by column; nil where nothing else was named.
  var declaredMissing: [[MissingSpelling]]?

  init(_ format: CSVFormat) {
    decimal = format.decimal ?? .point
    numbers = format.numbers
  }

  /// The number of cells.
  public var count: Int { ends.count }

  /// The text of a cell. Blanks around an unquoted cell are not part of it.
  public func text(_ cell: Int) -> String {
    String(decoding: bytes[content(cell)], as: UTF8.self)
  }

  /// A cell as it can be written again: in quotes where it is a text for them.
  public func written(_ cell: Int) -> CSVWriter.Text {
    CSVWriter.Text(text(cell), isQuoted: isMissing(cell, evenInQuotes: true) && !isMissing(cell))
  }

  /// A cell as a number, as the format has them. Nil if it is not a finite number, or one that stands for a missing cell.
  public func number(_ cell: Int) -> Double? {
    guard let number = strictOrLoose(cell), !isDeclaredMissing(cell, number) else { return nil }
    return number
  }

  private func strictOrLoose(_ cell: Int) -> Double? {
    let bytes = bytes[content(cell)]
    if let number = NumberText.strict(bytes, decimal) { return number }
    return numbers == .loose ? NumberText.loose(String(decoding: bytes, as: UTF8.self), decimal) : nil
  }

  /// Whether a cell would be a number if numbers were read loosely.
  func isLooseNumber(_ cell: Int) -> Bool {
    NumberText.loose(text(cell), decimal) != nil
  }

  /// What a missing cell may hold, besides nothing, in upper or lower case: what R, SQL, pandas, spreadsheets and older
  /// data archives write.
  public static let missingSpellings = ["NA", "N/A", "#N/A", "<NA>", "NaN", "NULL", "None", "?"]

  private static let missingBytes = missingSpellings.map { $0.utf8.map(lowercased) }

  /// Whether a cell is empty, one of `missingSpellings` that is not in quotes, or one of those that the format names.
  ///
  /// - Parameter evenInQuotes: whether a spelling in quotes counts too, as where a number is wanted.
  public func isMissing(_ cell: Int, evenInQuotes: Bool = false) -> Bool {
    let range = content(cell)
    if range.isEmpty || isDeclaredMissing(cell) { return true }
    // No spelling is longer: most cells of a column of text are told at once.
    guard range.count <= 4, evenInQuotes || !quoted[cell] else { return false }
    return CSVRecord.missingBytes.contains { bytes[range].lazy.map(CSVRecord.lowercased).elementsEqual($0) }
  }

  /// Whether the format says that a cell is missing, whatever it is spelt like.
  func isDeclaredMissing(_ cell: Int) -> Bool {
    declaredMissing != nil && isDeclaredMissing(cell, strictOrLoose(cell))
  }

  private func isDeclaredMissing(_ cell: Int, _ number: Double?) -> Bool {
    guard let declaredMissing, declaredMissing.indices.contains(cell), !declaredMissing[cell].isEmpty else {
      return false
    }
    let text = text(cell)
    return declaredMissing[cell].contains { $0.matches(text, number) }
  }

  private static func lowercased(_ byte: UInt8) -> UInt8 {
    (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte | 0x20 : byte
  }

  /// The first cell that is not UTF-8 text.
  var firstInvalidCell: Int? {
    guard bytes.contains(where: { $0 >= 0x80 }) else { return nil }
    return (0..<count).first { String(validating: bytes[content($0)], as: UTF8.self) == nil }
  }

  /// The first cell with a byte of zeros.
  var firstZeroCell: Int? {
    guard bytes.contains(0) else { return nil }
    return (0..<count).first { bytes[content($0)].contains(0) } ?? 0
  }

  /// A line without any character on it.
  var isBlank: Bool { ends.count == 1 && bytes.isEmpty && !quoted[0] }

  /// Whether nothing stands behind the last delimiter.
  var hasEmptyEnd: Bool { count > 1 && ends[count - 1] == ends[count - 2] && !quoted[count - 1] }

  /// Forgets the last cell, which is empty.
  mutating func removeEnd() {
    ends.removeLast()
    quoted.removeLast()
  }

  mutating func removeAll() {
    bytes.removeAll(keepingCapacity: true)
    ends.removeAll(keepingCapacity: true)
    quoted.removeAll(keepingCapacity: true)
  }

  private func content(_ cell: Int) -> Range<Int> {
    // A cell that is not there is as one that is empty.
    guard ends.indices.contains(cell) else { return 0..<0 }
    var start = cell == 0 ? 0 : ends[cell - 1]
    var end = ends[cell]
    guard !quoted[cell] else { return start..<end }
    while start < end, isSpace(bytes[start]) { start += 1 }
    while end > start, isSpace(bytes[end - 1]) { end -= 1 }
    return start..<end
  }

  private func isSpace(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t")
  }
}
