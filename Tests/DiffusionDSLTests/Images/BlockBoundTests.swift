import Formulas
import Testing

@testable import DiffusionDSL

/// Bounds of images whose blocks are the rows of a tile: they are those of whole images, bit by bit.
@Suite struct BlockBoundTests {
  typealias Case = BlockSamplingTests.Case

  private static func rows(_ count: Int, _ scene: Case, seed: UInt64 = 3) throws -> Dataset {
    var stream = RandomStream(seed: seed, purpose: "images")
    let size = scene.width * scene.height * scene.channels
    return try Dataset(complete: (0..<count * size).map { _ in stream.nextNormal() }, dimensions: size)
  }

  private static func bound(
    _ model: TrainedDiffusion, _ data: Dataset, _ blocks: ComputeOptions.Blocks, precision: Precision = .single,
    level: VectorLevel = .best, threads: Int = 1, draws: Int = 1
  ) throws -> LowerBound {
    var options = ComputeOptions(threads: threads, precision: precision, vectorLevel: level)
    options.blocks = blocks
    return try model.lowerBound(on: data, seed: 7, draws: draws, firstChain: 3, options: options)
  }

  private static func isSame(_ left: LowerBound, _ right: LowerBound) -> Bool {
    left.rowNats.map(\.bitPattern) == right.rowNats.map(\.bitPattern)
      && left.terms.map(\.nats.bitPattern) == right.terms.map(\.nats.bitPattern)
  }

  /// Whether the bound is computed by a grid's blocks at all.
  private static func suits(_ model: TrainedDiffusion, _ data: Dataset, _ grid: LaneGrid) throws -> Bool {
    var options = ComputeOptions(threads: 1)
    options.blocks = .always(grid)
    let program = try StepLossProgram(
      model, model.model.dequantising(data, model.scaling), data, options: options, threads: 1)
    return program.tiles == .blocks(grid)
  }

  @Test(arguments: BlockSamplingTests.cases) func blocksGiveTheBitsOfWholeImages(_ scene: Case) throws {
    let model = try BlockSamplingTests.model(scene)
    let data = try Self.rows(5, scene)
    for level in VectorLevel.allCases where level.isAvailable {
      for precision in [Precision.single, .double] {
        let whole = try Self.bound(model, data, .never, precision: precision, level: level)
        #expect(Set(whole.rowNats).count == 5)
        for numbers in scene.grids {
          let grid = try BlockSamplingTests.grid(scene, numbers)
          #expect(try Self.suits(model, data, grid))
          let found = try Self.bound(model, data, .always(grid), precision: precision, level: level)
          #expect(Self.isSame(found, whole), "\(numbers) \(level) \(precision)")
        }
      }
    }
  }

  /// The cells' losses add up to what a program gives that adds them up itself.
  @Test(arguments: BlockSamplingTests.cases) func cellsAddUpToTheLoss(_ scene: Case) throws {
    let model = try BlockSamplingTests.model(scene)
    let compiled = model.model
    let cells = try #require(compiled.cellLosses)
    let program = try model.compile(
      [sum(cells)] + compiled.stepLosses, precision: .double, level: .best)
    let space = TileWorkspace(shared: program, maximumRows: 16)
    let data = PreparedData(try Self.rows(16, scene), model.scaling, parts: compiled.parts, seed: 1)
    let noise = TileNoise(seed: 1, purpose: "test", for: program.program, compiled)
    let indices = (0..<16).map { Int32($0) }
    for step in 2...4 {
      indices.withUnsafeBufferPointer {
        data.gather(space, PreparedData.Inputs(program.program), rows: $0, lanes: 16, firstChain: 0)
      }
      noise.fill(space, lanes: 16, firstChain: 0, step: UInt32(step))
      space.run(lanes: 16, step: step)
      for row in 0..<16 {
        let (sum, loss) = (
          space.number(at: space.output(0, lanes: 16), row), space.number(at: space.output(1, lanes: 16), row)
        )
        #expect(abs(sum - loss) < 1e-10 * max(1, abs(loss)))
      }
    }
  }

  @Test func levelsBitsAndLearnedLastStepsSuitBlocks() throws {
    let scene = Case(width: 12, height: 16, grids: [[4, 2, 4, 8], [8, 1, 2, 12]])
    let size = scene.width * scene.height
    let learned = try BlockSamplingTests.model(scene, lastStep: .learned(), readout: Readout(.shared))
    let bits = try BlockSamplingTests.shaken(
      Diffusion {
        BinomialKernel(image: ImageShape(width: scene.width, height: scene.height))
        ConstantErasure(steps: 6)
        ReverseNetwork {
          MultiScaleConvolution(channels: 4, kernel: 3, scales: 2, activation: .softplus)
          Readout(.bumps(3))
        }
      })
    let bytes = (0..<7 * size).map { UInt8(($0 * 37) % 251) }
    let pairs: [(TrainedDiffusion, Dataset)] = [
      (learned, try Self.rows(7, scene)),
      (learned, try Dataset(levels: bytes, dimensions: size)),
      (bits, try Dataset(complete: bytes.map { Float($0 % 2) }, dimensions: size)),
    ]
    for (model, data) in pairs {
      let whole = try Self.bound(model, data, .never, draws: 2)
      for numbers in scene.grids {
        let grid = try BlockSamplingTests.grid(scene, numbers)
        #expect(try Self.suits(model, data, grid))
        #expect(Self.isSame(try Self.bound(model, data, .always(grid), draws: 2), whole))
      }
    }
  }

  /// A row's bound depends on the row alone, and the mean of a few on these, whatever way is chosen for their number.
  @Test func rowsDoNotDependOnTheirNumberOrTheThreads() throws {
    for scene in BlockSamplingTests.cases.prefix(4) {
      let model = try BlockSamplingTests.model(scene, steps: 3)
      let all = try Self.rows(70, scene)
      let whole = try Self.bound(model, all, .never)
      let chosen = try Self.bound(model, all, .whereFaster)
      // More than 64 rows are added tile by tile.
      #expect(chosen.rowNats == whole.rowNats)
      #expect(Self.isSame(try Self.bound(model, all, .whereFaster, threads: 3), chosen))
      for count in [1, 2, 5, 16, 17, 35] {
        let some = try Dataset(complete: (0..<count).flatMap { all[$0] }, dimensions: model.dimensions)
        let one = try Self.bound(model, some, .whereFaster)
        #expect(one.rowNats == Array(whole.rowNats.prefix(count)), "\(count) of \(scene.testDescription)")
        #expect(Self.isSame(try Self.bound(model, some, .whereFaster, threads: 4), one))
        #expect(Self.isSame(try Self.bound(model, some, .never, threads: 2), one))
      }
    }
  }

  /// A picture has the same bits beside one with a gap.
  @Test func rowsDoNotDependOnOthersGapsInImages() throws {
    let scene = BlockSamplingTests.cases[4]
    let model = try BlockSamplingTests.model(scene, steps: 3)
    let data = try Self.rows(4, scene)
    let rows = (0..<4).map { data[$0] }
    let alone = try model.lowerBound(on: rows, seed: 7)
    var gap: [[Double?]] = rows
    gap[1][5] = nil
    let beside = try model.lowerBound(on: gap, seed: 7)
    for row in [0, 2, 3] { #expect(beside.rowNats[row] == alone.rowNats[row]) }
    #expect(beside.rowNats[1] != alone.rowNats[1])
  }

  /// Layers over the whole of an image have no blocks.
  @Test func denseLayersKeepWholeImages() throws {
    let scene = Case(width: 8, height: 8, grids: [[4, 1, 2, 8]])
    let model = try BlockSamplingTests.shaken(
      Diffusion {
        GaussianKernel(image: ImageShape(width: 8, height: 8))
        ConstantErasure(steps: 4)
        ReverseNetwork {
          Dense(3)
          DensePerPixel(2)
          Convolution(channels: 2, kernel: 3)
          Readout(.bumps(3))
        }
      })
    let data = try Self.rows(3, scene)
    let grid = try BlockSamplingTests.grid(scene, scene.grids[0])
    #expect(try !Self.suits(model, data, grid))
    #expect(Self.isSame(try Self.bound(model, data, .always(grid)), try Self.bound(model, data, .never)))
  }
}
