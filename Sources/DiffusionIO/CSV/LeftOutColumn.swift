/// A column of a CSV file that a `NumericTable` or a `GuessedSchema` does without, and why.
public struct LeftOutColumn: Equatable, Sendable {
  /// Why a column was left out.
  public enum Reason: Equatable, Sendable {
    /// The first cell that is neither a finite number nor missing, and the line its record starts on, from 1.
    case cell(String, line: Int)
    /// The first cell that is a number in a notation of its own, such as 1,234.50, 5% or $5, and the line of its record; all
    /// others are such or plain numbers. `CSVFormat.numbers` reads them.
    case notation(String, line: Int)
    /// All of the cells are missing.
    case onlyMissingCells
    /// A column without a name is the row number that other programs write. Columns count from 1.
    case unnamed(column: Int)
    /// All cells that are there hold the same, so there is nothing to learn of them.
    case constant(String)
    /// Text that differs from row to row, as names and keys do.
    case allDifferent
    /// Whole numbers that are all different and too close for that to be chance: a key, or the rows' number.
    case key
    /// Whole numbers of which this one, on this line, is written like a code, as 007 is, and of too many kinds for labels.
    case codes(String, line: Int)
    /// Dates; the first one.
    case dates(String)
    /// More labels than a category is to have unless it is chosen; from `GuessedSchema.mostChosen` on they are not counted.
    case tooManyLabels(Int, most: Int)
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
  /// What was left out and why, on one line, with the option that keeps it: `y: line 9 holds 'inf'`.
  public var description: String {
    let name = OneLine.shown(name)
    let remedy =
      switch reason {
      case .key, .codes: " (--schema '\(name)=continuous')"
      case .tooManyLabels(let count, _) where count <= GuessedSchema.mostChosen: " (--schema '\(name)=category')"
      default: ""
      }
    return "\(reason.subject ?? name): \(reason)\(remedy)"
  }
}

extension LeftOutColumn.Reason: CustomStringConvertible {
  /// Why, on one line: `line 9 holds 'inf'`.
  public var description: String {
    switch self {
    case .cell(let cell, let line): "line \(line) holds '\(OneLine.shown(cell))'"
    case .notation(let cell, let line):
      "line \(line) holds '\(OneLine.shown(cell))', a number in a notation that is read where numbers are loose "
        + "(numbers: .loose, --numbers loose)"
        + (cell.contains(",") ? ", or where its comma is a decimal one (decimal: .comma, --decimal ,)" : "")
    case .onlyMissingCells: "it has only missing cells"
    case .unnamed: "it has no name"
    case .constant(let cell): "each of its cells is '\(OneLine.shown(cell))'"
    case .allDifferent: "its texts all differ"
    case .key: "its whole numbers all differ, as those of a key do"
    case .codes(let cell, let line): "line \(line) holds '\(OneLine.shown(cell))', a code and no number"
    case .dates(let date): "it holds dates such as '\(OneLine.shown(date))'"
    case .tooManyLabels(let count, let most):
      count > GuessedSchema.mostChosen
        ? "it has more than \(GuessedSchema.mostChosen) labels"
        : "it has \(count) labels, and more than \(most) are a category only where that is chosen"
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
