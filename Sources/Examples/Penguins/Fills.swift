import DiffusionDSL
import ExampleSupport
import Foundation

/// The training rows' mean of a measurement, and their most frequent label.
struct MeanModeFill: Sendable {
  private let values: [Double]

  init(_ training: Table) {
    values = training.schema.columns.map { column in
      typical(training.numbers(of: column.name) ?? [], isNumber: column.labels == nil)
    }
  }

  func fill(_ hidden: HiddenCells) -> [Double] { hidden.cells.map { values[$0.column] } }
}

/// The mean, or the most frequent label, among the training rows that are nearest in Gower's distance (1971): over the
/// cells that both rows have, the mean of differences as shares of the training rows' range, 1 for different labels.
struct NearestNeighboursFill: Sendable {
  /// What scikit-learn's and VIM's nearest-neighbour fills take unless told otherwise.
  static let usualCount = 5

  private let training: Table
  private let count: Int
  /// The range of a column; nil: labels.
  private let ranges: [Double?]

  init(_ training: Table, count: Int = usualCount) {
    self.training = training
    self.count = count
    ranges = training.schema.columns.map { column in
      guard column.labels == nil else { return nil }
      let numbers = (training.numbers(of: column.name) ?? []).filter { !$0.isNaN }
      return (numbers.max() ?? 0) - (numbers.min() ?? 0)
    }
  }

  func fill(_ hidden: HiddenCells) -> [Double] {
    var order: (row: Int, neighbours: [Int]) = (-1, [])
    return hidden.cells.map { cell in
      if order.row != cell.row { order = (cell.row, neighbours(of: hidden.table[cell.row].numbers)) }
      let donors = order.neighbours.lazy.map { number($0, cell.column) }.filter { !$0.isNaN }.prefix(count)
      return typical(Array(donors), isNumber: ranges[cell.column] != nil)
    }
  }

  /// The training rows, the nearest first.
  private func neighbours(of row: [Double]) -> [Int] {
    let distances = training.indices.map { distance(row, $0) }
    return training.indices.sorted { (distances[$0], $0) < (distances[$1], $1) }
  }

  private func number(_ row: Int, _ column: Int) -> Double { training.cells[row * ranges.count + column] }

  private func distance(_ row: [Double], _ other: Int) -> Double {
    var (sum, shared) = (0.0, 0.0)
    for (column, range) in ranges.enumerated() {
      let difference = abs(row[column] - number(other, column))
      guard !difference.isNaN else { continue }
      sum += range.map { $0 > 0 ? difference / $0 : 0 } ?? (difference == 0 ? 0 : 1)
      shared += 1
    }
    // Rows without a cell that both have get the largest distance.
    return shared > 0 ? sum / shared : 1
  }
}

/// The mean of numbers, or the most frequent of labels' places, the least of several; missing cells count for none.
private func typical(_ cells: [Double], isNumber: Bool) -> Double {
  if isNumber { return Moments(of: cells).mean }
  var counts: [Double: Int] = [:]
  for cell in cells where !cell.isNaN { counts[cell, default: 0] += 1 }
  return counts.max { ($0.value, -$0.key) < ($1.value, -$1.key) }?.key ?? .nan
}
