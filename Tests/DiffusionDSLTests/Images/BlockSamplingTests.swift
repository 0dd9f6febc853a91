import Formulas
import Testing

@testable import DiffusionDSL

/// Samples of images whose blocks are the rows of a tile: they are those of whole images, bit by bit.
@Suite struct BlockSamplingTests {
  struct Case: Sendable, CustomTestStringConvertible {
    var width, height: Int
    var channels = 1
    var kernel = 3
    var scales = 1
    /// Grids, as blocks from top to bottom, from left to right, and their height and width.
    var grids: [[Int]]
    var testDescription: String { "\(width) x \(height) x \(channels), kernel \(kernel), \(scales) scales" }
  }

  static let cases = [
    Case(width: 32, height: 32, scales: 3, grids: [[8, 2, 4, 16], [4, 1, 8, 32], [2, 1, 16, 32], [1, 2, 32, 16]]),
    Case(width: 28, height: 28, scales: 2, grids: [[4, 4, 8, 8], [7, 1, 4, 28], [2, 2, 14, 16]]),
    Case(width: 16, height: 48, channels: 2, scales: 2, grids: [[6, 2, 8, 8], [12, 1, 4, 16]]),
    Case(
      width: 24, height: 20, channels: 3, kernel: 5, scales: 2, grids: [[2, 6, 10, 4], [5, 3, 4, 8], [3, 2, 8, 12]]),
    Case(width: 13, height: 7, kernel: 3, grids: [[4, 4, 2, 4], [7, 1, 1, 13], [1, 2, 7, 8]]),
    Case(width: 9, height: 11, kernel: 7, grids: [[3, 3, 4, 3], [11, 1, 1, 9], [2, 3, 6, 3]]),
  ]

  /// Parameters that are not those with which training begins: there the network does not count.
  static func shaken(_ definition: Diffusion) throws -> TrainedDiffusion {
    let model = try DiffusionModel(definition)
    var stream = RandomStream(seed: 4, purpose: "parameters")
    let parameters = (0..<model.layout.count).map { _ in stream.nextNormal() * 0.3 }
    return TrainedDiffusion(
      model: model, parameters: parameters, scaling: Scaling(definition.kernel), state: nil)
  }

  static func model(_ scene: Case, lastStep: LastStep = .paper, readout: Readout = Readout(.bumps(3)), steps: Int = 4)
    throws -> TrainedDiffusion
  {
    try shaken(
      Diffusion {
        GaussianKernel(image: ImageShape(width: scene.width, height: scene.height, channels: scene.channels))
        ConstantErasure(steps: steps)
        ReverseNetwork(lastStep: lastStep) {
          MultiScaleConvolution(channels: 5, kernel: scene.kernel, scales: scene.scales, activation: .softplus)
          Residual { Convolution(channels: 5, kernel: scene.kernel, activation: .tanh) }
          PerPixel(4, activation: .tanh)
          readout
        }
      })
  }

  static func samples(
    _ model: TrainedDiffusion, _ count: Int, _ blocks: ComputeOptions.Blocks, precision: Precision = .single,
    level: VectorLevel = .best, threads: Int = 1, firstChain: UInt64 = 3
  ) throws -> [[Double]] {
    var options = ComputeOptions(threads: threads, precision: precision, vectorLevel: level)
    options.blocks = blocks
    return Array(try model.sample(count, seed: 7, firstChain: firstChain, options: options))
  }

  static func grid(_ scene: Case, _ numbers: [Int]) throws -> LaneGrid {
    try #require(
      LaneGrid(
        height: scene.height, width: scene.width, down: numbers[0], across: numbers[1], blockHeight: numbers[2],
        blockWidth: numbers[3]))
  }

  /// Whether a model is computed by a grid's blocks at all.
  static func suits(_ model: TrainedDiffusion, _ grid: LaneGrid) throws -> Bool {
    try ChainPrograms(model, in: grid, options: .init()) != nil
  }

  @Test(arguments: cases) func blocksGiveTheBitsOfWholeImages(_ scene: Case) throws {
    let model = try Self.model(scene)
    for level in VectorLevel.allCases where level.isAvailable {
      for precision in [Precision.single, .double] {
        let whole = try Self.samples(model, 5, .never, precision: precision, level: level)
        #expect(Set(whole.flatMap { $0 }).count > whole.count * scene.width * scene.height * scene.channels / 2)
        for numbers in scene.grids {
          let grid = try Self.grid(scene, numbers)
          #expect(try Self.suits(model, grid), "\(numbers)")
          let found = try Self.samples(model, 5, .always(grid), precision: precision, level: level)
          #expect(found == whole, "\(numbers) \(level) \(precision)")
        }
      }
    }
  }

  @Test func learnedLastStepsAndEveryReadoutSuitBlocks() throws {
    let scene = Self.cases[0]
    let grid = try Self.grid(scene, [8, 2, 4, 16])
    for (lastStep, readout) in [
      (LastStep.learned(), Readout(.bumps(3, spacing: .signalToNoise))), (.paper, Readout(.perStep)),
      (.paper, Readout(.shared)),
    ] {
      let model = try Self.model(scene, lastStep: lastStep, readout: readout)
      #expect(try Self.suits(model, grid), "\(readout)")
      let whole = try Self.samples(model, 3, .never)
      #expect(try Self.samples(model, 3, .always(grid)) == whole, "\(readout)")
    }
  }

  @Test func bitsAreDrawnByBlocksToo() throws {
    let model = try Self.shaken(
      Diffusion {
        BinomialKernel(image: ImageShape(width: 12, height: 16))
        ConstantErasure(steps: 6)
        ReverseNetwork {
          MultiScaleConvolution(channels: 4, kernel: 3, scales: 2, activation: .softplus)
          Readout(.bumps(3))
        }
      })
    let scene = Case(width: 12, height: 16, grids: [])
    for numbers in [[4, 2, 4, 8], [8, 1, 2, 12]] {
      let grid = try Self.grid(scene, numbers)
      #expect(try Self.suits(model, grid))
      #expect(try Self.samples(model, 9, .always(grid)) == Self.samples(model, 9, .never))
    }
  }

  /// A row depends on its chain alone, whatever the number of rows and threads and whichever way is chosen for them.
  @Test func rowsDoNotDependOnTheirNumberOrTheThreads() throws {
    for scene in Self.cases.prefix(4) {
      let model = try Self.model(scene, steps: 3)
      let all = try Self.samples(model, 35, .never, firstChain: 0)
      for (count, threads) in [(1, 1), (1, 3), (2, 2), (3, 1), (5, 2), (16, 2), (17, 4), (35, 3)] {
        let some = try Self.samples(model, count, .whereFaster, threads: threads, firstChain: 0)
        #expect(some == Array(all.prefix(count)), "\(count) by \(threads) threads of \(scene.testDescription)")
      }
    }
  }

  /// A step with a number that is not finite is found in blocks too, whatever these hold beyond the image.
  @Test func aStepThatIsNotFiniteIsNamed() throws {
    let scene = Self.cases[1]
    let sound = try Self.model(scene)
    var parameters = sound.parameters
    let place = try #require(sound.model.layout["readout.weight"])
    for number in 0..<place.shape.count { parameters[place.offset + number] = .nan }
    let model = TrainedDiffusion(
      model: sound.model, parameters: parameters, scaling: sound.scaling, state: nil)
    let grid = try Self.grid(scene, scene.grids[0])
    func message(_ blocks: ComputeOptions.Blocks) -> String? {
      do {
        _ = try Self.samples(model, 3, blocks)
        return nil
      } catch {
        return "\(error)"
      }
    }
    let whole = try #require(message(.never))
    #expect(whole.contains("not finite"))
    #expect(message(.always(grid)) == whole)
  }

  /// The grids that are chosen are those that the comments promise; one that is chosen suits the model.
  @Test func fewImagesAreCutIntoBlocks() throws {
    func tiles(_ scene: Case, _ count: Int, threads: Int) throws -> ChainTiles {
      try ChainPrograms.forSampling(
        try Self.model(scene), count: count, options: .init(threads: threads), threads: threads
      ).tiles
    }
    let square = Self.cases[0]
    guard case .blocks(let one) = try tiles(square, 1, threads: 2) else {
      Issue.record("one image is not cut")
      return
    }
    #expect(one.blockHeight * one.blockWidth == 64)
    guard case .blocks(let eight) = try tiles(square, 16, threads: 2) else {
      Issue.record("16 images keep one thread busy")
      return
    }
    #expect(eight.images == 8)
    #expect(try tiles(square, 16, threads: 1) == .rows(16))
    #expect(try tiles(square, 32, threads: 2) == .rows(16))
    for scene in Self.cases {
      guard case .blocks = try tiles(scene, 1, threads: 1) else {
        Issue.record("\(scene.testDescription) is not cut")
        continue
      }
    }
  }

  /// What looks further than a convolution does, or knows where a pixel is, has no blocks.
  @Test func whatLooksAtWholeImagesIsNotCut() throws {
    let image = ImageShape(width: 8, height: 8)
    let grid = try #require(LaneGrid(height: 8, width: 8, down: 4, across: 2, blockHeight: 2, blockWidth: 4))
    func suits(@NetworkBuilder _ body: () -> NetworkBuilder.Complete) throws -> Bool {
      let network = ReverseNetwork(body)
      let definition = Diffusion {
        GaussianKernel(image: image)
        ConstantErasure(steps: 3)
        network
      }
      let model = try Self.shaken(definition)
      let whole = try Self.samples(model, 3, .never)
      #expect(try Self.samples(model, 3, .always(grid)) == whole)
      #expect(try Self.samples(model, 3, .whereFaster) == whole)
      return try Self.suits(model, grid)
    }
    #expect(
      try suits {
        Convolution(channels: 3, kernel: 3, activation: .tanh)
        Readout(.bumps(2))
      })
    #expect(
      try !suits {
        Convolution(channels: 3, kernel: 3, activation: .tanh)
        Dense(4, activation: .tanh)
        Readout(.bumps(2))
      })
    for kind in OddLayer.Kind.allCases {
      #expect(
        try !suits {
          OddLayer(kind: kind)
          Convolution(channels: 3, kernel: 3, activation: .tanh)
          Readout(.bumps(2))
        }, "\(kind)")
    }
  }
}

/// Layers without parameters that work at any size, and not by blocks.
private struct OddLayer: NetworkLayer {
  enum Kind: String, Codable, CaseIterable, Sendable {
    case mean, softmax, extent, ramp, transposed
  }

  static let typeName = "odd"
  var kind: Kind
  var inside: [Placed<AnyLayer>] { [] }
  var sourceText: String { "OddLayer" }

  func output(of input: Formula, in network: LayerContext) -> Formula {
    let (axes, count) = (input.shape.axes, input.shape.count)
    switch kind {
    case .mean: return input - sum(input)
    case .softmax: return softmax(input.reshaped(to: [count])).reshaped(to: input.shape)
    case .extent: return input * (1 / Double(count))
    case .ramp: return input + Formula((0..<count).map { Double($0) / 64 }).reshaped(to: input.shape)
    case .transposed:
      let turned = Shape([axes[0], axes[2], axes[1]])
      let moved = meanPooled(input.reshaped(to: turned))
      return upsampled(moved, height: turned.axes[1], width: turned.axes[2]).reshaped(to: input.shape)
    }
  }
}
