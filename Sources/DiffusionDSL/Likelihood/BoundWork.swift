import Distributions
import Formulas
import Foundation
import Synchronization

/// Computes K for rows of data, exactly summed over t.
///
/// A run of neighbouring tiles is one task. A row's noise is addressed by its chain and step, so its bound depends on nothing
/// else. A complete row's steps are scored one by one, each from its own draw of q(x_t | x_0); a row with missing cells
/// needs a whole trajectory, since the missing ones follow the model.
final class BoundWork: ParallelWork, @unchecked Sendable {
  private static let maximumGroups = 64

  private let model: DiffusionModel
  private let data: PreparedData
  private let weights: [Double]?
  private let count: Int
  /// One for each draw.
  private let noises: [TileNoise]
  private let firstChain: UInt64
  private let program: StepLossProgram
  private let tiles: TileSweep
  private let tasks: Int
  private let groups: Int
  private let stepSpaces: [TileWorkspace]
  private let endSpaces: [TileWorkspace]
  private let stepInputs: PreparedData.Inputs
  private let endInputs: PreparedData.Inputs
  /// For each thread and draw, for rows with missing cells.
  private let pathSpaces: [[PathSpace]]
  private let cancellation: Cancellation
  private let rowNats: UnsafeMutableBufferPointer<Double>
  /// For each group of rows, and each part of the kernel: the sums over rows of the losses by `Place`.
  private let sums: UnsafeMutableBufferPointer<Double>
  private let sumsOfGroup: Int
  private let sumsOfPart: Int

  /// Where a part's sums are.
  private enum Place {
    /// The loss of step t, 1 to T.
    case step(Int)
    case prior, lastStep, null, volume

    func index(_ steps: Int) -> Int {
      switch self {
      case .step(let t): t - 1
      case .prior: steps
      case .lastStep: steps + 1
      case .null: steps + 2
      case .volume: steps + 3
      }
    }
    static let count = 4
  }

  init(
    _ trained: TrainedDiffusion, data: Dataset, seed: UInt64, firstChain: UInt64, draws: Int, options: ComputeOptions,
    threads: Int, cancellation: Cancellation
  ) throws(DefinitionError) {
    let model = trained.model.dequantising(data, trained.scaling)
    self.model = model
    self.data = PreparedData(data, trained.scaling, parts: model.parts, seed: seed)
    weights = data.normalizedWeights
    count = data.count
    self.firstChain = firstChain
    self.cancellation = cancellation
    let program = try StepLossProgram(
      trained, model, data, options: options, threads: data.count <= BoundWork.maximumGroups ? threads : 1)
    self.program = program
    let step = program.shared
    let isIncomplete = data.missingCells > 0
    let (losses, nulls) = model.ends(observedOnly: isIncomplete)
    let ends = try trained.compile(losses + nulls, precision: options.precision, level: options.vectorLevel)
    let purpose: Purpose = "lower bound"
    let purposes = (0..<draws).map { $0 == 0 ? purpose : purpose.appending("\($0)") }
    noises = purposes.map { TileNoise(seed: seed, purpose: $0, for: step.program, program.model) }
    let tileRows = program.tiles.chains
    tiles = TileSweep(rows: data.count, tileRows: tileRows)
    tasks = min(tiles.count, BoundWork.maximumGroups)
    // Few rows have a group each: what is added to what then does not depend on the tiles, nor on the threads.
    groups = data.count <= BoundWork.maximumGroups ? data.count : tasks
    stepSpaces = (0..<threads).map { _ in TileWorkspace(shared: step, maximumRows: tileRows) }
    endSpaces = (0..<threads).map { _ in TileWorkspace(shared: ends, maximumRows: tileRows) }
    stepInputs = PreparedData.Inputs(step.program)
    endInputs = PreparedData.Inputs(ends.program)
    if isIncomplete {
      let programs = try PathPrograms(trained, model, .conditional, .bound, options: options)
      pathSpaces = (0..<threads).map { _ in
        purposes.map {
          PathSpace(
            programs, model, rows: tileRows, seed: seed, purposes: ($0.appending("end"), $0.appending("trajectory")))
        }
      }
    } else {
      pathSpaces = []
    }
    rowNats = .allocate(capacity: data.count)
    rowNats.initialize(repeating: 0)
    sumsOfPart = model.steps + Place.count
    sumsOfGroup = model.parts.count * sumsOfPart
    sums = .allocate(capacity: groups * sumsOfGroup)
    sums.initialize(repeating: 0)
  }

  deinit {
    rowNats.deallocate()
    sums.deallocate()
  }

  var isCancelled: Bool { cancellation.isCancelled }

  /// Runs and gathers the result.
  ///
  /// - Parameter impossible: finds the rows of -infinity, or throws where a score is not a number.
  /// - Throws: `Cancelled`; what `impossible` throws.
  func run(
    _ pool: WorkerPool, impossible: (_ rowNats: [Double], _ step: () -> Int?) throws -> [ImpossibleRow]
  ) throws -> LowerBound {
    pool.run(tasks: tasks, self)
    try cancellation.check()
    let scores = rowNats.map { -$0 }
    let impossibleRows = try impossible(scores) { stepWithoutNumber }
    var totals = Array(repeating: 0.0, count: sumsOfGroup)
    for group in 0..<groups {
      for index in 0..<sumsOfGroup { totals[index] += sums[group * sumsOfGroup + index] / Double(count) }
    }
    func total(_ part: Int, _ place: Place) -> Double { totals[part * sumsOfPart + place.index(model.steps)] }
    var terms: [LowerBound.Term] = []
    for part in model.parts.indices {
      func add(_ kind: LowerBound.Term.Kind, _ loss: Double) {
        terms.append(.init(kind: kind, part: part, nats: -loss))
      }
      add(.prior, total(part, .prior))
      for t in stride(from: model.steps, through: 2, by: -1) { add(.step(t), total(part, .step(t))) }
      add(.lastStep, total(part, model.isLastStepLearned ? .step(1) : .lastStep))
      add(.scaling, total(part, .volume))
    }
    let nulls = model.parts.indices.map { total($0, .null) - total($0, .volume) }
    return LowerBound(
      rowNats: scores, impossibleRows: impossibleRows, weights: weights, parts: model.partNames, terms: terms,
      partNullNats: nulls,
      form: LowerBound.Form(
        values: model.dimensions, pixels: model.definition.kernel.pixels, areLevels: model.levelWidths != nil))
  }

  /// The greatest t with a loss that is not a number.
  private var stepWithoutNumber: Int {
    let starts = (0..<groups * model.parts.count).map { $0 * sumsOfPart }
    // The prior's loss is of t = T, and the last step's of t = 1.
    return (1...model.steps).last { t in
      starts.contains { start in
        sums[start + t - 1].isNaN || (t == model.steps && sums[start + model.steps].isNaN)
      }
    } ?? 1
  }

  func perform(task: Int, thread: Int) {
    for tile in tiles[tiles.count * task / tasks..<tiles.count * (task + 1) / tasks] {
      if isCancelled { return }
      let (first, rows) = (tile.first, tile.rows)
      withUnsafeTemporaryAllocation(of: Int32.self, capacity: rows) { indices in
        for row in 0..<rows { indices[row] = Int32(first + row) }
        score(ScoredTile(indices: UnsafeBufferPointer(indices), first: first, task: task, thread: thread))
      }
      if !isCancelled { cancellation.advance(by: rows) }
    }
  }

  /// A tile's rows, and who scores them.
  private struct ScoredTile {
    let indices: UnsafeBufferPointer<Int32>
    let first: Int
    let task: Int
    let thread: Int

    var rows: Int { indices.count }
    var lanes: Int { TileWorkspace.padded(rows) }
  }

  private func score(_ tile: ScoredTile) {
    scoreEnds(tile)
    guard model.firstReverseStep <= model.steps else { return }
    let places = tile.first..<tile.first + tile.rows
    if places.contains(where: { data.isComplete($0) }) { scoreComplete(tile) }
    if places.contains(where: { !data.isComplete($0) }) { scoreIncomplete(tile) }
  }

  /// Adds a loss of one part of a row. log pi(x_0) is summed beside the terms of K, but is not part of K.
  private func add(_ loss: Double, _ part: Int, _ place: Place, _ row: Int, _ tile: ScoredTile, toBound: Bool = true) {
    let group = groups == count ? row : tile.task
    sums[group * sumsOfGroup + part * sumsOfPart + place.index(model.steps)] += loss * (weights?[row] ?? 1)
    if toBound { rowNats[row] += loss }
  }

  /// What K has beside the steps.
  private func scoreEnds(_ tile: ScoredTile) {
    let ends = endSpaces[tile.thread]
    data.gather(ends, endInputs, rows: tile.indices, lanes: tile.lanes, firstChain: firstChain &+ UInt64(tile.first))
    ends.run(lanes: tile.lanes, step: 1)
    let (parts, places) = (model.parts.count, [Place.prior, .lastStep, .null])
    for part in 0..<parts {
      for (kind, place) in places.enumerated() {
        let output = ends.output(kind * parts + part, lanes: tile.lanes)
        for row in 0..<tile.rows {
          add(ends.number(at: output, row), part, place, tile.first + row, tile, toBound: kind < 2)
        }
      }
    }
    for row in tile.first..<tile.first + tile.rows {
      for (part, volume) in data.logVolumes(row).enumerated() { add(volume, part, .volume, row, tile) }
    }
  }

  /// The steps of complete rows, each from a draw of its own of q(x_t | x_0).
  private func scoreComplete(_ tile: ScoredTile) {
    let (space, lanes) = (stepSpaces[tile.thread], tile.lanes)
    let (share, chain) = (1 / Double(noises.count), firstChain &+ UInt64(tile.first))
    data.gather(space, stepInputs, rows: tile.indices, lanes: lanes, firstChain: firstChain &+ UInt64(tile.first))
    withUnsafeTemporaryAllocation(of: Double.self, capacity: model.parts.count * tile.rows) { losses in
      for t in model.firstReverseStep...model.steps {
        if isCancelled { return }
        for noise in noises {
          noise.fill(space, lanes: lanes, firstChain: chain, step: UInt32(t))
          space.run(lanes: lanes, step: t)
          program.read(space, rows: tile.rows, lanes: lanes, into: losses)
          for part in 0..<model.parts.count {
            for row in 0..<tile.rows where data.isComplete(tile.first + row) {
              add(losses[part * tile.rows + row] * share, part, .step(t), tile.first + row, tile)
            }
          }
        }
      }
    }
  }

  /// The steps of rows with missing cells, which follow the model along whole trajectories.
  private func scoreIncomplete(_ tile: ScoredTile) {
    let (share, chain) = (1 / Double(noises.count), firstChain &+ UInt64(tile.first))
    for space in pathSpaces[tile.thread] {
      func score(t: Int, term: (_ part: Int, _ row: Int) -> Double) {
        // The terms of x_T and of the paper's last step are not steps: the program of the ends has them.
        guard (model.firstReverseStep...model.steps).contains(t) else { return }
        for part in 0..<model.parts.count {
          for row in 0..<tile.rows where !data.isComplete(tile.first + row) {
            add(-term(part, row) * share, part, .step(t), tile.first + row, tile)
          }
        }
      }
      _ = space.walk(data, rows: tile.indices, firstChain: chain, isCancelled: { isCancelled }, visit: score)
    }
  }
}

extension TrainedDiffusion {
  /// K, the lower bound on log p(x_0), for each row of data.
  ///
  /// The sum over t is exact; for each row and step, noise is drawn once (or `draws` times). A row's value depends on
  /// the row, the seed and its chain (`firstChain` + its index) alone.
  ///
  /// A row's missing cells are left out of what is scored: its value is a bound on log p of the cells that it has. They
  /// follow the model's own chain, beside the observed cells' forward process (Docs/Mathematics.md, section 6).
  ///
  /// - Parameters:
  ///   - rows: in the data's units, of which cells may be missing: arrays, a `Dataset` or a `Table`.
  ///   - seed: names the noise; the same seed gives the same numbers to every model with as many steps.
  ///   - draws: draws of noise for each row and step, 1 or more; their mean is taken.
  ///   - firstChain: the chain of row 0, where rows are scored in several calls.
  ///   - options: threads, precision and vector width.
  /// - Returns: one value of K for each row, their mean and its parts.
  /// - Throws: `DataError` for what is no rows, rows that the kernel is not for, a field that a table lacks,
  ///   `draws` below 1 or above 100,000, or a row so far from what the model was trained on that its K is not a number
  ///   (`.unscorable`); `DefinitionError` where the model cannot be compiled or a step's loss is not a number;
  ///   `Cancelled` when the task is cancelled.
  public func lowerBound(
    on rows: some RowSource, seed: UInt64 = 0, draws: Int = 1, firstChain: UInt64 = 0,
    options: ComputeOptions = .init()
  ) throws -> LowerBound {
    let data = try rows.dataset(for: definition.schema)
    do {
      return try lowerBound(
        on: data, seed: seed, draws: draws, firstChain: firstChain, options: options,
        pool: WorkerPool(threads: options.threads, progress: options.progress),
        cancellation: Cancellation(of: "the lower bound", data.count, "rows"))
    } catch let error as NonFiniteStep {
      throw error.fault(of: definition)
    }
  }

  /// K computed on threads that exist already; it stops when `cancellation` is set.
  ///
  /// - Throws: what the public method throws, but `NonFiniteStep` where a step's loss is not a number.
  func lowerBound(
    on data: Dataset, seed: UInt64, draws: Int = 1, firstChain: UInt64 = 0, options: ComputeOptions, pool: WorkerPool,
    cancellation: Cancellation
  ) throws -> LowerBound {
    try definition.kernel.check(data)
    try DataError.check("draws", draws, limit: SizeLimit.draws)
    let work = try BoundWork(
      self, data: data, seed: seed, firstChain: firstChain, draws: draws, options: options, threads: pool.threads,
      cancellation: cancellation)
    return try work.run(pool) { try impossibleRows($0, data, step: $1) }
  }
}
