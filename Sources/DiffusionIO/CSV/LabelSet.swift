/// The labels that a column's cells would have, as they are spelt where they are codes.
///
/// Numbers that are written in several ways, 1 and 1.0, are one label, and are spelt as `CSVWriter.cell` does. But a number
/// of three digits or more with a leading zero, one of more digits than a double holds, or 1E2, among whole numbers, shows
/// that the numbers of a column are codes, and then each spelling is a label of its own. Hours and months have two digits.
public struct LabelSet: Sendable {
  /// More labels than this are not kept.
  public let most: Int
  private var numbers: Set<Double> = []
  /// How the numbers are spelt.
  private var spellings: Set<String> = []
  private var texts: Set<String> = []
  /// The first cell that only a code is written like, and the line its record starts on.
  public private(set) var firstCode: (cell: String, line: Int)?
  private var hasFraction = false

  /// - Parameter most: how many labels are of interest.
  public init(most: Int) { self.most = most }

  /// Adds a cell that is not missing.
  public mutating func add(_ record: borrowing CSVRecord, _ cell: Int) {
    add(record.text(cell), record.number(cell), line: record.line)
  }

  mutating func add(_ text: String, _ number: Double?, line: Int) {
    guard let number else { return LabelSet.insert(text, into: &texts, most: most) }
    LabelSet.insert(number, into: &numbers, most: most)
    LabelSet.insert(text, into: &spellings, most: most)
    if text.contains(where: { $0 == "." || $0 == "," }) {
      hasFraction = true
    } else if firstCode == nil, LabelSet.isCode(text) {
      firstCode = (text, line)
    }
  }

  /// One more than are of interest tells that there are too many.
  private static func insert<Label>(_ label: Label, into labels: inout Set<Label>, most: Int) {
    if labels.count <= most { labels.insert(label) }
  }

  /// Whether a whole number is written as only a code is.
  private static func isCode(_ text: String) -> Bool {
    let unsigned = text.drop { $0 == "-" || $0 == "+" }
    let digits = unsigned.prefix { $0.isNumber }
    guard digits.count == unsigned.count else {
      // With an exponent that has no sign: programs that write numbers write one.
      let rest = unsigned[digits.endIndex...]
      guard !digits.isEmpty, rest.first == "e" || rest.first == "E" else { return false }
      return rest.dropFirst().first?.isNumber ?? false
    }
    if digits.count > 2, digits.first == "0" { return true }
    // All whole numbers of 15 digits are doubles.
    return digits.count > 15 && (Int(text).map { Double(exactly: $0) == nil } ?? true)
  }

  /// Whether the numbers are codes.
  public var areCodes: Bool { firstCode != nil && !hasFraction }
  /// How many labels there are; one more than are of interest where there are too many.
  public var count: Int {
    let all = texts.count + (areCodes ? spellings.count : numbers.count)
    return most < all ? most + 1 : all
  }
  /// The labels: numbers by their size, texts behind them.
  public var labels: [String] {
    let sorted =
      areCodes
      ? spellings.sorted { (Double($0) ?? 0, $0) < (Double($1) ?? 0, $1) } : numbers.sorted().map(CSVWriter.cell)
    return sorted + texts.sorted()
  }
}
