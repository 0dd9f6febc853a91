/// One record of a CSV file: its cells' bytes, one after the other, in buffers that the next record reuses.
public struct CSVRecord: Sendable {
  /// The line that the record starts on, from 1.
  public internal(set) var line = 1
  var bytes: [UInt8] = []
  /// Where each cell ends in `bytes`.
  var ends: [Int] = []
  /// Whether each cell was in quotes.
  var quoted: [Bool] = []

  /// The number of cells.
  public var count: Int { ends.count }

  /// The text of a cell. Blanks around an unquoted cell are not part of it.
  public func text(_ cell: Int) -> String {
    String(decoding: bytes[content(cell)], as: UTF8.self)
  }

  /// A cell as a number: digits, a point, an exponent, nothing else. Nil if it is not a finite number.
  public func number(_ cell: Int) -> Double? {
    let range = content(cell)
    // Double's own reader also takes hexadecimal, infinity and nan.
    for byte in bytes[range] {
      switch byte {
      case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "+"),
        UInt8(ascii: "e"), UInt8(ascii: "E"):
        continue
      default:
        return nil
      }
    }
    guard let number = Double(String(decoding: bytes[range], as: UTF8.self)), number.isFinite else { return nil }
    return number
  }

  /// What a missing cell may hold, besides nothing, in upper or lower case: what R, SQL, pandas, spreadsheets and older
  /// data archives write.
  public static let missingSpellings = ["NA", "N/A", "#N/A", "<NA>", "NaN", "NULL", "None", "?"]

  private static let missingBytes = missingSpellings.map { $0.utf8.map(lowercased) }

  /// Whether a cell is empty or one of `missingSpellings`.
  public func isMissing(_ cell: Int) -> Bool {
    let range = content(cell)
    guard !range.isEmpty else { return true }
    // No spelling is longer: most cells of a column of text are told at once.
    guard range.count <= 4 else { return false }
    return CSVRecord.missingBytes.contains { bytes[range].lazy.map(CSVRecord.lowercased).elementsEqual($0) }
  }

  private static func lowercased(_ byte: UInt8) -> UInt8 {
    (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte | 0x20 : byte
  }

  /// The first cell that is not UTF-8 text.
  var firstInvalidCell: Int? {
    guard bytes.contains(where: { $0 >= 0x80 }) else { return nil }
    return (0..<count).first { String(validating: bytes[content($0)], as: UTF8.self) == nil }
  }

  /// A line without any character on it.
  var isBlank: Bool { ends.count == 1 && bytes.isEmpty && !quoted[0] }

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
