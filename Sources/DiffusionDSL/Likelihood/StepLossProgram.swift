import Formulas

/// The program of a reverse step's losses, and how rows of data lie in its tiles.
///
/// Of images that can be cut into blocks (`ChainTiles`) it gives the loss of each cell, and these are added up here, in
/// Double and in the order of the cells: a row then has the same bits whether rows of a tile are whole images or
/// blocks. Other programs add up their cells themselves, for all rows of a tile at once.
struct StepLossProgram {
  let shared: SharedValues
  /// Whose rows the program computes: the model's, or blocks of them.
  let model: DiffusionModel
  let tiles: ChainTiles
  private let parts: Int
  /// Cells of a row; nil: the program adds them up.
  private let cells: Int?

  /// - Parameters:
  ///   - trained: the model.
  ///   - model: the same, with the noise within levels where the data are such.
  ///   - threads: what rows are spread over; 1 where the tiles, and so the order in which rows are added, must not depend
  ///     on it.
  init(
    _ trained: TrainedDiffusion, _ model: DiffusionModel, _ data: Dataset, options: ComputeOptions, threads: Int
  ) throws(DefinitionError) {
    func compile(_ outputs: [Formula]) throws(DefinitionError) -> SharedValues {
      try trained.compile(outputs, precision: options.precision, level: options.vectorLevel)
    }
    // Few rows are still spread over the threads, but the number of threads must not change the order in which rows are
    // summed; tiles of fewer than 48 rows would cost more for each row than they gain.
    let most = TileWorkspace.padded(min(options.tileRows, data.count, max(48, data.count / 16)))
    parts = model.parts.count
    guard let blocks = try BlockwiseLosses(trained, model, options) else {
      shared = try compile(model.stepLosses)
      (self.model, cells) = (model, nil)
      tiles = .rows(shared.program.tileRows(most))
      return
    }
    cells = model.dimensions
    let whole = try compile([blocks.losses])
    let tileRows = whole.program.tileRows(most)
    // Rows with missing cells walk along trajectories of whole images.
    let grid =
      data.missingCells > 0
      ? nil
      : ChainTiles.grid(
        options, for: blocks.image, whole.program, tileRows: tileRows, count: data.count, threads: threads
      ) { _ in blocks.multiples }
    if let grid, let (shared, model) = try blocks.compile(trained, in: grid, options) {
      (self.shared, self.model, tiles) = (shared, model, .blocks(grid))
    } else {
      (shared, self.model, tiles) = (whole, model, .rows(tileRows))
    }
  }

  /// The losses of a tile's rows after a run, [part][row].
  func read(_ space: TileWorkspace, rows: Int, lanes: Int, into losses: UnsafeMutableBufferPointer<Double>) {
    if let cells {
      losses.update(repeating: 0)
      space.addFeatures(cells, ofOutput: 0, lanes: lanes, to: losses)
      return
    }
    for part in 0..<parts {
      let output = space.output(part, lanes: lanes)
      for row in 0..<rows { losses[part * rows + row] = space.number(at: output, row) }
    }
  }
}

/// A step's losses of a model of images, cell by cell, where these can be computed by blocks.
///
/// Whether they can depends on the model alone, and so do a row's bits.
private struct BlockwiseLosses {
  let image: ImageShape
  let multiples: BlockMultiples
  /// Over whole images.
  let losses: Formula
  /// The width of a level; nil for rows that are none.
  private let levelWidth: Double?
  /// What showed that they can: the program for a single image, and its grid.
  private let probe: (grid: LaneGrid, shared: SharedValues, model: DiffusionModel)

  init?(_ trained: TrainedDiffusion, _ model: DiffusionModel, _ options: ComputeOptions) throws(DefinitionError) {
    guard let image = trained.definition.image, let losses = model.cellLosses,
      model.levelWidths.map({ widths in widths.allSatisfy { $0 == widths.first } }) ?? true,
      let multiples = BlockMultiples([losses], layout: model.layout, height: image.height, width: image.width),
      let one = ChainTiles.fastest(
        for: image, multiples, count: 1, threads: 1, tileRows: LaneGrid.rows, imageBytes: 0)
    else { return nil }
    (self.image, self.multiples, self.losses) = (image, multiples, losses)
    levelWidth = model.levelWidths?.first
    guard
      let (shared, blocks) = try BlockwiseLosses.compiled(trained, in: one, levelWidth: levelWidth, options),
      shared.program.imageFeatures > 0
    else { return nil }
    probe = (one, shared, blocks)
  }

  func compile(
    _ trained: TrainedDiffusion, in grid: LaneGrid, _ options: ComputeOptions
  ) throws(DefinitionError) -> (SharedValues, DiffusionModel)? {
    if grid == probe.grid { return (probe.shared, probe.model) }
    return try BlockwiseLosses.compiled(trained, in: grid, levelWidth: levelWidth, options)
  }

  private static func compiled(
    _ trained: TrainedDiffusion, in grid: LaneGrid, levelWidth: Double?, _ options: ComputeOptions
  ) throws(DefinitionError) -> (SharedValues, DiffusionModel)? {
    guard let blocks = trained.blocks(of: grid) else { return nil }
    let shared = try trained.compile(
      { [$0.dequantising(width: levelWidth).cellLosses].compactMap { $0 } }, in: grid, of: blocks,
      precision: options.precision, level: options.vectorLevel)
    return shared.map { ($0, blocks.model.dequantising(width: levelWidth)) }
  }
}
