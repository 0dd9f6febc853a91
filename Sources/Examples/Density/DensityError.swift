import ExampleSupport

/// What makes a table unfit for a density.
enum DensityError: BadData, Equatable {
  case tooFewRows(rows: Int, needed: Int, columns: Int, folds: Int)
  case constantColumn(name: String, value: Double)
  /// The squares of the values overflow.
  case tooLarge(name: String)
  /// The values differ by so little that the squares of the differences are 0.
  case tooSmall(name: String)
  /// The values differ in their last digits alone.
  case tooFarFromZero(name: String, value: Double)
  /// The rows of these lines lie so far from the others that the logarithm of their density is not finite.
  case tooFarOut(lines: [Int])
  /// `name` is a linear combination of the others.
  case collinear(name: String, of: [String])

  var description: String {
    switch self {
    case .tooFewRows(let rows, let needed, let columns, let folds):
      "\(counted(rows, "complete row")) \(rows == 1 ? "is" : "are") too few for \(counted(columns, "column")) and "
        + "\(folds) folds: at least \(needed) are needed, so \(DensityError.remedy(rows, columns, folds))."
    case .constantColumn(let name, let value):
      "column '\(name)' is \(value) in every row, so it has no density: leave it out with --columns."
    case .tooLarge(let name):
      "column '\(name)' has values too large to be scored, as their squares exceed what a number can hold: rescale it."
    case .tooSmall(let name):
      "column '\(name)' has values that differ by too little to be scored, as the squares of the differences are less "
        + "than a number can hold: rescale it."
    case .tooFarFromZero(let name, let value):
      "column '\(name)' differs from \(value) by less than such numbers can tell apart well: "
        + "subtract a constant from it."
    case .tooFarOut(let lines):
      "\(lines.count == 1 ? "line" : "lines") \(DensityError.list(lines)) \(lines.count == 1 ? "lies" : "lie") so far "
        + "from the other rows that no number can hold how unlikely that is: correct the cells there, or leave them empty."
    case .collinear(let name, let others):
      "column '\(name)' is a linear combination of \(others.map { "'\($0)'" }.joined(separator: ", ")), "
        + "so the density is unbounded: leave one of them out with --columns."
    }
  }

  private static func list(_ lines: [Int]) -> String {
    let most = 5
    let head = lines.prefix(most).map(String.init).joined(separator: ", ")
    return lines.count > most ? "\(head) and \(lines.count - most) more" : head
  }

  /// What to do where there are too few rows for the columns and folds.
  private static func remedy(_ rows: Int, _ columns: Int, _ folds: Int) -> String {
    if rows >= Study.rowsNeeded(columns: columns, folds: 2) { return "add rows or choose fewer folds with --folds" }
    return columns > 1 ? "add rows or choose fewer columns with --columns" : "add rows"
  }
}
