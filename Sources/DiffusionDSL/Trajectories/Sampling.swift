import Distributions
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

/// One thread's memory for the chains of a tile, and the noise that they are made of.
struct ChainSpace {
  let start: TileWorkspace
  let step: TileWorkspace
  let last: TileWorkspace?
  let startNoise: TileNoise
  let stepNoise: TileNoise
  let lastNoise: TileNoise?
  let stepState: TileInput
  let lastState: TileInput?

  /// - Parameter purpose: what the steps' random numbers are for.
  init(_ programs: ChainPrograms, rows: Int, seed: UInt64, purpose: Purpose = "sample") {
    func noise(_ purpose: Purpose, _ shared: SharedValues) -> TileNoise {
      TileNoise(seed: seed, purpose: purpose, for: shared.program, programs.model)
    }
    start = TileWorkspace(shared: programs.start, maximumRows: rows)
    step = TileWorkspace(shared: programs.step, maximumRows: rows)
    last = programs.last.map { TileWorkspace(shared: $0, maximumRows: rows) }
    startNoise = noise("sample start", programs.start)
    stepNoise = noise(purpose, programs.step)
    lastNoise = programs.last.map { noise(purpose, $0) }
    stepState = programs.step.program.input(DiffusionModel.state)
    lastState = programs.last?.program.input(DiffusionModel.state)
  }

  /// x_T of a tile's chains, [feature][lane].
  func begin(lanes: Int, firstChain: UInt64, steps: Int) -> UnsafeMutableRawPointer {
    startNoise.fill(start, lanes: lanes, firstChain: firstChain, step: UInt32(steps))
    start.run(lanes: lanes, step: steps)
    return start.output(0, lanes: lanes)
  }

  /// x_{t-1} from x_t, [feature][lane]; what is returned stays until the next call.
  func advance(
    _ states: UnsafeMutableRawPointer, bytes: Int, lanes: Int, firstChain: UInt64, step t: Int, isLast: Bool
  ) -> UnsafeMutableRawPointer {
    let (space, noise, input) =
      if isLast, let last, let lastNoise, let lastState { (last, lastNoise, lastState) } else {
        (step, stepNoise, stepState)
      }
    // A step that ignores x_t has no such input.
    space.pointer(to: input, lanes: lanes)?.copyMemory(from: states, byteCount: bytes)
    noise.fill(space, lanes: lanes, firstChain: firstChain, step: UInt32(t))
    space.run(lanes: lanes, step: t)
    return space.output(0, lanes: lanes)
  }
}

/// States that chains begin at in place of x_T.
struct ChainStart: Sendable {
  /// t, from 1 to T.
  let step: Int
  /// x_t in the kernel's units, [chain][feature].
  let states: [Double]
}

/// Runs reverse chains from x_T, or from states at a step before, to x_0, a tile at a time through all steps.
final class SamplingWork: ParallelWork, @unchecked Sendable {
  private let model: DiffusionModel
  private let scaling: Scaling
  private let firstChain: UInt64
  private let count: Int
  /// Nil: x_T, drawn from pi.
  private let start: ChainStart?
  private let programs: ChainPrograms
  private let tiles: TileSweep
  private let spaces: [ChainSpace]
  private let cancellation: Cancellation
  private let states: UnsafeMutableBufferPointer<Double>

  init(
    _ trained: TrainedDiffusion, count: Int, from start: ChainStart?, seed: UInt64, firstChain: UInt64,
    isDeterministic: Bool, options: ComputeOptions, threads: Int, cancellation: Cancellation
  ) throws(DefinitionError) {
    model = trained.model
    self.start = start
    scaling = trained.scaling
    self.firstChain = firstChain
    self.count = count
    self.cancellation = cancellation
    let (programs, chainTiles) = try ChainPrograms.forSampling(
      trained, count: count, isDeterministic: isDeterministic, options: options, threads: threads)
    self.programs = programs
    tiles = TileSweep(rows: count, tileRows: chainTiles.chains)
    // A large image's memory counts, so a thread that would have no tile is not given any.
    spaces = (0..<min(threads, tiles.count)).map { _ in
      ChainSpace(programs, rows: chainTiles.chains, seed: seed, purpose: start == nil ? "sample" : "denoising")
    }
    states = .allocate(capacity: count * model.features)
    states.initialize(repeating: 0)
  }

  deinit {
    states.deallocate()
  }

  var isCancelled: Bool { cancellation.isCancelled }

  /// How many threads have a tile.
  var threads: Int { spaces.count }

  /// Draws all rows, by a pool of `threads` threads.
  ///
  /// - Throws: `Cancelled`; `NonFiniteStep` where a row has a number that is not finite.
  func run(_ pool: WorkerPool) throws -> Rows {
    pool.run(tasks: tiles.count, self)
    try cancellation.check()
    if let place = states.firstIndex(where: { !$0.isFinite }) {
      let tile = place / model.features / tiles.tileRows
      throw NonFiniteStep(step: chains(tile: tile, spaces[0], isSearching: true) ?? 1)
    }
    return scaling.undone(model.rows(of: Array(states)))
  }

  func perform(task tile: Int, thread: Int) { _ = chains(tile: tile, spaces[thread]) }

  /// Runs a tile's chains.
  ///
  /// - Parameter isSearching: whether to look for the first step with a number that is not finite. A plain run leaves
  ///   this out for speed: the caller checks x_0 alone, and runs a tile again to find the step.
  /// - Returns: the step that gave a number which is not finite.
  private func chains(tile: Int, _ space: ChainSpace, isSearching: Bool = false) -> Int? {
    let (first, rows, lanes) = (tiles[tile].first, tiles[tile].rows, tiles[tile].lanes)
    let features = model.features
    let chain = firstChain &+ UInt64(first)
    let bytes = programs.model.features * lanes * space.step.program.precision.bytes
    var current = space.begin(lanes: lanes, firstChain: chain, steps: model.steps)
    if let start {
      for row in 0..<rows {
        for feature in 0..<features {
          space.start.set(
            current, programs.place(ofFeature: feature, chain: row, lanes: lanes),
            start.states[(first + row) * features + feature])
        }
      }
    }
    for t in stride(from: start?.step ?? model.steps, through: 1, by: -1) {
      if isCancelled { return nil }
      current = space.advance(
        current, bytes: bytes, lanes: lanes, firstChain: chain, step: t, isLast: t < model.firstReverseStep)
      if isSearching {
        let isFinite = (0..<rows).allSatisfy { row in
          (0..<features).allSatisfy {
            space.step.number(at: current, programs.place(ofFeature: $0, chain: row, lanes: lanes)).isFinite
          }
        }
        if !isFinite { return t }
      }
    }
    for row in 0..<rows {
      for feature in 0..<features {
        states[(first + row) * features + feature] = space.step.number(
          at: current, programs.place(ofFeature: feature, chain: row, lanes: lanes))
      }
    }
    cancellation.advance(by: rows)
    return nil
  }
}

extension TrainedDiffusion {
  /// Samples from the model: x_T from pi, then every reverse step down to x_0.
  ///
  /// A row depends on the seed and its chain (`firstChain` + its index) alone.
  ///
  /// - Parameters:
  ///   - count: how many rows, 1 or more.
  ///   - seed: names the random numbers.
  ///   - firstChain: the chain of row 0, where samples are drawn in several calls.
  ///   - options: threads, precision and vector width.
  /// - Returns: `count` rows in the data's units.
  /// - Throws: `DataError.invalidCount` for a count below 1, `.tooMany` for one that no array holds; `DefinitionError`
  ///   where the model cannot be compiled or a step gives numbers that are not finite; `Cancelled` when the task
  ///   is cancelled.
  public func sample(
    _ count: Int, seed: UInt64, firstChain: UInt64 = 0, options: ComputeOptions = .init()
  ) throws -> Rows {
    try drawn(count, seed: seed, firstChain: firstChain, isDeterministic: false, options: options)
  }

  /// Rows that follow from x_T alone: x_T is drawn from pi, and every reverse step is taken without noise (Song, Meng, Ermon
  /// 2021, "Denoising diffusion implicit models", eq. 12 with eta = 0). For samples in few steps:
  ///
  ///     let pictures = try trained.strided(steps: 20).deterministicSample(16, seed: 1)
  ///
  /// They are not draws from the model whose bound `lowerBound(on:)` gives: that model's steps have noise. With many steps
  /// both tend to the same distribution, where the reverse function is exact. A row begins at the x_T of the same row of
  /// `sample(_:seed:)`. The paper's last step gives its mean.
  ///
  /// - Parameters: as for `sample`.
  /// - Returns: `count` rows in the data's units.
  /// - Throws: as `sample`; `DefinitionError` also for a kernel that is not Gaussian throughout.
  public func deterministicSample(
    _ count: Int, seed: UInt64, firstChain: UInt64 = 0, options: ComputeOptions = .init()
  ) throws -> Rows {
    guard model.isComposable else {
      throw DefinitionError([
        DefinitionFault(
          "a chain without noise needs a kernel that is Gaussian throughout: draw samples with sample(_:seed:)",
          at: definition.kernelPart.location)
      ])
    }
    return try drawn(count, seed: seed, firstChain: firstChain, isDeterministic: true, options: options)
  }

  /// - Parameter start: where chains begin; nil: at x_T, drawn from pi.
  func drawn(
    _ count: Int, from start: ChainStart? = nil, seed: UInt64, firstChain: UInt64, isDeterministic: Bool,
    options: ComputeOptions
  ) throws -> Rows {
    try DataError.check("the number of samples", count, limit: model.mostChains)
    let work = try SamplingWork(
      self, count: count, from: start, seed: seed, firstChain: firstChain, isDeterministic: isDeterministic,
      options: options,
      threads: WorkerPool.count(options.threads),
      cancellation: Cancellation(of: "sampling", count, "rows"))
    do {
      return try work.run(WorkerPool(threads: work.threads, progress: options.progress))
    } catch let error as NonFiniteStep {
      throw error.fault(of: definition)
    }
  }
}
