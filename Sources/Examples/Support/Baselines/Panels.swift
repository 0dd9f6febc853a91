/// Rows of numbers, eight of them side by side: [panel][column][row], so that one vector holds a column of eight rows.
struct Panels: Sendable {
  typealias Lanes = SIMD8<Double>

  /// Numbers of a row.
  let columns: Int
  /// Rows; the last panel is filled up with zeros.
  let count: Int
  /// [panel][column].
  let lanes: [Lanes]
  /// Panels.
  var panels: Int { (count + 7) / 8 }

  /// - Parameter rows: all of one length, one or more.
  init(_ rows: [[Double]]) {
    columns = rows.first?.count ?? 0
    count = rows.count
    var lanes = Array(repeating: Lanes.zero, count: (rows.count + 7) / 8 * columns)
    for (index, row) in rows.enumerated() {
      for (column, number) in row.enumerated() { lanes[index / 8 * columns + column][index % 8] = number }
    }
    self.lanes = lanes
  }

  /// How many rows of a panel there are.
  func used(_ panel: Int) -> Int { min(8, count - panel * 8) }

  /// The panels in blocks, for work on several threads whose sums do not depend on how many there are.
  var blocks: [Range<Int>] {
    stride(from: 0, to: panels, by: 256).map { $0..<min(panels, $0 + 256) }
  }
}
