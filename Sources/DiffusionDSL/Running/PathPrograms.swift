import Formulas
import Foundation

/// Whole trajectories from x_T to x_0 with what each step adds to a score, as programs over one step.
///
/// q's trajectories are drawn backwards, from q(x_T | x_0) and then q(x_{t-1} | x_t, x_0), so that a model's own chain
/// and a forward trajectory are walked and weighed by the same programs.
///
/// Where cells of a row are missing, the observed ones follow q and the missing ones the model, each step given both:
/// the missing ones' factors are then the same in p and q and cancel, and the score is one of the observed cells alone.
struct PathPrograms {
  /// Who draws the states.
  enum Drawer {
    /// q, given x_0: the terms of eq. 9.
    case forward
    /// The model itself, for the trajectory that a sample came by.
    case model
    /// q where a cell is observed, the model where it is missing.
    case conditional
  }

  /// What the programs compute beside the states.
  enum Score {
    /// log w of eq. 9, w = p(x_{0...T}) / q(x_{1...T} | x_0): log pi(x_T) - log q(x_T | x_0), plus
    /// log p(x_{t-1} | x_t) - log q(x_{t-1} | x_t, x_0) for t = T ... 2, plus log p(x_0 | x_1). One number.
    case weight
    /// The terms of K. One number for each part of the kernel.
    case bound
  }

  /// x_T and the first term, at t = T.
  let start: SharedValues
  /// x_{t-1} from x_t and its term, for t = T ... 2.
  let step: SharedValues
  /// The last term, at t = 1; and x_0 from x_1.
  let last: SharedValues

  /// Rows of a tile for which the programs run well, at most `rows`.
  func tileRows(_ rows: Int) -> Int { step.program.tileRows(rows) }

  init(
    _ trained: TrainedDiffusion, _ model: DiffusionModel, _ drawer: Drawer, _ score: Score, options: ComputeOptions
  ) throws(DefinitionError) {
    try self.init(model, drawer, score) { (outputs) throws(DefinitionError) in
      try trained.compile(outputs, precision: options.precision, level: options.vectorLevel)
    }
  }

  init(
    _ model: DiffusionModel, _ drawer: Drawer, _ score: Score,
    compile: ([Formula]) throws(DefinitionError) -> SharedValues
  ) throws(DefinitionError) {
    let (parts, data) = (model.parts, model.encodedData)
    // What a part adds: the sum over its observed cells.
    func total(_ part: Int, _ cells: Formula) -> Formula {
      drawer == .conditional ? sum(model.observed(parts[part]) * cells) : sum(cells)
    }
    func terms(_ cells: (Int) -> Formula) -> [Formula] {
      switch score {
      case .bound: parts.indices.map { total($0, cells($0)) }
      case .weight: [parts.indices.map { total($0, cells($0)) }.total]
      }
    }
    // The terms of a state x that was drawn: log p(x) - log q(x).
    func ratios(_ x: Formula, _ p: [any PartStep], _ q: [any PartStep]) -> (Int) -> Formula {
      { part in
        let x = x[parts[part].features]
        return p[part].logDensities(x) - q[part].logDensities(x)
      }
    }
    func draw(_ q: [any PartStep], _ p: [any PartStep]) -> Formula {
      switch drawer {
      case .forward: model.draw(q)
      case .model: model.draw(p)
      case .conditional: model.draw(observed: q, missing: p)
      }
    }

    let pi = parts.map(\.transitions.stationaryStep)
    let end = zip(parts, data).map { $0.transitions.marginalStep($1) }
    let first = draw(end, pi)
    start = try compile(
      [first] + terms(score == .bound ? { -parts[$0].transitions.priorLosses(data[$0]) } : ratios(first, pi, end)))

    let state = model.stateInput
    let reverse = model.reverse(of: state)
    let posterior = zip(parts, data).map { $0.transitions.posteriorStep($1, state[$0.features]) }
    let next = draw(posterior, reverse)
    step = try compile(
      [next]
        + terms(
          score == .bound
            ? { -reverse[$0].losses(data[$0], state[parts[$0].features]) } : ratios(next, reverse, posterior)))

    let lastStep = model.isLastStepLearned ? reverse : model.forwardSteps
    let density: (Int) -> Formula =
      score == .bound && !model.isLastStepLearned
      ? { -parts[$0].transitions.lastLosses(data[$0]) } : { lastStep[$0].logDensities(data[$0]) }
    let final =
      drawer == .conditional
      ? select(
        concatenate(parts.map { $0.transitions.spread(model.observed($0)) }), concatenate(data), model.draw(lastStep))
      : model.draw(lastStep)
    last = try compile([final] + terms(density))
  }
}

/// One thread's memory for the trajectories of a tile.
struct PathSpace {
  private struct ProgramSpace {
    let workspace: TileWorkspace
    let noise: TileNoise
    let inputs: PreparedData.Inputs
    let state: TileInput

    init(_ shared: SharedValues, _ model: DiffusionModel, rows: Int, seed: UInt64, purpose: Purpose) {
      workspace = TileWorkspace(shared: shared, maximumRows: rows)
      noise = TileNoise(seed: seed, purpose: purpose, for: shared.program, model)
      inputs = PreparedData.Inputs(shared.program)
      state = shared.program.input(DiffusionModel.state)
    }
  }

  private let model: DiffusionModel
  private let start: ProgramSpace
  private let step: ProgramSpace
  private let last: ProgramSpace

  /// - Parameters:
  ///   - rows: rows of a tile at most.
  ///   - purposes: of the noise of x_T, and of all other draws.
  init(
    _ programs: PathPrograms, _ model: DiffusionModel, rows: Int, seed: UInt64,
    purposes: (start: Purpose, step: Purpose)
  ) {
    self.model = model
    start = ProgramSpace(programs.start, model, rows: rows, seed: seed, purpose: purposes.start)
    step = ProgramSpace(programs.step, model, rows: rows, seed: seed, purpose: purposes.step)
    last = ProgramSpace(programs.last, model, rows: rows, seed: seed, purpose: purposes.step)
  }

  /// Walks from x_T to x_0.
  ///
  /// - Parameters:
  ///   - rows: the rows of data that the trajectories belong to.
  ///   - firstChain: the chain of the first.
  ///   - visit: gets t and the terms' numbers by term and row: t = T + 1 for x_T itself, then T ... 1.
  /// - Returns: x_0 by feature and row; nil where it was cancelled.
  func walk(
    _ data: PreparedData, rows: UnsafeBufferPointer<Int32>, firstChain: UInt64, isCancelled: () -> Bool,
    visit: (_ t: Int, _ term: (_ term: Int, _ row: Int) -> Double) -> Void
  ) -> ((_ feature: Int, _ row: Int) -> Double)? {
    let lanes = TileWorkspace.padded(rows.count)
    let bytes = model.features * lanes * step.workspace.program.precision.bytes
    var current: UnsafeMutableRawPointer?
    // Inputs keep their places, so rows are taken in once for all steps.
    for stage in [start, step, last] {
      data.gather(stage.workspace, stage.inputs, rows: rows, lanes: lanes, firstChain: firstChain)
    }
    for t in stride(from: model.steps + 1, through: 1, by: -1) {
      if isCancelled() { return nil }
      // The first draw is x_T itself, which belongs to step T too, by a noise of another purpose.
      let stage = t > model.steps ? start : t > 1 ? step : last
      let (space, now) = (stage.workspace, min(t, model.steps))
      if let current { space.pointer(to: stage.state, lanes: lanes)?.copyMemory(from: current, byteCount: bytes) }
      stage.noise.fill(space, lanes: lanes, firstChain: firstChain, step: UInt32(now))
      space.run(lanes: lanes, step: now)
      visit(t) { term, row in space.number(at: space.output(1 + term, lanes: lanes), row) }
      current = space.output(0, lanes: lanes)
    }
    guard let current else { return nil }
    let workspace = last.workspace
    return { feature, row in workspace.number(at: current, feature * lanes + row) }
  }
}

/// Walks trajectories for rows of data, a number of them for each row, and adds up the logarithms of their weights.
final class PathWork: ParallelWork, @unchecked Sendable {
  private let model: DiffusionModel
  private let data: PreparedData
  private let firstChain: UInt64
  private let perRow: Int
  private let count: Int
  private let tiles: TileSweep
  private let spaces: [PathSpace]
  /// For rows with missing cells.
  private let conditionalSpaces: [PathSpace]
  private let cancellation: Cancellation
  private let logWeights: UnsafeMutableBufferPointer<Double>
  private let states: UnsafeMutableBufferPointer<Double>

  /// - Parameters:
  ///   - data: x_0, one row for each `perRow` neighbouring chains.
  ///   - purposes: of the noise of x_T, and of all other draws.
  init(
    _ trained: TrainedDiffusion, _ drawer: PathPrograms.Drawer, data: Dataset, perRow: Int, seed: UInt64,
    purposes: (start: Purpose, step: Purpose), firstChain: UInt64, options: ComputeOptions, threads: Int,
    cancellation: Cancellation
  ) throws(DefinitionError) {
    let model = trained.model.dequantising(data, trained.scaling)
    self.model = model
    self.data = PreparedData(data, trained.scaling, parts: model.parts, seed: seed)
    self.perRow = perRow
    self.firstChain = firstChain
    self.cancellation = cancellation
    count = data.count * perRow
    let programs = try PathPrograms(trained, model, drawer, .weight, options: options)
    let tileRows = programs.tileRows(TileWorkspace.padded(min(options.tileRows, count)))
    tiles = TileSweep(rows: count, tileRows: tileRows)
    func spaces(_ programs: PathPrograms) -> [PathSpace] {
      (0..<threads).map { _ in PathSpace(programs, model, rows: tileRows, seed: seed, purposes: purposes) }
    }
    self.spaces = spaces(programs)
    conditionalSpaces =
      data.missingCells > 0 ? spaces(try PathPrograms(trained, model, .conditional, .weight, options: options)) : []
    logWeights = .allocate(capacity: count)
    logWeights.initialize(repeating: 0)
    states = .allocate(capacity: count * model.features)
    states.initialize(repeating: 0)
  }

  deinit {
    logWeights.deallocate()
    states.deallocate()
  }

  /// log w of each chain, in the data's units, and where each ended, as scaled rows.
  ///
  /// - Throws: `Cancelled`.
  func run(_ pool: WorkerPool) throws -> (logWeights: [Double], ends: [Double]) {
    pool.run(tasks: tiles.count, self)
    try cancellation.check()
    let weights = logWeights.indices.map { chain in
      logWeights[chain] - data.logVolumes(chain / perRow).reduce(0, +)
    }
    return (weights, model.rows(of: Array(states)))
  }

  func perform(task tile: Int, thread: Int) {
    let (first, rows) = (tiles[tile].first, tiles[tile].rows)
    let complete = (0..<rows).map { data.isComplete((first + $0) / perRow) }
    if complete.contains(true) { walk(first, rows, spaces[thread]) { complete[$0] } }
    if complete.contains(false) { walk(first, rows, conditionalSpaces[thread]) { !complete[$0] } }
    if !cancellation.isCancelled { cancellation.advance(by: rows) }
  }

  /// Walks a tile's chains and keeps what belongs to the chosen ones.
  private func walk(_ first: Int, _ rows: Int, _ space: PathSpace, isChosen: (Int) -> Bool) {
    withUnsafeTemporaryAllocation(of: Int32.self, capacity: rows) { indices in
      for row in 0..<rows { indices[row] = Int32((first + row) / perRow) }
      let end = space.walk(
        data, rows: UnsafeBufferPointer(indices), firstChain: firstChain &+ UInt64(first),
        isCancelled: { cancellation.isCancelled }
      ) { _, term in
        for row in 0..<rows where isChosen(row) { logWeights[first + row] += term(0, row) }
      }
      guard let end else { return }
      for row in 0..<rows where isChosen(row) {
        for feature in 0..<model.features { states[(first + row) * model.features + feature] = end(feature, row) }
      }
    }
  }
}
