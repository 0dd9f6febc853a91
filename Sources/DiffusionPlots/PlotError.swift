import Foundation

/// Why a figure was not drawn.
public enum PlotError: Error, Equatable, Sendable {
  /// There is no gnuplot; the figure's data were written to `data` instead.
  case gnuplotMissing(data: URL)
  /// gnuplot ran and failed; `message` is the last line of what it said.
  case gnuplotFailed(status: Int32, message: String)
  /// The coordinates of a layer differ in number.
  case lengthMismatch(row: Int, column: Int, layer: Int, lengths: [Int])
  /// An axis whose range is not finite or has no length, or is not positive on a logarithmic axis.
  case badRange(row: Int, column: Int, axis: String, low: Double, high: Double)
  /// Panels of a width or height that no picture has.
  case badSize(width: Double, height: Double)
  /// A figure without panels, or whose rows of panels differ in length, or with more than a thousand of either.
  case emptyGrid
  /// Values that do not fill rows of the given number of columns.
  case shapeMismatch(values: Int, columns: Int)
  /// Groups or labels of another number of rows than there are.
  case groupMismatch(rows: Int, groups: Int)
  /// A file that cannot be written, and the system's reason.
  case unwritable(file: String, reason: String)
}

extension PlotError: CustomStringConvertible {
  /// One sentence with the file or number and the remedy.
  public var description: String {
    switch self {
    case .gnuplotMissing(let data):
      "gnuplot is not installed, so the figure's data are in '\(data.path)': "
        + "install it (apt-get install gnuplot-nox, or brew install gnuplot), or name it in GNUPLOT, to get figures."
    case .gnuplotFailed(let status, let message):
      "gnuplot ended with status \(status) ('\(message)'): version 5.2 or later with pngcairo and svg is needed."
    case .lengthMismatch(let row, let column, let layer, let lengths):
      "panel (\(row), \(column)), layer \(layer) has coordinates of lengths "
        + "\(lengths.map(String.init).joined(separator: ", ")): they must be equal."
    case .badRange(let row, let column, let axis, let low, let high):
      "panel (\(row), \(column)) cannot show its \(axis) axis from \(low) to \(high): "
        + "give a finite range with a length, positive on a logarithmic axis."
    case .badSize(let width, let height):
      "panels of \(width) by \(height) pixels cannot be drawn: give from 1 to 100000 for each."
    case .emptyGrid:
      "a figure needs at least one panel, rows of equally many and at most a thousand of either: fill gaps with nil."
    case .shapeMismatch(let values, let columns):
      "\(values) values cannot fill rows of \(columns) columns: give a multiple of the number of columns, at least 1."
    case .groupMismatch(let rows, let groups):
      "\(rows) rows cannot be of \(groups) groups: give one index for each row."
    case .unwritable(let file, let reason):
      "cannot write '\(file)' (\(reason)); check the directory and its free space."
    }
  }
}
