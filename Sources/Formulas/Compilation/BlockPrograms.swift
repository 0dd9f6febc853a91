import CTileLoops

// Programs whose rows are blocks of images (LaneGrid).
//
// What computes a block is the model's own program at a block's extent. That it computes the same as the program of
// whole images is not taken on trust: the two graphs are compared vertex by vertex. They have to be one graph but for
// the extents of images, and every operation on an image has to work pixel by pixel or to be a convolution, a pooling
// or an upsampling whose blocks meet. Sums over an image, dense layers over all of it, numbers that depend on its extent
// and constants that differ from pixel to pixel are found so, and have no program in blocks.

/// What the extents of blocks have to be multiples of, where there are several in that direction.
package struct BlockMultiples: Hashable, Sendable {
  package private(set) var height = 1
  package private(set) var width = 1

  /// For a program over images of a height and width.
  ///
  /// Lines and columns that are pooled together lie in one block, and so do the pixels whose convolution is computed at
  /// points together: a block then has the bits that the whole image has.
  ///
  /// - Returns: nil where the program has an image whose extents do not divide the largest one's.
  package init?(_ outputs: [Formula], layout: ParameterLayout, height: Int, width: Int) {
    guard let program = try? ProgramGraph(outputs: outputs, loss: nil, frozen: [], tileInputs: [], layout: layout)
    else { return nil }
    let graph = program.graph
    for id in graph.reachable(from: program.bodyRoots, stoppingAt: { _ in false }) {
      let vertex = graph[id]
      let lines: Int
      let columns: Int
      var image = vertex.shape
      switch vertex.operation {
      case .pool: (lines, columns, image) = (2, 2, graph[vertex.operands[0]].shape)
      case .upsample: (lines, columns) = (2, 2)
      case .convolve, .convolveTransposed: (lines, columns) = (1, graph.pixelsAtPoints(id))
      default: continue
      }
      guard height % image.axes[1] == 0, width % image.axes[2] == 0 else { return nil }
      self.height = BlockMultiples.least(self.height, lines * (height / image.axes[1]))
      self.width = BlockMultiples.least(self.width, columns * (width / image.axes[2]))
    }
  }

  /// The least common multiple.
  private static func least(_ a: Int, _ b: Int) -> Int {
    var (divisor, rest) = (a, b)
    while rest > 0 { (divisor, rest) = (rest, divisor % rest) }
    return a / divisor * b
  }
}

extension TileProgram {
  /// Compiles a program whose rows are blocks of images.
  ///
  /// - Parameters:
  ///   - blocks: the outputs over images of a block's extent.
  ///   - whole: the same over whole images.
  /// - Returns: nil where the outputs of whole images cannot be computed by blocks.
  /// - Throws: `CompilationError`, as without blocks.
  package static func inBlocks(
    _ blocks: [Formula], of whole: [Formula], in grid: LaneGrid, layout: ParameterLayout, precision: Precision
  ) throws(CompilationError) -> TileProgram? {
    let small = try ProgramGraph(outputs: blocks, loss: nil, frozen: [], tileInputs: [], layout: layout)
    let large = try ProgramGraph(outputs: whole, loss: nil, frozen: [], tileInputs: [], layout: layout)
    var comparison = BlockComparison(small.graph, large.graph, grid)
    guard comparison.areAlike(small.outputs, large.outputs) else { return nil }
    return try TileProgram(outputs: blocks, layout: layout, precision: precision, grid: grid)
  }
}

extension Graph {
  /// How many neighbouring pixels of a line a convolution computes together: 1 but at points.
  func pixelsAtPoints(_ id: ID) -> Int {
    let vertex = vertices[id]
    let (kernel, image) = (vertices[vertex.operands[0]].shape.axes, vertices[vertex.operands[1]].shape.axes)
    let suits = tile_convolution_suits_points(
      Int64(image[0]), Int64(vertex.shape.axes[0]), Int64(kernel[2]), Int64(kernel[3]))
    return suits == 0 ? 1 : Int(tile_pixels_at_points(Int64(kernel[3])))
  }
}

/// A comparison of a graph over blocks with that over whole images.
private struct BlockComparison {
  typealias ID = Graph.ID

  /// What a pair of vertices is.
  private enum Kind: Equatable {
    /// One value for all images and pixels.
    case same
    /// An image of a height and width: those of a block.
    case image(height: Int, width: Int)
  }

  private let small: Graph
  private let large: Graph
  private let grid: LaneGrid
  private var partners: [ID: ID] = [:]
  private var kinds: [ID: Kind] = [:]

  init(_ small: Graph, _ large: Graph, _ grid: LaneGrid) {
    (self.small, self.large, self.grid) = (small, large, grid)
  }

  /// Whether values of blocks are those of whole images, and images at the finest scale.
  mutating func areAlike(_ blocks: [ID], _ whole: [ID]) -> Bool {
    guard blocks.count == whole.count else { return false }
    var stack = Array(zip(blocks, whole))
    while let (s, l) = stack.popLast() {
      if let partner = partners[s] {
        guard partner == l else { return false }
        continue
      }
      partners[s] = l
      guard small[s].operands.count == large[l].operands.count, small[s].stage == large[l].stage else { return false }
      stack.append(contentsOf: zip(small[s].operands, large[l].operands))
    }
    for id in partners.keys.sorted() {
      guard let partner = partners[id], let kind = kind(id, partner) else { return false }
      kinds[id] = kind
    }
    let finest = Kind.image(height: grid.blockHeight, width: grid.blockWidth)
    return blocks.allSatisfy { kinds[$0] == finest }
  }

  /// What a pair is whose operands are known; nil where blocks do not give what whole images do.
  private func kind(_ s: ID, _ l: ID) -> Kind? {
    let (block, whole) = (small[s], large[l])
    let operands = block.operands.compactMap { kinds[$0] }
    guard operands.count == block.operands.count else { return nil }
    let areSame = operands.allSatisfy { $0 == .same }
    if areSame, block.operation == whole.operation, block.shape == whole.shape {
      // Rows differ in their inputs only, and a row's own number belongs to a block, not to an image.
      if case .input = block.operation { return nil }
      return .same
    }
    switch block.operation {
    case .constant(let values):
      guard case .constant(let others) = whole.operation else { return nil }
      return image(s, l, at: finest).flatMap { isFlat(values, others) ? $0 : nil }
    case .input:
      return block.operation == whole.operation ? image(s, l, at: finest) : nil
    case .broadcast:
      guard block.operation == whole.operation, let operand = operands.first else { return nil }
      // A number is spread over an image, or an image over rows.
      return operand == .same ? image(s, l, at: extents(block.shape) ?? finest) : image(s, l, at: operand)
    case .reshape, .variable:
      return block.operation == whole.operation ? operands.first.flatMap { image(s, l, at: $0) } : nil
    case .slice(let start, _):
      guard case .slice(let other, _) = whole.operation, let operand = operands.first,
        channel(start, of: block.operands[0], in: small, operand)
          == channel(other, of: whole.operands[0], in: large, scaled(operand))
      else { return nil }
      return channel(start, of: block.operands[0], in: small, operand) == nil ? nil : image(s, l, at: operand)
    case .concatenate:
      guard block.operation == whole.operation, let first = operands.first, operands.allSatisfy({ $0 == first }),
        zip(block.operands, whole.operands).allSatisfy({ image($0, $1, at: first) != nil })
      else { return nil }
      return image(s, l, at: first)
    case .unary, .leakyReLU, .scale, .shift, .binary, .leakyReLUGradient, .select:
      guard block.operation == whole.operation, let first = operands.first, operands.allSatisfy({ $0 == first }) else {
        return nil
      }
      return image(s, l, at: first)
    case .convolve, .convolveTransposed: return convolution(s, l, operands)
    case .pool:
      guard block.operation == whole.operation, hasExtents(block.operands[0], operands[0]) else { return nil }
      return halved(operands[0]).flatMap { image(s, l, at: $0) }
    case .upsample:
      guard block.operation == whole.operation, hasExtents(block.operands[0], operands[0]),
        let result = extents(block.shape), halved(result) == operands[0]
      else { return nil }
      return image(s, l, at: result)
    case .parameter, .gradient, .pad, .atStep, .sum, .sumLanes, .sumAll, .cumulativeSum, .reverseCumulativeSum, .affine,
      .affineTransposed, .outer, .weightedSum, .outerProduct, .contractRows, .convolutionKernel, .sumPlanes,
      .squaredDistance, .squaredDistanceGradientX, .squaredDistanceGradientCentres, .softmax, .softmaxGradient,
      .logSumExp:
      return nil
    }
  }

  private func convolution(_ s: ID, _ l: ID, _ operands: [Kind]) -> Kind? {
    let (block, whole) = (small[s], large[l])
    guard block.operation == whole.operation, operands[0] == .same, case .image(_, let width) = operands[1],
      hasExtents(block.operands[1], operands[1]), grid.across == 1 || width % small.pixelsAtPoints(s) == 0
    else { return nil }
    if block.operation == .convolve(.bias), operands[2] != .same { return nil }
    if block.operation == .convolve(.coarse) {
      guard hasExtents(block.operands[2], operands[2]), operands[2] == halved(operands[1]) else { return nil }
    }
    return image(s, l, at: operands[1])
  }

  private var finest: Kind { .image(height: grid.blockHeight, width: grid.blockWidth) }

  /// The height and width that a shape of three axes has.
  private func extents(_ shape: Shape) -> Kind? {
    shape.axes.count == 3 ? .image(height: shape.axes[1], width: shape.axes[2]) : nil
  }

  /// Whether the shape of a vertex says which pixels are neighbours, and says so rightly.
  private func hasExtents(_ id: ID, _ kind: Kind) -> Bool { extents(small[id].shape) == kind }

  /// Half the extents, where pixels of different blocks are not pooled together.
  private func halved(_ kind: Kind) -> Kind? {
    guard case .image(let height, let width) = kind, grid.down == 1 || height % 2 == 0,
      grid.across == 1 || width % 2 == 0
    else { return nil }
    return .image(height: (height + 1) / 2, width: (width + 1) / 2)
  }

  /// A whole image's extents where a block's are given; nil where they are not whole.
  private func scaled(_ kind: Kind) -> Kind? {
    guard case .image(let height, let width) = kind else { return nil }
    let (lines, columns) = (height * grid.height, width * grid.width)
    // Odd extents that are halved stay those of the image where there is one block.
    let tall = grid.down == 1 ? height : lines / grid.blockHeight
    let wide = grid.across == 1 ? width : columns / grid.blockWidth
    guard grid.down == 1 || lines % grid.blockHeight == 0, grid.across == 1 || columns % grid.blockWidth == 0 else {
      return nil
    }
    return .image(height: tall, width: wide)
  }

  /// An image of a block's extents, if both vertices are images of as many channels.
  private func image(_ s: ID, _ l: ID, at kind: Kind) -> Kind? {
    guard case .image(let height, let width) = kind, case .image(let tall, let wide) = scaled(kind) else { return nil }
    let (count, all) = (small[s].shape.count, large[l].shape.count)
    guard count % (height * width) == 0, all % (tall * wide) == 0, count / (height * width) == all / (tall * wide)
    else {
      return nil
    }
    if let axes = extents(small[s].shape), axes == kind { return extents(large[l].shape) == scaled(kind) ? kind : nil }
    return kind
  }

  /// The channel with which a slice of an image begins; nil where it begins within one.
  private func channel(_ start: Int, of id: ID, in graph: Graph, _ kind: Kind?) -> Int? {
    guard case .image(let height, let width) = kind else { return nil }
    let shape = graph[id].shape
    let number = start * (shape.count / max(1, shape.axes[0]))
    return number % (height * width) == 0 ? number / (height * width) : nil
  }

  /// Whether constants of a block and of an image have one number, the same, for all pixels of a channel.
  private func isFlat(_ block: [Double], _ whole: [Double]) -> Bool {
    let (pixels, all) = (grid.blockHeight * grid.blockWidth, grid.height * grid.width)
    return block.indices.allSatisfy { block[$0].bitPattern == whole[$0 / pixels * all].bitPattern }
      && whole.indices.allSatisfy { whole[$0].bitPattern == whole[$0 / all * all].bitPattern }
  }
}
