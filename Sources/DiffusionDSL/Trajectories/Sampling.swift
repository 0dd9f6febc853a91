import Distributions
import Expressions

/// Runs reverse chains from x_T to x_0, a tile at a time through all steps.
final class SamplingWork: ParallelWork, @unchecked Sendable {
  private let model: GaussianModel
  private let scaling: Scaling
  private let firstBeta: Double
  private let start: NoiseSource
  private let noise: NoiseSource
  private let firstChain: UInt64
  private let count: Int
  private let tileRows: Int
  private let spaces: [TileWorkspace]
  private let stateInput: TileInput
  private let noiseInput: TileInput
  private let isCancelled: @Sendable () -> Bool
  private let states: UnsafeMutableBufferPointer<Double>

  /// x_{t-1} drawn from p(x_{t-1} | x_t), given x_t and noise.
  static func step(_ model: GaussianModel) -> Formula {
    let reverse = model.reverse(of: .input(GaussianModel.state, shape: [model.dimensions]))
    let noise = Formula.input(GaussianModel.noise, shape: [model.dimensions])
    return reverse.mean + exp(reverse.logVariance * 0.5) * noise
  }

  init(
    _ trained: TrainedDiffusion, count: Int, seed: UInt64, firstChain: UInt64, options: ComputeOptions, threads: Int,
    isCancelled: @escaping @Sendable () -> Bool
  ) throws(DefinitionError) {
    model = trained.model
    scaling = trained.scaling
    firstBeta = trained.betas[0]
    start = NoiseSource(seed: seed, purpose: "sample start")
    noise = NoiseSource(seed: seed, purpose: "sample")
    self.firstChain = firstChain
    self.count = count
    self.isCancelled = isCancelled
    let shared = try trained.compile(
      [SamplingWork.step(model)], precision: options.precision, level: options.vectorLevel)
    tileRows = TileWorkspace.padded(min(options.tileRows, (count + threads - 1) / threads))
    spaces = (0..<threads).map { [tileRows] _ in TileWorkspace(shared: shared, maximumRows: tileRows) }
    stateInput = shared.program.input(GaussianModel.state)
    noiseInput = shared.program.input(GaussianModel.noise)
    states = .allocate(capacity: count * model.dimensions)
    states.initialize(repeating: 0)
  }

  deinit {
    states.deallocate()
  }

  func run(_ pool: WorkerPool) -> Rows? {
    pool.run(tasks: (count + tileRows - 1) / tileRows, self)
    return isCancelled() ? nil : Rows(flat: Array(states), dimensions: model.dimensions)
  }

  func perform(task tile: Int, thread: Int) {
    let space = spaces[thread]
    let first = tile * tileRows
    let rows = min(tileRows, count - first)
    let lanes = TileWorkspace.padded(rows)
    let dimensions = model.dimensions
    let chain = firstChain &+ UInt64(first)
    let bytes = dimensions * lanes * (space.program.precision == .single ? 4 : 8)
    let next = space.output(0, lanes: lanes)
    // A model whose reverse step ignores x_t has no such input; its chain is then its last draw.
    let state = space.pointer(to: stateInput, lanes: lanes)
    space.fillNormals(
      state ?? next, from: start, features: dimensions, lanes: lanes, firstChain: chain, step: UInt32(model.steps))
    var current = state ?? next
    if model.firstReverseStep <= model.steps {
      for t in stride(from: model.steps, through: model.firstReverseStep, by: -1) {
        if isCancelled() { return }
        space.fillNormals(
          noiseInput, from: noise, features: dimensions, lanes: lanes, firstChain: chain, step: UInt32(t))
        space.run(lanes: lanes, step: t)
        if let state { state.copyMemory(from: next, byteCount: bytes) }
        current = state ?? next
      }
    }
    finish(space, current, first: first, rows: rows, lanes: lanes, chain: chain)
  }

  /// Undoes the scaling; with the paper's last step, first runs the forward kernel once more (eq. 44).
  private func finish(
    _ space: TileWorkspace, _ current: UnsafeMutableRawPointer, first: Int, rows: Int, lanes: Int, chain: UInt64
  ) {
    let dimensions = model.dimensions
    withUnsafeTemporaryAllocation(of: Float.self, capacity: dimensions * lanes) { fresh in
      var (keep, spread) = (1.0, 0.0)
      if !model.isLastStepLearned, let base = fresh.baseAddress {
        (keep, spread) = ((1 - firstBeta).squareRoot(), firstBeta.squareRoot())
        noise.fillNormals(base, features: dimensions, lanes: lanes, firstChain: chain, step: 1)
      }
      for row in 0..<rows {
        for column in 0..<dimensions {
          let index = column * lanes + row
          let added = spread > 0 ? spread * Double(fresh[index]) : 0
          states[(first + row) * dimensions + column] =
            (keep * space.number(at: current, index) + added) * scaling.scale[column] + scaling.mean[column]
        }
      }
    }
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
  /// - Throws: `DataError.invalidCount` for a count below 1, `.tooManyRows` for one that no array holds;
  ///   `DefinitionError` where the model cannot be compiled; `CancellationError` when the task is cancelled.
  public func sample(
    _ count: Int, seed: UInt64, firstChain: UInt64 = 0, options: ComputeOptions = .init()
  ) throws -> Rows {
    guard count >= 1 else { throw DataError.invalidCount(what: "the number of samples", value: count) }
    guard count <= Int(Int32.max) / Swift.max(1, dimensions) else { throw DataError.tooManyRows(count) }
    let pool = WorkerPool(threads: options.threads)
    let cancellation = Cancellation()
    let work = try SamplingWork(
      self, count: count, seed: seed, firstChain: firstChain, options: options, threads: pool.threads,
      isCancelled: { cancellation.isCancelled })
    guard let rows = work.run(pool) else { throw CancellationError() }
    return rows
  }
}
