/// A column of a CSV file that a `NumericTable` or a `GuessedSchema` does without, and why.
public struct LeftOutColumn: Equatable, Sendable {
  /// Why a column was left out.
  public enum Reason: Equatable, Sendable {
    /// The first cell that is neither a finite number nor missing, and the line its record starts on, from 1.
    case cell(String, line: Int)
    /// All of the cells are missing.
    case onlyMissingCells
    /// A column without a name is the row number that other programs write. Columns count from 1.
    case unnamed(column: Int)
    /// All cells that are there hold the same, so there is nothing to learn of them.
    case constant(String)
    /// Text that differs from row to row, as names and keys do.
    case allDifferent
    /// More texts than a category is to have.
    case tooManyLabels(most: Int)
  }

  /// The column's name; empty where it has none.
  public var name: String
  /// Why it was left out.
  public var reason: Reason
  /// Whether some cell was a number: such a column may have been left out for one bad cell.
  public var hasNumber: Bool

  /// A column with the reason why it was left out.
  public init(name: String, reason: Reason, hasNumber: Bool = false) {
    self.name = name
    self.reason = reason
    self.hasNumber = hasNumber
  }
}

extension LeftOutColumn: CustomStringConvertible {
  /// What was left out and why, on one line: `y: line 9 holds 'inf'`.
  public var description: String {
    "\(reason.subject ?? OneLine.shown(name)): \(reason)"
  }
}

extension LeftOutColumn.Reason: CustomStringConvertible {
  /// Why, on one line: `line 9 holds 'inf'`.
  public var description: String {
    switch self {
    case .cell(let cell, let line): "line \(line) holds '\(OneLine.shown(cell))'"
    case .onlyMissingCells: "it has only missing cells"
    case .unnamed: "it has no name"
    case .constant(let cell): "each of its cells is '\(OneLine.shown(cell))'"
    case .allDifferent: "its texts all differ"
    case .tooManyLabels(let most): "it has more than \(most) labels"
    }
  }

  /// What to call a column without a name.
  fileprivate var subject: String? {
    if case .unnamed(let column) = self { "column \(column)" } else { nil }
  }
}

/// Text of a file made fit for one line of a message.
enum OneLine {
  static func shown(_ text: String, most: Int = 60) -> String {
    let line = String(text.map { $0.isNewline || $0 == "\t" ? " " : $0 })
    return line.count > most ? line.prefix(most - 3) + "..." : line
  }
}
