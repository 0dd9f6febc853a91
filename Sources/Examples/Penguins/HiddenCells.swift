import DiffusionDSL
import Foundation

/// Copies of rows of which some cells are hidden, to be filled in and compared with what was there.
struct HiddenCells: Sendable {
  /// A hidden cell by its place in the table.
  struct Cell: Sendable {
    let row: Int
    let column: Int
    /// What its row is a copy of, by its place among the rows that were given.
    let original: Int
    /// What was there: a number, or the place of a label among the field's labels.
    let truth: Double
  }

  /// Row by row.
  let cells: [Cell]
  /// The copies without the hidden cells, those of a row one behind the other.
  let table: Table
  /// How many rows there are copies of.
  let originals: Int
}

extension HiddenCells {
  /// Hides observed cells at random, but never a copy's last one.
  ///
  /// - Parameters:
  ///   - names: the rows' names in the noise: a row's hidden cells follow from its name and the seed alone.
  ///   - copies: of each row, each with other cells hidden.
  ///   - share: the chance of a cell to be hidden.
  init(_ rows: Table, names: [Int], copies: Int, share: Double, seed: UInt64) throws {
    let table = rows.rows(at: rows.indices.flatMap { Array(repeating: $0, count: copies) })
    var numbers = table.cells
    var cells: [Cell] = []
    let width = table.schema.columns.count
    for row in table.indices {
      let original = row / copies
      var stream = RandomStream(
        seed: seed, purpose: "penguins/hidden cells", chain: UInt64(names[original]), step: UInt32(row % copies))
      var left = (0..<width).count { !numbers[row * width + $0].isNaN }
      for column in 0..<width {
        let isChosen = Double.random(in: 0..<1, using: &stream) < share
        let truth = numbers[row * width + column]
        guard isChosen, !truth.isNaN, left > 1 else { continue }
        cells.append(Cell(row: row, column: column, original: original, truth: truth))
        numbers[row * width + column] = .nan
        left -= 1
      }
    }
    self.cells = cells
    self.table = try Table(cells: numbers, schema: table.schema)
    originals = rows.count
  }
}
