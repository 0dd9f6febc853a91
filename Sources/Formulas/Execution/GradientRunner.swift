import CTileLoops
import Synchronization

/// Who fills a tile's inputs.
package protocol TileFeeder: AnyObject, Sendable {
  /// Writes the inputs of rows `firstRow ..< firstRow + rows` of a minibatch; lanes from `rows` to `lanes` repeat valid
  /// rows and have row weight 0.
  func fill(_ workspace: TileWorkspace, firstRow: Int, rows: Int, lanes: Int, step: Int)

  /// Whether the rest of the minibatch may be left out, its result being no longer wanted; asked at every tile.
  var isCancelled: Bool { get }
}

extension TileFeeder {
  package var isCancelled: Bool { false }
}

/// Loss and gradient of a minibatch: tiles in parallel, sums in the order of the tiles.
///
/// Tiles are dealt to a fixed number of groups, each of which one thread works through; sums of groups are combined in
/// their order. So a result depends on the minibatch and the tile's size, never on the number of threads, and memory
/// does not grow with the minibatch.
package final class GradientRunner: ParallelWork, @unchecked Sendable {
  package let program: TileProgram
  package let shared: SharedValues
  /// The gradient, in the parameters' layout. Slices of per-step parameters are valid only where `touched` says so.
  package let gradient: AlignedBuffer
  /// For each per-step parameter (`program.records`' order), the indices of slices that have a gradient.
  package private(set) var touched: [[Int]]

  private let pool: WorkerPool
  private let tileRows: Int
  private let batch: Int
  private let groups: Int
  private let tileCount: Int
  private let workspaces: [TileWorkspace]
  private let sums: [AlignedBuffer]
  private let sumPointers: UnsafeMutablePointer<UnsafeRawPointer?>
  private let total: AlignedBuffer
  // All groups' records: the step of each, and their numbers one behind the other. A group's begin at its start.
  private let records: AlignedBuffer
  private let recordSteps: UnsafeMutablePointer<Int32>
  private let recordStarts: UnsafeMutablePointer<Int>
  private let steps: UnsafeMutableBufferPointer<Int32>
  /// What each tile added to the loss.
  private let losses: UnsafeMutableBufferPointer<Double>
  // While a minibatch runs.
  private var feeder: (any TileFeeder)?

  package static let maximumGroups = 16

  /// - Parameters:
  ///   - tileRows: rows of a tile, a multiple of 16.
  ///   - batch: rows of a minibatch.
  ///   - stepCount: how many different time steps tiles may have.
  package init(
    shared: SharedValues, pool: WorkerPool, tileRows: Int, batch: Int, stepCount: Int
  ) {
    program = shared.program
    self.shared = shared
    self.pool = pool
    self.tileRows = TileWorkspace.padded(min(tileRows, batch))
    self.batch = batch
    tileCount = (batch + self.tileRows - 1) / self.tileRows
    groups = min(tileCount, GradientRunner.maximumGroups)
    let precision = program.precision
    gradient = AlignedBuffer(count: program.layout.count, precision: precision)
    total = AlignedBuffer(count: program.sumCount, precision: .double)
    workspaces = (0..<pool.threads).map { [tileRows = self.tileRows] _ in
      TileWorkspace(shared: shared, maximumRows: tileRows)
    }
    sums = (0..<groups).map { [program] _ in AlignedBuffer(count: program.sumCount, precision: precision) }
    sumPointers = .allocate(capacity: groups)
    for (group, sum) in sums.enumerated() { (sumPointers + group).initialize(to: UnsafeRawPointer(sum.pointer)) }
    // Steps ascend over the tiles, so each has one record, or two where two groups meet.
    let capacity = min(tileCount, stepCount + groups)
    records = AlignedBuffer(count: program.recordCount * capacity, precision: precision)
    recordSteps = .allocate(capacity: capacity)
    recordSteps.initialize(repeating: 0, count: capacity)
    recordStarts = .allocate(capacity: groups + 1)
    recordStarts.initialize(repeating: 0, count: groups + 1)
    touched = program.records.map { _ in
      var list: [Int] = []
      list.reserveCapacity(min(stepCount, max(1, (batch + 15) / 16)))
      return list
    }
    steps = .allocate(capacity: tileCount)
    steps.initialize(repeating: 0)
    losses = .allocate(capacity: tileCount)
    losses.initialize(repeating: 0)
  }

  deinit {
    steps.deallocate()
    losses.deallocate()
    sumPointers.deallocate()
    recordSteps.deallocate()
    recordStarts.deallocate()
  }

  package var tiles: Int { tileCount }

  /// The weighted sum of the loss over a minibatch; its gradient is left in `gradient`.
  ///
  /// - Parameter stepOfTile: the time step of each tile, ascending.
  package func run(feeder: any TileFeeder, stepOfTile: (Int) -> Int) -> Double {
    for tile in 0..<tileCount { steps[tile] = Int32(stepOfTile(tile)) }
    placeRecords()
    self.feeder = feeder
    pool.run(tasks: groups, self)
    self.feeder = nil
    reduce()
    return program.lossSum.map { total.doubles[$0] } ?? 0
  }

  private func firstTile(of group: Int) -> Int { tileCount * group / groups }

  private func placeRecords() {
    var slot = 0
    for group in 0..<groups {
      recordStarts[group] = slot
      for tile in firstTile(of: group)..<firstTile(of: group + 1)
      where tile == firstTile(of: group) || steps[tile] != steps[tile - 1] {
        recordSteps[slot] = steps[tile]
        slot += 1
      }
    }
    recordStarts[groups] = slot
  }

  /// The step and first row of each tile, to look again where something went wrong.
  package func tile(_ index: Int) -> (step: Int, firstRow: Int, rows: Int) {
    let first = index * tileRows
    return (Int(steps[index]), first, min(tileRows, batch - first))
  }

  /// What a tile of the last minibatch added to the loss: the sum of its rows' losses by their weights.
  package func loss(ofTile index: Int) -> Double { losses[index] }

  /// What first became not finite, found by computing the tiles of the last minibatch again.
  package func findNonFinite(feeder: any TileFeeder) -> (step: Int, place: String)? {
    let workspace = workspaces[0]
    for index in 0..<tileCount {
      let (step, first, rows) = tile(index)
      let lanes = TileWorkspace.padded(rows)
      feeder.fill(workspace, firstRow: first, rows: rows, lanes: lanes, step: step)
      if let place = workspace.firstNonFinite(lanes: lanes, step: step) { return (step, place) }
    }
    return nil
  }

  package var isCancelled: Bool { feeder?.isCancelled ?? false }

  package func perform(task group: Int, thread: Int) {
    guard let feeder else { return }
    let workspace = workspaces[thread]
    let sum = sums[group]
    sum.zero()
    var slot = recordStarts[group] - 1
    let recordBytes = program.recordCount * program.precision.bytes
    for tile in firstTile(of: group)..<firstTile(of: group + 1) {
      if feeder.isCancelled { break }
      let step = Int(steps[tile])
      let first = tile * tileRows
      let rows = min(tileRows, batch - first)
      let lanes = TileWorkspace.padded(rows)
      var record: UnsafeMutableRawPointer?
      if recordBytes > 0 {
        let isFirst = slot < recordStarts[group] || recordSteps[slot] != steps[tile]
        if isFirst { slot += 1 }
        let place = records.pointer + slot * recordBytes
        if isFirst { place.initializeMemory(as: UInt8.self, repeating: 0, count: recordBytes) }
        record = place
      }
      feeder.fill(workspace, firstRow: first, rows: rows, lanes: lanes, step: step)
      let before = program.lossSum.map { sum[$0] } ?? 0
      workspace.run(lanes: lanes, step: step, sums: sum, record: record)
      losses[tile] = (program.lossSum.map { sum[$0] } ?? 0) - before
    }
  }

  private func reduce() {
    total.setToSum(of: sumPointers, parts: groups, count: program.sumCount, precision: program.precision, shared.level)
    for write in program.gradientWrites { gradient.zero(from: write.destination, count: write.count) }
    for dense in program.denseGradients {
      total.convert(from: dense.source, count: dense.count, to: gradient, at: dense.destination)
    }
    shared.addGradient(sums: total, to: gradient)
    for (index, record) in program.records.enumerated() { reduce(record, index) }
  }

  private func reduce(_ record: TileProgram.Record, _ index: Int) {
    touched[index].removeAll(keepingCapacity: true)
    for slot in 0..<recordStarts[groups] {
      let slice = Int(recordSteps[slot]) + record.shift
      let source = slot * program.recordCount + record.offset
      let target = record.parameter.offset + slice * record.slice
      if touched[index].last != slice {
        touched[index].append(slice)
        records.convert(from: source, count: record.slice, to: gradient, at: target)
      } else if program.precision == .single {
        let (from, to) = (records.floats + source, gradient.floats + target)
        for number in 0..<record.slice { to[number] += from[number] }
      } else {
        let (from, to) = (records.doubles + source, gradient.doubles + target)
        for number in 0..<record.slice { to[number] += from[number] }
      }
    }
  }
}
