import Formulas

/// A batch of rows cut into tiles: consecutive rows, as many in each, the last tile with what is left.
///
/// Work goes over the tiles in order or deals them to threads by their place; results do not depend on which, nor on
/// how many rows a tile has.
struct TileSweep: RandomAccessCollection, Sendable {
  /// Some consecutive rows of the batch.
  struct Tile: Sendable {
    /// The place of the first row.
    let first: Int
    /// How many rows.
    let rows: Int
    /// Rows of a program's buffers, which are whole vectors; those behind the tile's rows are not used.
    var lanes: Int { TileWorkspace.padded(rows) }
  }

  /// Rows of the batch.
  let rows: Int
  /// Rows of a tile.
  let tileRows: Int

  let startIndex = 0
  var endIndex: Int { (rows + tileRows - 1) / tileRows }

  subscript(place: Int) -> Tile {
    let first = place * tileRows
    return Tile(first: first, rows: Swift.min(tileRows, rows - first))
  }
}
