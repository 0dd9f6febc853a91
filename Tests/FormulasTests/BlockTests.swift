import Testing

@testable import Formulas

/// Programs whose rows are blocks of images: they compute what those of whole images do.
@Suite struct BlockTests {
  /// An image's extent, blocks from top to bottom and from left to right, and a block's extent.
  struct Case: Sendable, CustomTestStringConvertible {
    var height, width, down, across, blockHeight, blockWidth: Int
    var testDescription: String { "\(height) x \(width) in \(down) x \(across) of \(blockHeight) x \(blockWidth)" }
    var grid: LaneGrid? {
      LaneGrid(
        height: height, width: width, down: down, across: across, blockHeight: blockHeight, blockWidth: blockWidth)
    }
  }

  static let cases = [
    Case(height: 8, width: 8, down: 2, across: 2, blockHeight: 4, blockWidth: 4),
    Case(height: 8, width: 32, down: 4, across: 4, blockHeight: 2, blockWidth: 8),
    Case(height: 12, width: 5, down: 6, across: 1, blockHeight: 2, blockWidth: 5),
    Case(height: 3, width: 16, down: 1, across: 2, blockHeight: 3, blockWidth: 8),
    // Blocks that reach beyond the image, by a part and by a whole one.
    Case(height: 10, width: 14, down: 3, across: 2, blockHeight: 4, blockWidth: 8),
    Case(height: 4, width: 4, down: 3, across: 2, blockHeight: 2, blockWidth: 4),
  ]

  /// What is computed of an image of two channels.
  static let formulas: [(name: String, outputs: Int, of: @Sendable (Formula) -> Formula)] = [
    ("3 x 3", 3, { convolution(.parameter("three", shape: [3, 2, 3, 3]), $0, bias: .parameter("b", shape: [3])) }),
    (
      "3 x 3, many channels", 8,
      { x in
        let wide = tanh(convolution(.parameter("wide", shape: [12, 2, 3, 3]), x))
        return convolution(.parameter("narrow", shape: [8, 12, 3, 3]), wide)
      }
    ),
    ("5 x 5", 3, { convolution(.parameter("five", shape: [3, 2, 5, 5]), tanh($0)) }),
    ("1 x 7", 1, { convolution(.parameter("seven", shape: [1, 2, 1, 7]), $0) }),
    ("9 x 1", 1, { convolution(.parameter("nine", shape: [1, 2, 9, 1]), $0) }),
    ("1 x 1", 3, { convolution(.parameter("one", shape: [3, 2, 1, 1]), softplus($0)) }),
    (
      "two scales", 3,
      { x in
        let w = Formula.parameter("three", shape: [3, 2, 3, 3])
        return x.shape.axes[1] % 2 == 1
          ? convolution(w, x) : convolution(w, x, coarse: convolution(w, meanPooled(x) * 2))
      }
    ),
    (
      "pooling and upsampling", 2,
      { x in
        let axes = x.shape.axes
        return axes[1] % 2 == 1 ? x : upsampled(meanPooled(x), height: axes[1], width: axes[2]) - x
      }
    ),
    ("parts", 3, { concatenate([$0[1..<2], exp($0)]) }),
    (
      "the image's gradient", 2,
      { x in
        let at = x.asVariable
        let wide = tanh(convolution(.parameter("wide", shape: [12, 2, 3, 3]), at))
        let z = tanh(convolution(.parameter("narrow", shape: [8, 12, 3, 3]), wide))
        return gradient(of: sum(square(z)), at: at)
      }
    ),
  ]

  private static func bench(_ inputs: [[Double]]) -> Bench {
    var numbers = Numbers(seed: 21)
    func parameter(_ name: String, _ axes: [Int]) -> (name: String, shape: Shape, values: [Double]) {
      (name, Shape(axes), numbers.vector(Shape(axes).count))
    }
    return Bench(
      inputs: ["x": inputs],
      parameters: [
        parameter("three", [3, 2, 3, 3]), parameter("b", [3]), parameter("wide", [12, 2, 3, 3]),
        parameter("narrow", [8, 12, 3, 3]), parameter("five", [3, 2, 5, 5]), parameter("seven", [1, 2, 1, 7]),
        parameter("nine", [1, 2, 9, 1]), parameter("one", [3, 2, 1, 1]),
      ], rows: inputs.count)
  }

  /// The program of blocks, run on as many images as a tile has.
  private static func values(
    _ formula: (Formula) -> Formula, outputs: Int, _ bench: Bench, _ grid: LaneGrid, precision: Precision,
    level: VectorLevel
  ) throws -> [[Double]]? {
    func output(_ height: Int, _ width: Int) -> Formula { formula(.input("x", shape: [2, height, width])) }
    guard
      let program = try TileProgram.inBlocks(
        [output(grid.blockHeight, grid.blockWidth)], of: [output(grid.height, grid.width)], in: grid,
        layout: bench.layout, precision: precision)
    else { return nil }
    let shared = SharedValues(program: program, parameters: bench.buffer(precision), level: level)
    let workspace = TileWorkspace(shared: shared, maximumRows: LaneGrid.rows)
    let input = program.input("x")
    // What lies beyond the images does not matter.
    let start = (input.offset ?? 0) * LaneGrid.rows
    for place in 0..<2 * grid.blockHeight * grid.blockWidth * LaneGrid.rows { workspace.lanes[start + place] = .nan }
    for (index, image) in (bench.inputs["x"] ?? []).enumerated() {
      workspace.place(image.map { Float($0) }, channels: 2, index: index, in: input)
    }
    workspace.run(lanes: LaneGrid.rows, step: 1)
    let place = program.outputOffset(0) * LaneGrid.rows
    return (0..<bench.rows).map { image in
      (0..<outputs * grid.height * grid.width).map { feature in
        workspace.lanes[place + grid.place(ofFeature: feature, image: image)]
      }
    }
  }

  @Test(arguments: cases) func blocksGiveTheBitsOfWholeImages(_ scene: Case) throws {
    let grid = try #require(scene.grid)
    var numbers = Numbers(seed: 5)
    let inputs = (0..<grid.images).map { _ in
      numbers.vector(2 * grid.height * grid.width).map { Double(Float($0)) }
    }
    let bench = Self.bench(inputs)
    for (name, outputs, formula) in Self.formulas {
      // These pool columns, or have no pooling in odd heights: a block of one column is none of theirs.
      let isPooled = name.contains("scales") || name.contains("pooling")
      if isPooled, scene.width % 2 == 1 { continue }
      for level in ImageTests.levels {
        for precision in [Precision.single, .double] {
          let whole = try bench.values(
            formula(.input("x", shape: [2, grid.height, grid.width])), precision: precision, level: level)
          let found = try Self.values(
            formula, outputs: outputs, bench, grid, precision: precision, level: level)
          #expect(found == whole, "\(name) \(level) \(precision)")
        }
      }
    }
  }

  @Test func multiplesAreThoseOfPoolingAndPoints() throws {
    let layout = Self.bench([]).layout
    func multiples(_ height: Int, _ width: Int, _ of: (Formula) -> Formula) -> [Int]? {
      BlockMultiples([of(.input("x", shape: [2, height, width]))], layout: layout, height: height, width: width)
        .map { [$0.height, $0.width] }
    }
    func twice(_ x: Formula) -> Formula { meanPooled(meanPooled(x)) }
    func wide(_ x: Formula) -> Formula {
      convolution(.parameter("narrow", shape: [8, 12, 3, 3]), concatenate([x, x, x, x, x, x]))
    }
    #expect(multiples(8, 12, { $0 + 1 }) == [1, 1])
    #expect(multiples(8, 12, twice) == [4, 4])
    #expect(multiples(8, 12, wide) == [1, 4])
    #expect(multiples(8, 16, { wide(twice($0)) }) == [4, 16])
    #expect(multiples(9, 12, { twice($0) }) == nil)
  }

  /// What is not computed pixel by pixel, or not by the same numbers at every size, has no program in blocks.
  @Test func whatLooksAtWholeImagesHasNoBlocks() throws {
    let grid = try #require(Self.cases[0].grid)
    let bench = Self.bench([])
    func program(_ formula: (Formula) -> Formula) throws -> TileProgram? {
      func output(_ height: Int, _ width: Int) -> Formula { formula(.input("x", shape: [2, height, width])) }
      return try TileProgram.inBlocks(
        [output(grid.blockHeight, grid.blockWidth)], of: [output(grid.height, grid.width)], in: grid,
        layout: bench.layout, precision: .single)
    }
    func count(_ x: Formula) -> Int { x.shape.count }
    #expect(try program { $0 * 2 } != nil)
    #expect(try program { $0.reshaped(to: [count($0)]) } != nil)
    #expect(try program { $0 - sum($0) } == nil)
    #expect(try program { sum($0) } == nil)
    #expect(try program { softmax($0) } == nil)
    #expect(try program { $0 - logSumExp($0) } == nil)
    #expect(try program { $0 * Double(count($0)) } == nil)
    #expect(try program { $0 + Formula((0..<count($0)).map { Double($0) }).reshaped(to: $0.shape) } == nil)
    #expect(try program { $0 + Formula((0..<count($0)).map { _ in 2.0 }).reshaped(to: $0.shape) } != nil)
    #expect(try program { $0 * .input("row", shape: .scalar) } == nil)
    #expect(try program { x in x.reshaped(to: [count(x)])[0..<count(x) / 4] } == nil)
    #expect(try program { x in x.reshaped(to: [count(x)])[0..<count(x) / 2] } != nil)
    #expect(
      try program { x in
        let line = x.reshaped(to: [count(x)])
        return concatenate([line[1..<count(x)], line[0..<1]])
      } == nil)
    // Pixels that are neighbours in another order.
    #expect(try program { meanPooled($0.reshaped(to: [1, $0.shape.axes[1] * 2, $0.shape.axes[2]])) } == nil)
    #expect(try program { x in upsampled(meanPooled(meanPooled(meanPooled(x))), height: 1, width: 1) } == nil)
  }

  @Test func gridsThatHoldNoImageAreRefused() {
    func grid(_ height: Int, _ width: Int, _ down: Int, _ across: Int, _ tall: Int, _ wide: Int) -> LaneGrid? {
      LaneGrid(height: height, width: width, down: down, across: across, blockHeight: tall, blockWidth: wide)
    }
    #expect(grid(8, 8, 4, 4, 2, 2)?.images == 1)
    #expect(grid(8, 8, 3, 1, 3, 8)?.images == 5)
    #expect(grid(8, 8, 5, 4, 2, 2) == nil)
    #expect(grid(8, 8, 2, 2, 3, 4) == nil)
    #expect(grid(8, 8, 2, 2, 4, 3) == nil)
    #expect(grid(8, 8, 1, 2, 9, 4) == nil)
    #expect(grid(8, 8, 0, 2, 8, 4) == nil)
    #expect(grid(8, 8, .max, .max, 8, 4) == nil)
  }
}
