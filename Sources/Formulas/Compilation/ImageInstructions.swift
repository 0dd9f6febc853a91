import CTileLoops

// The instructions of vertices that are images: convolutions, pooling and upsampling.

extension Lowering {
  /// - Parameters:
  ///   - opcode: the convolution, or the product for its image's gradient.
  ///   - result: what the instruction computes: the convolution, or a function of it.
  mutating func emitConvolution(_ opcode: tile_opcode, _ id: ID, adding addend: Operation.Addend, for result: ID) {
    let operands = graph[id].operands
    let flag =
      switch addend {
      case .nothing: 0
      case .bias: Int(TILE_FLAG_BIAS)
      case .coarse: Int(TILE_FLAG_COARSE)
      }
    append(opcode, result, full(operands), inner: graph[operands[1]].shape.axes[0], flags: flag)
    setImage(graph[id].shape.axes, kernel: graph[operands[0]].shape.axes)
    addScratch(kernel: operands[0])
  }

  mutating func emitKernelGradient(_ id: ID, into target: Operand?, flags: Int) {
    let (vertex, image) = (graph[id], graph[graph[id].operands[1]].shape.axes)
    appendReduction(
      TILE_CONVOLUTION_KERNEL, id, full(vertex.operands), features: vertex.shape.count, inner: image[0],
      overRows: true, into: target, flags: flags)
    setImage(image, kernel: vertex.shape.axes)
  }

  /// Gives the last instruction, a convolution, the memory that it needs: where it is faster at points, for these, and
  /// where rows are blocks, for what lies around them.
  private mutating func addScratch(kernel weights: ID) {
    let last = instructions.count - 1
    let (image, kernel) = (instructions[last].image, instructions[last].kernel)
    let channels = instructions[last].inner
    let outputs = instructions[last].features / (image.height * image.width)
    let isAtPoints = tile_convolution_suits_points(
      Int64(channels), Int64(outputs), Int64(kernel.height), Int64(kernel.width))
    if isAtPoints != 0 {
      instructions[last].flags |= Int(TILE_FLAG_POINTS)
      preparePoints(last, of: weights, channels: channels, outputs: outputs)
    }
    let features = tile_convolution_scratch(
      Int64(channels), Int64(outputs), Int64(image.height), Int64(image.width), Int64(kernel.height),
      Int64(kernel.width), isAtPoints, instructions[last].points == nil ? 0 : 1, isInBlocks ? 1 : 0)
    guard features > 0 else { return }
    registers.append(Register(isLanes: true, size: Int(features)))
    instructions[last].scratch = Operand(place: .register(registers.count - 1, offset: 0))
  }

  /// Lets a convolution's kernel be taken to the points before tiles are computed, where it is known then.
  private mutating func preparePoints(_ index: Int, of kernel: ID, channels: Int, outputs: Int) {
    guard case .fixed(_, _, stepStride: 0) = instructions[index].operands[0].place else { return }
    let isTurned = instructions[index].opcode == TILE_CONVOLVE_TRANSPOSED
    let key = PointKernel(kernel: kernel, isTurned: isTurned)
    let offset = pointKernelPlaces[key] ?? pointKernelCount
    let points = Operand(place: .fixed(space: Int(TILE_SPACE_POINTS), offset: offset, stepStride: 0))
    instructions[index].points = points
    instructions[index].flags |= Int(TILE_FLAG_PREPARED)
    guard pointKernelPlaces.updateValue(offset, forKey: key) == nil else { return }
    let count = tile_point_kernel_count(Int64(channels), Int64(outputs), Int64(instructions[index].kernel.height))
    pointKernelCount += (Int(count) + 15) / 16 * 16
    pointKernels.append(
      Instruction(
        opcode: TILE_POINT_KERNEL, flags: isTurned ? Int(TILE_FLAG_TURNED) : 0, features: outputs, inner: channels,
        kernel: instructions[index].kernel, destination: points, operands: [instructions[index].operands[0]],
        vertex: instructions[index].vertex))
  }

  mutating func emitResampling(_ id: ID, mean: Bool) {
    let vertex = graph[id]
    let isPool = vertex.operation == .pool(mean: mean)
    append(
      isPool ? TILE_POOL : TILE_UPSAMPLE, id, full(vertex.operands), flags: mean ? Int(TILE_FLAG_MEAN) : 0)
    setImage((isPool ? graph[vertex.operands[0]].shape : vertex.shape).axes, kernel: [])
  }

  /// Gives the last instruction the extents of its image, and of its kernel where it has one.
  private mutating func setImage(_ image: [Int], kernel: [Int]) {
    let last = instructions.count - 1
    instructions[last].image = (image[1], image[2])
    if kernel.count == 4 { instructions[last].kernel = (kernel[2], kernel[3]) }
  }
}
