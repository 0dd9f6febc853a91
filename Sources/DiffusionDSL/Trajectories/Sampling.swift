import Distributions
import Formulas

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
