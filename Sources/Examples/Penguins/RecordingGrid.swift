import DiffusionDSL
import Foundation

/// The grids that measurements were recorded on. A density on tied values is unbounded, so before anything is fitted
/// each value is spread by uniform noise as wide as its grid's step (Theis, van den Oord and Bethge 2015).
struct RecordingGrid: Sendable {
  /// By the columns' names; a column without one is left as it is.
  let steps: [String: Double]

  /// The table with uniform noise as wide as each column's step, centred on the values; missing cells stay missing.
  ///
  /// - Parameter seed: names the noise. A cell's noise follows from its place alone.
  func dequantised(_ table: Table, seed: UInt64) throws -> Table {
    var cells = table.cells
    let width = table.schema.columns.count
    for (column, name) in table.schema.names.enumerated() {
      guard let step = steps[name] else { continue }
      for row in table.indices {
        var stream = RandomStream(
          seed: seed, purpose: "penguins/dequantising", chain: UInt64(row), step: UInt32(truncatingIfNeeded: column))
        cells[row * width + column] += step * Double.random(in: -0.5..<0.5, using: &stream)
      }
    }
    return try Table(cells: cells, schema: table.schema)
  }

  /// Rows with each value moved to the nearest place of its column's grid, of which 0 is one.
  func rounded(_ table: Table) throws -> Table {
    let width = table.schema.columns.count
    let widths = table.schema.names.map { steps[$0] }
    let cells = table.cells.enumerated().map { place, cell in
      guard let step = widths[place % width], cell.isFinite else { return cell }
      let moved = (cell / step).rounded() * step
      // Products of steps have rounding errors, digits that the data don't have.
      return Double(String(format: "%.12g", moved)) ?? moved
    }
    return try Table(cells: cells, schema: table.schema)
  }
}
