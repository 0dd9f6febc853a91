import Distributions
import Expressions
import Foundation
import Synchronization

/// Computes K for rows of data, exactly summed over t.
///
/// A group of tiles is one task. A row's noise is addressed by its chain and step, so its bound depends on nothing
/// else.
final class BoundWork: ParallelWork, @unchecked Sendable {
  private static let maximumGroups = 64

  private let model: DiffusionModel
  private let data: Dataset
  private let scaling: PreparedScaling
  /// One for each draw.
  private let noises: [TileNoise]
  private let firstChain: UInt64
  private let tileRows: Int
  private let tiles: Int
  private let groups: Int
  private let stepSpaces: [TileWorkspace]
  private let endSpaces: [TileWorkspace]
  private let stepData: TileInput
  private let endData: TileInput
  private let cancellation: Cancellation
  private let rowNats: UnsafeMutableBufferPointer<Double>
  /// For each group, and each part of the kernel: the sums over rows of each step's loss, of the prior's, the last
  /// step's, and log pi.
  private let sums: UnsafeMutableBufferPointer<Double>
  private let sumsOfGroup: Int
  private let sumsOfPart: Int

  init(
    _ trained: TrainedDiffusion, data: Dataset, seed: UInt64, firstChain: UInt64, draws: Int, options: ComputeOptions,
    threads: Int, cancellation: Cancellation
  ) throws(DefinitionError) {
    model = trained.model
    self.data = data
    scaling = PreparedScaling(trained.scaling)
    let purpose: Purpose = "lower bound"
    self.firstChain = firstChain
    self.cancellation = cancellation
    let model = model
    let step = try trained.compile(model.stepLosses, precision: options.precision, level: options.vectorLevel)
    let ends = try trained.compile(
      model.priorLosses + model.lastLosses + model.nulls, precision: options.precision, level: options.vectorLevel)
    noises = (0..<draws).map { draw in
      TileNoise(
        seed: seed, purpose: draw == 0 ? purpose : purpose.appending("\(draw)"), for: step.program, model)
    }
    // Few rows are still spread over the threads; their number must not decide in which order rows are summed.
    tileRows = TileWorkspace.padded(min(options.tileRows, data.count / 16))
    tiles = (data.count + tileRows - 1) / tileRows
    groups = min(tiles, BoundWork.maximumGroups)
    stepSpaces = (0..<threads).map { [tileRows] _ in TileWorkspace(shared: step, maximumRows: tileRows) }
    endSpaces = (0..<threads).map { [tileRows] _ in TileWorkspace(shared: ends, maximumRows: tileRows) }
    stepData = step.program.input(DiffusionModel.data)
    endData = ends.program.input(DiffusionModel.data)
    rowNats = .allocate(capacity: data.count)
    rowNats.initialize(repeating: 0)
    sumsOfPart = model.steps + 3
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
  /// - Throws: `CancellationError`; `NonFiniteStep` for the first step of the reverse process whose loss is not a number.
  func run(_ pool: WorkerPool, logVolume: Double) throws -> LowerBound {
    pool.run(tasks: groups, self)
    if isCancelled { throw CancellationError() }
    if rowNats.contains(where: \.isNaN) { throw NonFiniteStep(step: stepWithoutNumber) }
    var totals = Array(repeating: 0.0, count: sumsOfGroup)
    for group in 0..<groups {
      for index in 0..<sumsOfGroup { totals[index] += sums[group * sumsOfGroup + index] / Double(data.count) }
    }
    var terms: [LowerBound.Term] = []
    for part in model.parts.indices { terms += self.terms(of: part, totals) }
    terms.append(.init(kind: .scaling, nats: -logVolume))
    let null = model.parts.indices.reduce(0.0) { $0 + totals[$1 * sumsOfPart + model.steps + 2] }
    return LowerBound(rowNats: rowNats.map { -$0 - logVolume }, terms: terms, nullNats: null - logVolume)
  }

  /// The greatest t with a loss that is not a number.
  private var stepWithoutNumber: Int {
    // The places of a part: t = 1 ... T, then the prior's loss, which is of t = T, and the last step's.
    let steps = (0..<groups * model.parts.count).flatMap { start in
      (0..<model.steps + 2).filter { sums[start * sumsOfPart + $0].isNaN }.map { $0 == model.steps + 1 ? 1 : $0 + 1 }
    }
    return min(model.steps, steps.max() ?? 1)
  }

  private func terms(of part: Int, _ totals: [Double]) -> [LowerBound.Term] {
    let (start, steps) = (part * sumsOfPart, model.steps)
    var terms = [LowerBound.Term(kind: .prior, nats: -totals[start + steps])]
    for t in stride(from: steps, through: 2, by: -1) {
      terms.append(.init(kind: .step(t), nats: -totals[start + t - 1]))
    }
    terms.append(
      .init(kind: .lastStep, nats: model.isLastStepLearned ? -totals[start] : -totals[start + steps + 1]))
    return terms
  }

  func perform(task group: Int, thread: Int) {
    for tile in tiles * group / groups..<tiles * (group + 1) / groups {
      if isCancelled { return }
      score(tile, sums: sums.extracting(group * sumsOfGroup..<(group + 1) * sumsOfGroup), thread: thread)
    }
  }

  private func score(_ tile: Int, sums: UnsafeMutableBufferPointer<Double>, thread: Int) {
    let first = tile * tileRows
    let rows = min(tileRows, data.count - first)
    let lanes = TileWorkspace.padded(rows)
    let (step, ends) = (stepSpaces[thread], endSpaces[thread])
    withUnsafeTemporaryAllocation(of: Int32.self, capacity: rows) { indices in
      for row in 0..<rows { indices[row] = Int32(first + row) }
      data.withNumbers { numbers in
        for (space, input) in [(step, stepData), (ends, endData)] {
          space.gather(
            input, from: numbers, dimensions: model.dimensions, rows: UnsafeBufferPointer(indices), lanes: lanes,
            scaling: scaling)
        }
      }
    }

    let (parts, steps) = (model.parts.count, model.steps)
    ends.run(lanes: lanes, step: 1)
    for part in 0..<parts {
      let start = part * sumsOfPart + steps
      for (kind, place) in [part, parts + part, 2 * parts + part].enumerated() {
        let output = ends.output(place, lanes: lanes)
        for row in 0..<rows {
          let number = ends.number(at: output, row)
          sums[start + kind] += number
          if kind < 2 { rowNats[first + row] += number }
        }
      }
    }
    guard model.firstReverseStep <= steps else { return }
    for t in model.firstReverseStep...steps {
      if isCancelled { return }
      for noise in noises {
        noise.fill(step, lanes: lanes, firstChain: firstChain &+ UInt64(first), step: UInt32(t))
        step.run(lanes: lanes, step: t)
        for part in 0..<parts {
          let output = step.output(part, lanes: lanes)
          for row in 0..<rows {
            let loss = step.number(at: output, row) / Double(noises.count)
            rowNats[first + row] += loss
            sums[part * sumsOfPart + t - 1] += loss
          }
        }
      }
    }
  }
}

extension TrainedDiffusion {
  /// K, the lower bound on log p(x_0), for each row of data.
  ///
  /// The sum over t is exact; for each row and step, noise is drawn once (or `draws` times). A row's value depends on
  /// the row, the seed and its chain (`firstChain` + its index) alone.
  ///
  /// - Parameters:
  ///   - data: rows in the data's units.
  ///   - seed: names the noise; the same seed gives the same numbers to every model with as many steps.
  ///   - draws: draws of noise for each row and step, 1 or more; their mean is taken.
  ///   - firstChain: the chain of row 0, where rows are scored in several calls.
  ///   - options: threads, precision and vector width.
  /// - Returns: `data.count` values of K, their mean and its parts.
  /// - Throws: `DataError` for rows that the kernel is not for, or `draws` below 1 or above 100,000; `DefinitionError`
  ///   where the model cannot be compiled or a step's loss is not a number; `CancellationError` when the task is
  ///   cancelled.
  public func lowerBound(
    on data: Dataset, seed: UInt64 = 0, draws: Int = 1, firstChain: UInt64 = 0, options: ComputeOptions = .init()
  ) throws -> LowerBound {
    do {
      return try lowerBound(
        on: data, seed: seed, draws: draws, firstChain: firstChain, options: options,
        pool: WorkerPool(threads: options.threads), cancellation: Cancellation())
    } catch let error as NonFiniteStep {
      throw error.fault(of: definition)
    }
  }

  /// K on threads that are there already, stopped by whoever holds the cancellation.
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
    return try work.run(pool, logVolume: scaling.logVolume)
  }

  /// K, the lower bound on log p(x_0), for rows as arrays; see the method that takes a `Dataset`.
  ///
  /// - Throws: also `DataError` for no rows, ragged rows, or a number that is not finite.
  public func lowerBound<Number: BinaryFloatingPoint>(
    on rows: [[Number]], seed: UInt64 = 0, draws: Int = 1, firstChain: UInt64 = 0, options: ComputeOptions = .init()
  ) throws -> LowerBound {
    try lowerBound(on: Dataset(rows), seed: seed, draws: draws, firstChain: firstChain, options: options)
  }
}
