/// Something to know of a column that a `GuessedSchema` uses.
public struct ColumnNote: Hashable, Sendable {
  /// What there is to know.
  public enum Content: Hashable, Sendable {
    /// How many cells are missing, of how many.
    case missingCells(Int, of: Int)
    /// A spelling that is taken for a missing cell, as nothing else can be meant, and how often it comes.
    case guessedMissing(String, count: Int)
    /// A number that may stand for a missing cell, since it comes several times and lies far from all others; it is taken
    /// for a number.
    case suspectedMissing(Double, count: Int)
  }

  /// The column's name.
  public let column: String
  /// What there is to know of it.
  public let content: Content

  /// How many cells are missing, where that is what there is to know.
  public var missingCells: Int? { if case .missingCells(let count, _) = content { count } else { nil } }

  /// A note; see the properties of the same names.
  public init(column: String, content: Content) {
    (self.column, self.content) = (column, content)
  }
}

extension ColumnNote: CustomStringConvertible {
  /// What there is to know, on one line.
  public var description: String {
    let name = OneLine.shown(column)
    switch content {
    case .missingCells(let count, let all): return "\(name): \(count) of \(all) cells are missing"
    case .guessedMissing(let spelling, let count):
      return "\(name): '\(spelling)' is taken for a missing cell, \(count) times; elsewhere say so (MissingSpellings, "
        + "--missing '\(name)=\(spelling)')"
    case .suspectedMissing(let number, let count):
      let text = CSVWriter.cell(number)
      return
        "\(name): \(text) comes \(count) times and lies far from all else; if it stands for a missing cell, say so "
        + "(MissingSpellings, --missing '\(name)=\(text)')"
    }
  }
}
