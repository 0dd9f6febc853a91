import Expressions

/// Whole trajectories with their weights w = p(x_{0...T}) / q(x_{1...T} | x_0), as programs over one step.
///
/// q's trajectories are drawn backwards, from q(x_T | x_0) and then q(x_{t-1} | x_t, x_0), so that a model's own chain
/// and a forward trajectory are walked and weighed by the same programs: log w is log pi(x_T) - log q(x_T | x_0), plus
/// log p(x_{t-1} | x_t) - log q(x_{t-1} | x_t, x_0) for t = T ... 2, plus log p(x_0 | x_1).
struct PathPrograms {
  /// Who draws the states.
  enum Drawer {
    /// q, given x_0: the terms of eq. 9.
    case forward
    /// The model itself, for the trajectory that a sample came by.
    case model
  }

  /// x_T and the first term, at t = T.
  let start: SharedValues
  /// x_{t-1} from x_t and its term, for t = T ... 2.
  let step: SharedValues
  /// The last term, at t = 1; and x_0 from x_1.
  let last: SharedValues

  init(_ trained: TrainedDiffusion, _ drawer: Drawer, options: ComputeOptions) throws(DefinitionError) {
    let model = trained.model
    func compile(_ state: Formula, _ term: Formula) throws(DefinitionError) -> SharedValues {
      try trained.compile([state, term], precision: options.precision, level: options.vectorLevel)
    }
    let data = model.encodedData
    // The term of a state x: log p(x) - log q(x), part by part.
    func term(_ x: Formula, _ p: [any StateDistribution], _ q: [any StateDistribution]) -> Formula {
      model.parts.indices.map { part in
        let x = x[model.parts[part].features]
        return p[part].logDensity(x) - q[part].logDensity(x)
      }.total
    }
    let pi = model.parts.map(\.process.stationary)
    let end = zip(model.parts, data).map { $0.process.marginal($1) }
    let first = model.draw(drawer == .forward ? end : pi)
    start = try compile(first, term(first, pi, end))

    let state = model.stateInput
    let reverse = model.reverse(of: state)
    let posterior = zip(model.parts, data).map { $0.process.posterior($1, state[$0.features]) }
    let next = model.draw(drawer == .forward ? posterior : reverse)
    step = try compile(next, term(next, reverse, posterior))

    let lastStep = model.isLastStepLearned ? reverse : model.forwardDistributions
    let density = zip(lastStep, data).map { $0.logDensity($1) }.total
    last = try compile(model.draw(lastStep), density)
  }
}

/// Walks trajectories, a tile at a time from x_T to x_0, and adds up the logarithms of their weights.
final class PathWork: ParallelWork, @unchecked Sendable {
  private struct Space {
    let workspace: TileWorkspace
    let noise: TileNoise
    let data: TileInput
    let state: TileInput

    init(_ shared: SharedValues, _ model: DiffusionModel, rows: Int, seed: UInt64, purpose: Purpose) {
      workspace = TileWorkspace(shared: shared, maximumRows: rows)
      noise = TileNoise(seed: seed, purpose: purpose, for: shared.program, model)
      data = shared.program.input(DiffusionModel.data)
      state = shared.program.input(DiffusionModel.state)
    }
  }

  private let model: DiffusionModel
  private let data: Dataset
  private let scaling: PreparedScaling
  private let firstChain: UInt64
  private let perRow: Int
  private let count: Int
  private let tileRows: Int
  private let spaces: [(start: Space, step: Space, last: Space)]
  private let isCancelled: @Sendable () -> Bool
  private let logWeights: UnsafeMutableBufferPointer<Double>
  private let states: UnsafeMutableBufferPointer<Double>

  /// - Parameters:
  ///   - data: x_0, one row for each `perRow` neighbouring chains.
  ///   - purposes: of the noise of x_T, and of all other draws.
  init(
    _ trained: TrainedDiffusion, _ drawer: PathPrograms.Drawer, data: Dataset, perRow: Int, seed: UInt64,
    purposes: (start: Purpose, step: Purpose), firstChain: UInt64, options: ComputeOptions, threads: Int,
    isCancelled: @escaping @Sendable () -> Bool
  ) throws(DefinitionError) {
    let model = trained.model
    self.model = model
    self.data = data
    self.perRow = perRow
    self.firstChain = firstChain
    self.isCancelled = isCancelled
    scaling = PreparedScaling(trained.scaling)
    count = data.count * perRow
    let programs = try PathPrograms(trained, drawer, options: options)
    let tileRows = TileWorkspace.padded(min(options.tileRows, count))
    self.tileRows = tileRows
    spaces = (0..<threads).map { _ in
      (
        Space(programs.start, model, rows: tileRows, seed: seed, purpose: purposes.start),
        Space(programs.step, model, rows: tileRows, seed: seed, purpose: purposes.step),
        Space(programs.last, model, rows: tileRows, seed: seed, purpose: purposes.step)
      )
    }
    logWeights = .allocate(capacity: count)
    logWeights.initialize(repeating: 0)
    states = .allocate(capacity: count * model.features)
    states.initialize(repeating: 0)
  }

  deinit {
    logWeights.deallocate()
    states.deallocate()
  }

  /// log w of each chain, in scaled units, and where each ended, as scaled rows; nil when cancelled.
  func run(_ pool: WorkerPool) -> (logWeights: [Double], ends: [Double])? {
    pool.run(tasks: (count + tileRows - 1) / tileRows, self)
    return isCancelled() ? nil : (Array(logWeights), model.rows(of: Array(states)))
  }

  func perform(task tile: Int, thread: Int) {
    let (start, step, last) = spaces[thread]
    let first = tile * tileRows
    let rows = min(tileRows, count - first)
    let lanes = TileWorkspace.padded(rows)
    let bytes = model.features * lanes * step.workspace.program.precision.bytes
    var current: UnsafeMutableRawPointer?
    for t in stride(from: model.steps + 1, through: 1, by: -1) {
      if isCancelled() { return }
      // The first draw is x_T itself, which belongs to step T too, by a noise of another purpose.
      let space = t > model.steps ? start : t > 1 ? step : last
      let now = min(t, model.steps)
      fill(space, first: first, rows: rows, lanes: lanes)
      if let current {
        space.workspace.pointer(to: space.state, lanes: lanes)?.copyMemory(from: current, byteCount: bytes)
      }
      space.noise.fill(
        space.workspace, lanes: lanes, firstChain: firstChain &+ UInt64(first), step: UInt32(now))
      space.workspace.run(lanes: lanes, step: now)
      let term = space.workspace.output(1, lanes: lanes)
      for row in 0..<rows { logWeights[first + row] += space.workspace.number(at: term, row) }
      current = space.workspace.output(0, lanes: lanes)
    }
    guard let current else { return }
    for row in 0..<rows {
      for feature in 0..<model.features {
        states[(first + row) * model.features + feature] =
          last.workspace.number(at: current, feature * lanes + row)
      }
    }
  }

  private func fill(_ space: Space, first: Int, rows: Int, lanes: Int) {
    withUnsafeTemporaryAllocation(of: Int32.self, capacity: rows) { indices in
      for row in 0..<rows { indices[row] = Int32((first + row) / perRow) }
      data.withNumbers { numbers in
        space.workspace.gather(
          space.data, from: numbers, dimensions: model.dimensions, rows: UnsafeBufferPointer(indices), lanes: lanes,
          scaling: scaling)
      }
    }
  }
}
