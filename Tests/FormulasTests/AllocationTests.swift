import CAllocationProbe
import Formulas
import Testing

/// A compiled program's step allocates nothing, and its memory does not grow with the minibatch.
@Suite(
  .enabled(if: allocation_probe_works() == 1, "allocations are counted with the GNU C library, without sanitizers"))
struct AllocationTests {
  /// Inputs that need no memory of their own.
  final class ConstantFeeder: TileFeeder {
    func fill(_ workspace: TileWorkspace, firstRow: Int, rows: Int, lanes: Int, step: Int) {
      for (name, features) in [("x", 2), (TileProgram.rowWeight, 1)] {
        guard let start = workspace.pointer(to: workspace.program.input(name), lanes: lanes) else { continue }
        let numbers = start.assumingMemoryBound(to: Float.self)
        for index in 0..<features * lanes { numbers[index] = Float(index % 7) / 7 }
      }
    }
  }

  /// A network with a shared schedule, a readout for each step, and what else a loss may hold.
  static func program(steps: Int, units: Int) throws -> TileProgram {
    var layout = ParameterLayout()
    layout.append("beta", shape: [steps])
    layout.append("centres", shape: [units, 2])
    layout.append("scales", shape: [units])
    layout.append("readout", shape: [steps, 2, units])
    layout.append("bias", shape: [steps, 2])
    let x = Formula.input("x", shape: [2])
    let table = exp(cumulativeSum(-softplus(.parameter("beta", shape: [steps]))))
    let noised = x * table.atStep(offset: -1)
    let hidden = softmax(
      -squaredDistance(noised, centres: .parameter("centres", shape: [units, 2]))
        * exp(.parameter("scales", shape: [units])))
    let output = affine(
      Formula.parameter("readout", shape: [steps, 2, units]).atStep(offset: -1), hidden,
      bias: Formula.parameter("bias", shape: [steps, 2]).atStep(offset: -1))
    let loss = sum(square(output - x))
    return try TileProgram(outputs: [output], loss: loss, layout: layout, precision: .single)
  }

  static func runner(batch: Int, steps: Int, units: Int, threads: Int = 1) throws -> GradientRunner {
    let program = try program(steps: steps, units: units)
    let shared = SharedValues(
      program: program, parameters: AlignedBuffer(count: program.layout.count, precision: .single))
    return GradientRunner(
      shared: shared, pool: WorkerPool(threads: threads), tileRows: 64, batch: batch, stepCount: steps)
  }

  @Test(arguments: [1, 2]) func aGradientAllocatesNothing(_ threads: Int) throws {
    let runner = try AllocationTests.runner(batch: 1_000, steps: 40, units: 16, threads: threads)
    let feeder = ConstantFeeder()
    let update = ParameterUpdate(.adam, precision: .single, level: .best)
    let (first, second) = (
      AlignedBuffer(count: runner.program.layout.count, precision: .single),
      AlignedBuffer(count: runner.program.layout.count, precision: .single)
    )
    func step(_ round: Int) {
      runner.shared.update()
      _ = runner.run(feeder: feeder) { 1 + min(39, ($0 * 5 + round) % 3 + $0 * 2) }
      _ = runner.gradient.sumOfSquares(from: 0, count: 16, level: .best)
      update.apply(
        .init(rate: 1e-3, epsilon: 1e-8, decayFirst: 0.9, decaySecond: 0.999), parameters: runner.shared.parameters,
        gradient: runner.gradient, first: first, second: second, offset: 0, count: 16)
    }
    step(0)
    allocation_probe_start()
    for round in 1...50 { step(round) }
    let counted = allocation_probe_read()
    #expect(counted.allocations == 0)
    // The probe itself counts.
    let control = AlignedBuffer(count: 1_000, precision: .double)
    #expect(allocation_probe_read().allocations >= 1)
    #expect(allocation_probe_read().live >= 8_000 && control.count == 1_000)
  }

  @Test func aTileAllocatesNothing() throws {
    let program = try AllocationTests.program(steps: 10, units: 8)
    let shared = SharedValues(
      program: program, parameters: AlignedBuffer(count: program.layout.count, precision: .single))
    let space = TileWorkspace(shared: shared, maximumRows: 64)
    let sums = AlignedBuffer(count: 100_000, precision: .single)
    let record = AlignedBuffer(count: 10_000, precision: .single)
    let feeder = ConstantFeeder()
    func tile(_ round: Int) {
      feeder.fill(space, firstRow: 0, rows: 64, lanes: 64, step: 1)
      space.run(lanes: 64, step: 1 + round % 10, sums: sums, record: record.pointer)
      _ = space.output(0, lanes: 64)
    }
    // The first use of a type may make the language's runtime remember it.
    tile(0)
    allocation_probe_start()
    for round in 1...100 { tile(round) }
    #expect(allocation_probe_read().allocations == 0)
  }

  /// Everything that a gradient of a million rows needs, from compilation on.
  @Test(arguments: [(40, 16), (1_000, 16), (1_000, 200)])
  func memoryDoesNotGrowWithTheMinibatch(_ steps: Int, _ units: Int) throws {
    func peak(_ batch: Int) throws -> Int64 {
      allocation_probe_start()
      let runner = try AllocationTests.runner(batch: batch, steps: steps, units: units)
      let tiles = runner.tiles
      _ = runner.run(feeder: ConstantFeeder()) { 1 + $0 * steps / tiles }
      return allocation_probe_read().peak
    }
    let (small, large) = (try peak(10_000), try peak(1_000_000))
    #expect(small > 10_000)
    #expect(large - small < 16 << 20, "\(small) and \(large) bytes")
  }
}
