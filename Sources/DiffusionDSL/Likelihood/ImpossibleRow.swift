import Foundation

/// A row that a model gives a probability of 0, or one too small for any number: its score is -infinity.
public struct ImpossibleRow: Hashable, Sendable {
  /// Its place, counted from 0.
  public let row: Int
  /// The number that is farthest from those that the model was trained on; nil where none is far.
  public let outlier: Outlier?

  /// A number of a row that is far from those that a model was trained on.
  public struct Outlier: Hashable, Sendable {
    /// Its column.
    public let column: ColumnPlace
    /// The number, in the data's units.
    public let value: Double
    /// The number in scaled units: in standard deviations from the mean, where training standardised the data.
    public let scaled: Double
  }
}

extension ImpossibleRow: CustomStringConvertible {
  /// The row, and the number that is far where there is one.
  public var description: String {
    "row \(row) has a score of -infinity" + (outlier.map { ": \($0)" } ?? ", for the model cannot give it")
  }
}

extension ImpossibleRow.Outlier: CustomStringConvertible {
  /// The column and both numbers: `field 'bill' is 4e+07, 1e+06 in scaled units`.
  public var description: String { "\(column) is \(value.sixDigits), \(scaled.sixDigits) in scaled units" }
}

extension TrainedDiffusion {
  /// From how far on, in scaled units, a number is named as what a row's score comes from.
  private static let far = 30.0

  /// The continuous number of a row that is farthest out; nil where none is far.
  func outlier(in row: [Double]) -> ImpossibleRow.Outlier? {
    let scaled = scaling.applied(to: row)
    let columns = schema.columns
    let far = row.indices.filter { columns[$0].labels == nil && scaled[$0].magnitude > TrainedDiffusion.far }
    return far.max { scaled[$0].magnitude < scaled[$1].magnitude }.map {
      .init(column: ColumnPlace($0, name: columns[$0].name), value: row[$0], scaled: scaled[$0])
    }
  }

  /// The rows with a score of -infinity.
  ///
  /// - Parameters:
  ///   - scores: of the rows, in nats.
  ///   - data: the rows.
  ///   - step: finds the step that gave no number, where that is known.
  /// - Throws: `DataError.unscorable` where a row's score is NaN or +infinity and one of its numbers is far out, or else
  ///   `NonFiniteStep`.
  func impossibleRows(_ scores: [Double], _ data: Dataset, step: () -> Int? = { nil }) throws -> [ImpossibleRow] {
    if let row = scores.firstIndex(where: { $0.isNaN || $0 == .infinity }) {
      guard let outlier = outlier(in: data[row]) else { throw NonFiniteStep(step: step(), row: row) }
      throw DataError.unscorable(row: row, column: outlier.column, value: outlier.value, scaled: outlier.scaled)
    }
    return scores.indices.filter { scores[$0] == -.infinity }.map { row in
      ImpossibleRow(row: row, outlier: outlier(in: data[row]))
    }
  }
}

extension [ImpossibleRow] {
  /// A line for each of the first rows, and one for how many more there are; none where there is none.
  var lines: [String] {
    prefix(3).map(\.description) + (count > 3 ? ["and \((count - 3).counted("more row")) of -infinity"] : [])
  }
}
