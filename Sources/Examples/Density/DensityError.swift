import ExampleSupport

/// What makes a table unfit for a density.
enum DensityError: BadData, Equatable {
  case tooFewRows(rows: Int, needed: Int, columns: Int, folds: Int)
  case constantColumn(name: String, value: Double)
  /// The variance of the values is no number any more.
  case tooLarge(name: String)
  /// `name` is a linear combination of the others.
  case collinear(name: String, of: [String])

  var description: String {
    switch self {
    case .tooFewRows(let rows, let needed, let columns, let folds):
      "\(rows) complete rows are too few for \(columns) column\(columns == 1 ? "" : "s") and \(folds) folds: "
        + "at least \(needed) are needed, so choose fewer columns with --columns or fewer folds with --folds."
    case .constantColumn(let name, let value):
      "column '\(name)' is \(value) in every row, so it has no density: leave it out with --columns."
    case .tooLarge(let name):
      "column '\(name)' has values whose squares exceed what a number can hold: rescale it."
    case .collinear(let name, let others):
      "column '\(name)' is a linear combination of \(others.map { "'\($0)'" }.joined(separator: ", ")), "
        + "so the density is unbounded: leave one of them out with --columns."
    }
  }
}
