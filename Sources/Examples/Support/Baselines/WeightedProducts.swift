import Distributions

/// Weighted sums of products of columns.
struct WeightedProducts {
  private let columns: Int
  /// The lower triangle, row by row.
  private var sums: [Panels.Lanes]

  init(columns: Int) {
    self.columns = columns
    sums = Array(repeating: .zero, count: columns * (columns + 1) / 2)
  }

  mutating func add(_ rows: Panels, _ panel: Int, weight: Panels.Lanes) {
    guard weight != .zero else { return }
    let begin = panel * columns
    var place = 0
    for row in 0..<columns {
      let scaled = rows.lanes[begin + row] * weight
      for column in 0...row {
        sums[place] += scaled * rows.lanes[begin + column]
        place += 1
      }
    }
  }

  func covariance(total: Double, ridge: Double) -> SymmetricMatrix {
    var matrix = SymmetricMatrix(size: columns)
    var place = 0
    for row in 0..<columns {
      for column in 0...row {
        matrix[row, column] = sums[place].sum() / total
        place += 1
      }
    }
    matrix.add(diagonal: ridge)
    return matrix
  }
}
