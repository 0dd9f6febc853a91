import DiffusionDSL
import ExampleSupport
import Foundation

/// How near filled-in cells come to what was hidden.
///
/// Errors of measurements are in units of the training rows' standard deviation of the column, so that all columns count
/// alike. Standard errors are by leaving out one row after the other, with all its copies (the jackknife): the cells of a
/// row are no independent cases.
struct FillScores: Sendable {
  /// A number with its standard error.
  struct Estimate: Sendable {
    var value: Double
    var standardError: Double
  }

  /// Of some rows: sums over their hidden cells.
  private struct Sums: Sendable {
    var squares = 0.0
    var numbers = 0.0
    var hits = 0.0
    var labels = 0.0
    /// Measurements inside their interval.
    var covered = 0.0

    static func - (left: Sums, right: Sums) -> Sums {
      Sums(
        squares: left.squares - right.squares, numbers: left.numbers - right.numbers, hits: left.hits - right.hits,
        labels: left.labels - right.labels, covered: left.covered - right.covered)
    }
    static func + (left: Sums, right: Sums) -> Sums { left - (Sums() - right) }

    var nrmse: Double { (squares / numbers).squareRoot() }
    var accuracy: Double { hits / labels }
    var coverage: Double { covered / numbers }
  }

  /// Row by row, those without hidden cells too.
  private var rows: [Sums] = []

  /// How many measurements and labels were hidden.
  var cells: (measurements: Int, labels: Int) {
    let total = rows.reduce(Sums(), +)
    return (Int(total.numbers), Int(total.labels))
  }

  var rowCount: Int { rows.count }

  /// Adds the rows of a fold; every method gets its folds in the same order.
  ///
  /// - Parameters:
  ///   - filled: one number for each hidden cell.
  ///   - intervals: one for each hidden cell; nil where there are none.
  mutating func add(
    _ filled: [Double], intervals: [ClosedRange<Double>?]? = nil, for hidden: HiddenCells, training: Table
  ) {
    let columns = training.schema.columns
    let deviations = columns.map { column in
      column.labels == nil ? Moments(of: training.numbers(of: column.name) ?? []).deviation : nil
    }
    var sums = Array(repeating: Sums(), count: hidden.originals)
    for (index, cell) in hidden.cells.enumerated() {
      if let deviation = deviations[cell.column] {
        let error = (filled[index] - cell.truth) / deviation
        sums[cell.original].squares += error * error
        sums[cell.original].numbers += 1
        if let interval = intervals?[index], interval.contains(cell.truth) { sums[cell.original].covered += 1 }
      } else {
        sums[cell.original].hits += filled[index] == cell.truth ? 1 : 0
        sums[cell.original].labels += 1
      }
    }
    rows += sums
  }

  /// The root of the mean squared error of measurements, in standard deviations.
  var nrmse: Estimate { FillScores.estimate([rows]) { $0[0].nrmse } }
  /// The share of labels that are right.
  var accuracy: Estimate { FillScores.estimate([rows]) { $0[0].accuracy } }
  /// The share of measurements that lie in their intervals.
  var coverage: Estimate { FillScores.estimate([rows]) { $0[0].coverage } }

  /// How much smaller the error is than another method's of the same cells.
  func nrmseGain(over other: FillScores) -> Estimate {
    FillScores.estimate([rows, other.rows]) { $0[1].nrmse - $0[0].nrmse }
  }

  /// How many more labels are right than with another method on the same cells.
  func accuracyGain(over other: FillScores) -> Estimate {
    FillScores.estimate([rows, other.rows]) { $0[0].accuracy - $0[1].accuracy }
  }

  private static func estimate(_ methods: [[Sums]], _ statistic: ([Sums]) -> Double) -> Estimate {
    let totals = methods.map { $0.reduce(Sums(), +) }
    let count = methods[0].count
    let without = (0..<count).map { row in statistic(zip(totals, methods).map { $0 - $1[row] }) }
    // The jackknife's variance is (n - 1) times that of the values without a row.
    return Estimate(
      value: statistic(totals), standardError: Moments(of: without).deviation * Double(count - 1).squareRoot())
  }
}
