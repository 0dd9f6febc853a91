import Formulas

/// How chains are laid into tiles: a row of a tile is a chain or, where chains are few or large images, a block of one.
///
/// A tile of blocks holds fewer chains, so that a few keep all lanes and all threads busy, and a large image stays in a
/// nearer cache and in a sixteenth of the memory. It gives the same bits, so that the choice is one of time alone. It is
/// made from extents: how many chains and threads there are, and how large an image is.
enum ChainTiles: Hashable, Sendable {
  /// How many chains a tile has.
  case rows(Int)
  case blocks(LaneGrid)

  /// Chains of a tile.
  var chains: Int {
    switch self {
    case .rows(let count): count
    case .blocks(let grid): grid.images
    }
  }

  /// The grid that options ask for: the given one, or that by which a program's chains need the least time. Nil: a row
  /// for each chain.
  ///
  /// - Parameters:
  ///   - program: of a step over whole images.
  ///   - tileRows: the rows of its tiles.
  ///   - multiples: what blocks can be cut by, asked for where it matters; nil where images cannot be cut.
  static func grid(
    _ options: ComputeOptions, for image: ImageShape?, _ program: TileProgram, tileRows: Int, count: Int, threads: Int,
    multiples: (ImageShape) -> BlockMultiples?
  ) -> LaneGrid? {
    switch options.blocks {
    case .never: return nil
    case .always(let grid): return grid
    case .whereFaster:
      guard program.imageFeatures > 0, let image, let multiples = multiples(image) else { return nil }
      return fastest(
        for: image, multiples, count: count, threads: threads, tileRows: tileRows,
        imageBytes: program.imageFeatures * tileRows * program.precision.bytes)
    }
  }

  /// The grid by which the chains need the least time; nil where that is with a row for each.
  ///
  /// The measure of time is pixels: a tile of 16 rows takes the pixels of an image or a block, and those around a block
  /// a quarter each (3 x 3 kernels over 20 channels: 1.06 for blocks of 16 x 32 pixels, 1.13 for 4 x 16, 1.37 for 2 x 8).
  ///
  /// - Parameters:
  ///   - tileRows: the rows of a tile without blocks.
  ///   - imageBytes: of the largest image of such a tile.
  static func fastest(
    for image: ImageShape, _ multiples: BlockMultiples, count: Int, threads: Int, tileRows: Int, imageBytes: Int
  ) -> LaneGrid? {
    /// What the busiest thread does.
    func time(_ chains: Int, _ pixels: Double) -> Double {
      let tiles = (count + chains - 1) / chains
      return Double((tiles + threads - 1) / threads) * pixels
    }
    let strain = imageBytes > nearBytes ? 1.2 : 1.0
    let rows = time(tileRows, Double(tileRows) / Double(LaneGrid.rows) * Double(image.width * image.height) * strain)
    var found: [(grid: LaneGrid, time: Double)] = []
    for down in 1...LaneGrid.rows {
      for across in 1...LaneGrid.rows / down where down * across > 1 {
        func extent(_ whole: Int, _ blocks: Int, _ multiple: Int) -> Int {
          blocks == 1 ? whole : ((whole + blocks - 1) / blocks + multiple - 1) / multiple * multiple
        }
        let (height, width) = (
          extent(image.height, down, multiples.height), extent(image.width, across, multiples.width)
        )
        guard
          let grid = LaneGrid(
            height: image.height, width: image.width, down: down, across: across, blockHeight: height,
            blockWidth: width)
        else { continue }
        let around = Double(2 * (height + width) + 4) / 4
        found.append((grid, time(grid.images, Double(height * width) + around)))
      }
    }
    guard let best = found.min(by: { $0.time < $1.time }), best.time < 0.95 * rows else { return nil }
    return best.grid
  }

  /// Bytes of a tile's largest image beyond which no processor has it in a near cache. From there on the loops wait for
  /// memory: 640 x 424 pixels by 20 channels take 1.17 times as long as in blocks.
  private static let nearBytes = 1 << 24
}

extension TrainedDiffusion {
  /// The model over blocks of its images; nil where it has no images, or something of its own for each size.
  func blocks(of grid: LaneGrid) -> TrainedDiffusion? {
    guard let image = definition.image else { return nil }
    return try? resized(
      to: ImageShape(width: grid.blockWidth, height: grid.blockHeight, channels: image.channels))
  }
}
