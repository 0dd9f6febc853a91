import CTileLoops

/// Rows of a tile that are blocks of images: each image is cut into a grid of equal blocks, and row
/// (image * down + i) * across + j of the tile is the block in line i and column j of the grid.
///
/// A tile then lies in memory as one of `rows` images of a block's extent does. A program over such images computes the
/// larger ones, if what it does at a pixel depends on the pixel alone but for convolutions, which look into
/// neighbouring rows (`TileProgram.inBlocks`). Blocks may reach beyond the image; what they hold
/// there does not matter.
package struct LaneGrid: Hashable, Sendable {
  /// Of an image, in pixels.
  package let height, width: Int
  /// Blocks of an image, from top to bottom and from left to right.
  package let down, across: Int
  /// Of a block, in pixels.
  package let blockHeight, blockWidth: Int

  /// Rows of a tile.
  package static let rows = Int(TILE_GRID_ROWS)

  /// - Returns: nil where a tile has not enough rows for an image, the blocks do not cover it, or a single one is larger.
  package init?(height: Int, width: Int, down: Int, across: Int, blockHeight: Int, blockWidth: Int) {
    guard height > 0, width > 0, down > 0, across > 0, blockHeight > 0, blockWidth > 0,
      saturatingProduct([down, across]) <= LaneGrid.rows, saturatingProduct([down, blockHeight]) >= height,
      saturatingProduct([across, blockWidth]) >= width, down > 1 || blockHeight == height,
      across > 1 || blockWidth == width
    else { return nil }
    (self.height, self.width, self.down, self.across) = (height, width, down, across)
    (self.blockHeight, self.blockWidth) = (blockHeight, blockWidth)
  }

  /// Images of a tile.
  package var images: Int { LaneGrid.rows / (down * across) }

  /// Where a number of an image lies in a tile's buffer.
  ///
  /// - Parameters:
  ///   - feature: the number's place in the image, [channel][y][x].
  ///   - image: counted within the tile.
  package func place(ofFeature feature: Int, image: Int) -> Int {
    let (channel, pixel) = feature.quotientAndRemainder(dividingBy: height * width)
    let (y, x) = pixel.quotientAndRemainder(dividingBy: width)
    let row = (image * down + y / blockHeight) * across + x / blockWidth
    return ((channel * blockHeight + y % blockHeight) * blockWidth + x % blockWidth) * LaneGrid.rows + row
  }

  /// Calls a function with the places of all numbers of an image, in the order [channel][y][x].
  ///
  /// - Parameter image: counted within the tile.
  @inline(__always)
  func forEachPlace(channels: Int, image: Int, _ body: (Int) -> Void) {
    for channel in 0..<channels {
      for y in 0..<height {
        let line = (channel * blockHeight + y % blockHeight) * blockWidth * LaneGrid.rows
        let row = (image * down + y / blockHeight) * across
        for block in 0..<across {
          for x in 0..<max(0, min(blockWidth, width - block * blockWidth)) {
            body(line + x * LaneGrid.rows + row + block)
          }
        }
      }
    }
  }

  /// For the interpreter.
  var code: tile_grid {
    tile_grid(
      down: Int64(down), across: Int64(across), block_height: Int64(blockHeight), block_width: Int64(blockWidth),
      height: Int64(height), width: Int64(width))
  }
}
