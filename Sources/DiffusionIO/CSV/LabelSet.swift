/// The labels that a column's cells would have, as they are spelt where they are codes.
///
/// Numbers that are written in several ways, 1 and 1.0, are one label, and are spelt as `CSVWriter.cell` does. But a number
/// with leading zeros, one of more digits than a double holds, or 1E2, among whole numbers, shows that the numbers of a
/// column are codes, and then each spelling is a label of its own.
public struct LabelSet: Sendable {
  /// More labels than this are not kept.
  public let most: Int
  private var numbers: Set<Double> = []
  /// How the numbers are spelt.
  private var spellings: Set<String> = []
  private var texts: Set<String> = []
  private var hasCode = false
  private var hasFraction = false

  /// - Parameter most: how many labels are of interest.
  public init(most: Int) { self.most = most }

  /// Adds a cell that is not missing.
  public mutating func add(_ record: borrowing CSVRecord, _ cell: Int) { add(record.text(cell), record.number(cell)) }

  mutating func add(_ text: String, _ number: Double?) {
    guard let number else { return LabelSet.insert(text, into: &texts, most: most) }
    LabelSet.insert(number, into: &numbers, most: most)
    LabelSet.insert(text, into: &spellings, most: most)
    if text.contains(where: { $0 == "." || $0 == "," }) {
      hasFraction = true
    } else if LabelSet.isCode(text) {
      hasCode = true
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
      return unsigned[digits.endIndex...].dropFirst().first?.isNumber ?? false
    }
    if digits.count > 1, digits.first == "0" { return true }
    // All whole numbers of 15 digits are doubles.
    return digits.count > 15 && (Int(text).map { Double(exactly: $0) == nil } ?? true)
  }

  /// Whether the numbers are codes.
  public var areCodes: Bool { hasCode && !hasFraction }
  /// How many labels there are; one more than are of interest where there are too many.
  public var count: Int { min(most + 1, texts.count + (areCodes ? spellings.count : numbers.count)) }
  /// The labels: numbers by their size, texts behind them.
  public var labels: [String] {
    let sorted =
      areCodes
      ? spellings.sorted { (Double($0) ?? 0, $0) < (Double($1) ?? 0, $1) } : numbers.sorted().map(CSVWriter.cell)
    return sorted + texts.sorted()
  }
}
