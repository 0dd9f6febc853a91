/// The rows of a batch between runs of programs, as programs have them: cut into tiles, [feature][lane], in the programs'
/// precision. Numbers stay in this layout from step to step, so taking a tile up and putting it back are plain copies.
///
/// Threads may work on different tiles at the same time.
package final class TileRows: @unchecked Sendable {
  /// Numbers of a row.
  package let features: Int
  package let rows: Int
  /// Rows of a tile, a multiple of 16; the last tile has what is left.
  package let tileRows: Int
  private let numbers: AlignedBuffer

  /// Rows of zeros.
  ///
  /// - Parameter tileRows: rounded up to a multiple of 16.
  package init(features: Int, rows: Int, tileRows: Int, precision: Precision) {
    self.features = features
    self.rows = rows
    self.tileRows = TileWorkspace.padded(tileRows)
    let full = rows / self.tileRows * self.tileRows
    let lanes = full + (rows > full ? TileWorkspace.padded(rows - full) : 0)
    numbers = AlignedBuffer(count: features * lanes, precision: precision)
  }

  /// Lanes of a tile: its rows and those that pad them to whole vectors.
  package func lanes(ofTile tile: Int) -> Int { TileWorkspace.padded(min(tileRows, rows - tile * tileRows)) }

  private func bytes(ofTile tile: Int) -> Int { features * lanes(ofTile: tile) * numbers.precision.bytes }

  /// Writes a tile into an input of a program of the same precision; nothing where the program has no such input.
  package func load(tile: Int, into space: TileWorkspace, _ input: TileInput) {
    space.pointer(to: input, lanes: lanes(ofTile: tile))?.copyMemory(
      from: numbers.pointer(at: features * tile * tileRows), byteCount: bytes(ofTile: tile))
  }

  /// Takes a tile from an output of a program of the same precision.
  package func store(tile: Int, from space: TileWorkspace, output: Int) {
    numbers.pointer(at: features * tile * tileRows).copyMemory(
      from: space.output(output, lanes: lanes(ofTile: tile)), byteCount: bytes(ofTile: tile))
  }

  /// A number's place in the buffer is this plus the feature times the lanes of the row's tile.
  private func place(_ row: Int) -> Int {
    let tile = row / tileRows
    return features * tile * tileRows + row - tile * tileRows
  }

  package subscript(row: Int, feature: Int) -> Double {
    numbers[place(row) + feature * lanes(ofTile: row / tileRows)]
  }

  /// All numbers, row by row.
  package var values: [Double] {
    var values: [Double] = []
    values.reserveCapacity(rows * features)
    for row in 0..<rows {
      for feature in 0..<features { values.append(self[row, feature]) }
    }
    return values
  }

  /// Gives each row the numbers that another had, in place: only rows whose source differs are written.
  ///
  /// - Parameter sources: for each row the one whose numbers it gets, never falling from row to row.
  package func rearrange(_ sources: [Int]) {
    precondition(sources.count == rows && zip(sources, sources.dropFirst()).allSatisfy { $0 <= $1 })
    switch numbers.precision {
    case .single: rearrange(sources, numbers.floats)
    case .double: rearrange(sources, numbers.doubles)
    }
  }

  /// Sources do not fall, so what moves towards the front never overwrites what moves towards the back, and what either
  /// overwrites has been read where the former go in order and the latter in reverse order.
  private func rearrange<Number>(_ sources: [Int], _ numbers: UnsafeMutablePointer<Number>) {
    var moves: [(to: Int, from: Int, stride: Int)] = []
    moves.reserveCapacity(tileRows)
    /// Feature by feature within a tile: the rows of a feature are neighbours in memory, and so are most of the sources.
    func move(_ rows: some Collection<Int>, ofTile tile: Int) {
      let lanes = lanes(ofTile: tile)
      moves.removeAll(keepingCapacity: true)
      for row in rows {
        let source = sources[row]
        moves.append((place(row), place(source), self.lanes(ofTile: source / tileRows)))
      }
      for feature in 0..<features {
        for (to, from, stride) in moves { numbers[to + feature * lanes] = numbers[from + feature * stride] }
      }
    }
    let tiles = (rows + tileRows - 1) / tileRows
    var moved: [Int] = []
    moved.reserveCapacity(tileRows)
    for tile in 0..<tiles {
      moved.removeAll(keepingCapacity: true)
      for row in tile * tileRows..<min(rows, (tile + 1) * tileRows) where sources[row] > row { moved.append(row) }
      move(moved, ofTile: tile)
    }
    for tile in (0..<tiles).reversed() {
      moved.removeAll(keepingCapacity: true)
      for row in (tile * tileRows..<min(rows, (tile + 1) * tileRows)).reversed() where sources[row] < row {
        moved.append(row)
      }
      move(moved, ofTile: tile)
    }
  }
}
