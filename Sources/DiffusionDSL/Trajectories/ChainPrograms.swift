import Formulas

/// The programs of a model's own chain: x_T from pi, a reverse step, and the paper's last step.
struct ChainPrograms: Sendable {
  /// Whose states the programs compute: of the chains, or of the blocks of their images.
  let model: DiffusionModel
  /// How rows are blocks of images; nil where they are chains.
  let grid: LaneGrid?
  let start: SharedValues
  let step: SharedValues
  /// Nil where the last step is learned, and so a step like the others.
  let last: SharedValues?

  /// - Parameters:
  ///   - isDeterministic: whether steps add no noise.
  ///   - stepOutputs: what a reverse step computes beside x_{t-1}, given p(x_{t-1} | x_t).
  init(
    _ trained: TrainedDiffusion, options: ComputeOptions, isDeterministic: Bool = false,
    stepOutputs: ([any PartStep]) -> [Formula] = { _ in [] }
  ) throws(DefinitionError) {
    let model = trained.model
    func compile(_ outputs: [Formula]) throws(DefinitionError) -> SharedValues {
      try trained.compile(outputs, precision: options.precision, level: options.vectorLevel)
    }
    self.model = model
    grid = nil
    start = try compile([model.start])
    let reverse = model.reverse(of: model.stateInput)
    step = try compile([model.advanced(by: reverse, isDeterministic: isDeterministic)] + stepOutputs(reverse))
    last = model.isLastStepLearned ? nil : try compile([model.ended(isDeterministic: isDeterministic)])
  }

  /// The same over blocks of images; nil where a chain cannot be computed so.
  init?(
    _ trained: TrainedDiffusion, in grid: LaneGrid, options: ComputeOptions, isDeterministic: Bool = false
  ) throws(DefinitionError) {
    guard let blocks = trained.blocks(of: grid) else { return nil }
    func compile(_ outputs: (DiffusionModel) -> Formula) throws(DefinitionError) -> SharedValues? {
      try trained.compile(
        { [outputs($0)] }, in: grid, of: blocks, precision: options.precision, level: options.vectorLevel)
    }
    guard let start = try compile({ $0.start }),
      let step = try compile({ $0.step(isDeterministic: isDeterministic) })
    else { return nil }
    var last: SharedValues?
    if !trained.model.isLastStepLearned {
      last = try compile { $0.ended(isDeterministic: isDeterministic) }
      if last == nil { return nil }
    }
    (self.start, self.step, self.last) = (start, step, last)
    (self.grid, model) = (grid, blocks.model)
  }

  /// The programs and tiles by which some chains are drawn in the least time.
  static func forSampling(
    _ trained: TrainedDiffusion, count: Int, isDeterministic: Bool = false, options: ComputeOptions, threads: Int
  ) throws(DefinitionError) -> (programs: ChainPrograms, tiles: ChainTiles) {
    let programs = try ChainPrograms(trained, options: options, isDeterministic: isDeterministic)
    let program = programs.step.program
    let tileRows = program.tileRows(TileWorkspace.padded(min(options.tileRows, (count + threads - 1) / threads)))
    let model = trained.model
    let grid = ChainTiles.grid(
      options, for: trained.definition.image, program, tileRows: tileRows, count: count, threads: threads
    ) { image in
      BlockMultiples(
        [model.step(isDeterministic: isDeterministic)], layout: model.layout, height: image.height, width: image.width)
    }
    if let grid,
      let blocks = try ChainPrograms(trained, in: grid, options: options, isDeterministic: isDeterministic)
    {
      return (blocks, .blocks(grid))
    }
    return (programs, .rows(tileRows))
  }

  /// Where a number of a chain's state lies in a tile's buffer.
  func place(ofFeature feature: Int, chain: Int, lanes: Int) -> Int {
    grid?.place(ofFeature: feature, image: chain) ?? feature * lanes + chain
  }
}
