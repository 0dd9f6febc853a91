import CTileLoops

// The instruction of each vertex.
//
// An instruction of a value that all rows share has TILE_FLAG_UNIFORM and works on plain arrays. A reduction's result is
// such a value while its operands may differ from row to row, so there the flag follows the operands.

extension Lowering {
  /// Appends an instruction whose destination is the vertex's own place, or `target`.
  mutating func append(
    _ opcode: tile_opcode, _ id: ID, _ operands: [Operand], features: Int? = nil, inner: Int = 0, immediate: Double = 0,
    flags: Int = 0, into target: Operand? = nil
  ) {
    let vertex = graph[id]
    let uniform = vertex.stage < .row ? Int(TILE_FLAG_UNIFORM) : 0
    let destination = target ?? destination(id)
    instructions.append(
      Instruction(
        opcode: opcode, flags: flags | uniform, features: features ?? vertex.shape.count, inner: inner,
        immediate: immediate, destination: destination, operands: operands, vertex: id))
  }

  /// Appends a reduction, which works on lanes where its operands do, whatever the stage of its result.
  mutating func appendReduction(
    _ opcode: tile_opcode, _ id: ID, _ operands: [Operand], features: Int, inner: Int, overRows: Bool,
    into target: Operand?, flags: Int
  ) {
    let destination = target ?? destination(id)
    instructions.append(
      Instruction(
        opcode: opcode, flags: flags | (overRows ? 0 : Int(TILE_FLAG_UNIFORM)), features: features, inner: inner,
        destination: destination, operands: operands, vertex: id))
  }

  /// Adds a value that lies somewhere to a sum.
  mutating func addCopy(of id: ID, into place: Place) {
    let source = full(id)
    instructions.append(
      Instruction(
        opcode: TILE_COPY, flags: Int(TILE_FLAG_UNIFORM | TILE_FLAG_ACCUMULATE), features: graph[id].shape.count,
        destination: Operand(place: place), operands: [source], vertex: id))
  }

  /// Adds a vertex to a sum, in the instruction that computes it where that can add.
  mutating func emitSum(_ id: ID, into place: Place) {
    if graph[id].operation.form == .accumulation {
      emit(id, into: Operand(place: place), flags: Int(TILE_FLAG_ACCUMULATE))
    } else {
      if places[id] == nil, !graph[id].isVirtual { emit(id) }
      addCopy(of: id, into: place)
    }
  }

  /// The instructions that compute a vertex.
  ///
  /// - Parameters:
  ///   - target: where an accumulation writes; nil for the vertex's own place.
  ///   - flags: added to an accumulation's own.
  mutating func emit(_ id: ID, into target: Operand? = nil, flags: Int = 0) {
    let vertex = graph[id]
    let (operands, size) = (vertex.operands, vertex.shape.count)
    func count(_ index: Int) -> Int { graph[operands[index]].shape.count }
    switch vertex.operation {
    case .unary(let function): emitUnary(function, id)
    case .leakyReLU(let slope): append(TILE_LEAKY_RELU, id, full(operands), immediate: slope)
    case .scale(let factor): append(TILE_SCALE, id, full(operands), immediate: factor)
    case .shift(let amount): append(TILE_SHIFT, id, full(operands), immediate: amount)
    case .leakyReLUGradient(let slope):
      append(TILE_LEAKY_RELU_GRADIENT, id, elementwiseOperands(vertex), immediate: slope)
    case .binary(let function): emitBinary(function, id)
    case .select: emitSelect(id)
    case .pad(let before, _): emitPadding(id, before: before)
    case .concatenate: emitConcatenation(id)
    case .sum, .sumLanes, .sumAll: emitReduction(id, into: target, flags: flags)
    case .cumulativeSum: append(TILE_CUMULATIVE_SUM, id, full(operands))
    case .reverseCumulativeSum: append(TILE_REVERSE_CUMULATIVE_SUM, id, full(operands))
    case .affine(let bias):
      append(TILE_AFFINE, id, full(operands), inner: count(1), flags: bias ? Int(TILE_FLAG_BIAS) : 0)
    case .affineTransposed:
      append(TILE_AFFINE_TRANSPOSED, id, full(operands), features: count(1), inner: size)
    case .outer:
      appendReduction(
        TILE_OUTER, id, full(operands), features: count(0), inner: count(1),
        overRows: graph[operands[0]].stage == .row, into: target, flags: flags)
    case .weightedSum: append(TILE_WEIGHTED_SUM, id, full(operands), inner: count(0))
    case .outerProduct:
      append(
        TILE_OUTER_PRODUCT, id, full(operands), features: count(0), inner: count(1), flags: flags, into: target)
    case .contractRows:
      append(TILE_CONTRACT_ROWS, id, full(operands), inner: count(1), flags: flags, into: target)
    case .convolve(let addend): emitConvolution(TILE_CONVOLVE, id, adding: addend, for: id)
    case .convolveTransposed: emitConvolution(TILE_CONVOLVE_TRANSPOSED, id, adding: .nothing, for: id)
    case .convolutionKernel: emitKernelGradient(id, into: target, flags: flags)
    case .pool(let mean), .upsample(let mean): emitResampling(id, mean: mean)
    case .sumPlanes:
      appendReduction(
        TILE_SUM_PLANES, id, full(operands), features: size, inner: count(0) / size, overRows: true, into: target,
        flags: flags)
    case .squaredDistance: append(TILE_SQUARED_DISTANCE, id, full(operands), inner: count(0))
    case .squaredDistanceGradientX:
      append(TILE_SQUARED_DISTANCE_GRADIENT_X, id, full(operands), inner: count(2))
    case .squaredDistanceGradientCentres:
      appendReduction(
        TILE_SQUARED_DISTANCE_GRADIENT_CENTRES, id, full(operands), features: count(2), inner: count(0),
        overRows: true, into: target, flags: flags)
    case .softmax: append(TILE_SOFTMAX, id, full(operands))
    case .softmaxGradient: append(TILE_SOFTMAX_GRADIENT, id, full(operands))
    case .logSumExp: append(TILE_LOG_SUM_EXP, id, full(operands), inner: count(0))
    case .constant, .parameter, .input, .broadcast, .reshape, .variable, .gradient, .slice, .atStep:
      _ = place(id)
    }
  }

  private mutating func elementwiseOperands(_ vertex: Graph.Vertex) -> [Operand] {
    var operands: [Operand] = []
    for id in vertex.operands { operands.append(operand(id, isUniform: vertex.stage < .row)) }
    return operands
  }

  /// A function of each number; where these are a convolution's, the convolution applies it.
  private mutating func emitUnary(_ function: Operation.Unary, _ id: ID) {
    let operand = graph[id].operands[0]
    guard plan.fused.contains(operand), case .convolve(let addend) = graph[operand].operation else {
      return append(function.opcode, id, full(graph[id].operands))
    }
    emitConvolution(TILE_CONVOLVE, operand, adding: addend, for: id)
    instructions[instructions.count - 1].activation = function.opcode
  }

  // MARK: - Products within sums

  /// The factors of a product that the sum above it computes: a multiplication, a square or a multiple.
  private mutating func factors(_ id: ID, isUniform: Bool) -> (Operand, Operand) {
    let vertex = graph[id]
    let a = operand(vertex.operands[0], isUniform: isUniform)
    if vertex.operation == .unary(.square) { return (a, a) }
    if case .scale(let factor) = vertex.operation { return (a, Operand(place: constant([factor]), mode: .scalar)) }
    let b = operand(vertex.operands[1], isUniform: isUniform)
    return a.mode.spread <= b.mode.spread ? (a, b) : (b, a)
  }

  private mutating func emitBinary(_ function: Operation.Binary, _ id: ID) {
    let vertex = graph[id]
    let isUniform = vertex.stage < .row
    let (left, right) = (vertex.operands[0], vertex.operands[1])
    if function == .add || function == .subtract {
      if plan.fused.contains(left) {
        let (a, b) = factors(left, isUniform: isUniform)
        let c = operand(right, isUniform: isUniform)
        return append(function == .add ? TILE_MULTIPLY_ADD : TILE_MULTIPLY_SUBTRACT, id, [a, b, c])
      }
      if plan.fused.contains(right) {
        let (a, b) = factors(right, isUniform: isUniform)
        let c = operand(left, isUniform: isUniform)
        return append(function == .add ? TILE_MULTIPLY_ADD : TILE_NEGATED_MULTIPLY_ADD, id, [a, b, c])
      }
    }
    append(function.opcode, id, elementwiseOperands(vertex))
  }

  private mutating func emitReduction(_ id: ID, into target: Operand?, flags: Int) {
    let vertex = graph[id]
    let summed = vertex.operands[0]
    let count = graph[summed].shape.count
    let overRows = graph[summed].stage == .row
    let isDot = plan.fused.contains(summed)
    var operands: [Operand]
    if isDot {
      let (a, b) = factors(summed, isUniform: !overRows)
      operands = [a, b]
    } else {
      operands = [full(summed)]
    }
    if vertex.operation == .sum && overRows {
      append(isDot ? TILE_DOT_FEATURES : TILE_SUM_FEATURES, id, operands, features: 1, inner: count)
    } else if vertex.operation == .sumLanes {
      appendReduction(
        isDot ? TILE_DOT_LANES : TILE_SUM_LANES, id, operands, features: count, inner: 0, overRows: true, into: target,
        flags: flags)
    } else {
      // All numbers, of features and rows or of a uniform value.
      appendReduction(
        isDot ? TILE_DOT_ALL : TILE_SUM_ALL, id, operands, features: 1, inner: count, overRows: overRows, into: target,
        flags: flags)
    }
  }

  // MARK: - Vertices of several instructions, or with operands of their own kind

  private mutating func emitSelect(_ id: ID) {
    let vertex = graph[id]
    var operands = elementwiseOperands(vertex)
    // The loops over three operands take one that varies over features and rows first.
    if operands[0].mode != .full { operands[0] = full(vertex.operands[0]) }
    append(TILE_SELECT, id, operands)
  }

  private mutating func emitPadding(_ id: ID, before: Int) {
    let vertex = graph[id]
    let inner = vertex.shape.count / vertex.shape.axes[0]
    let whole = destination(id)
    append(TILE_FILL, id, [], into: whole)
    let source = full(vertex.operands[0])
    append(
      TILE_COPY, id, [source], features: graph[vertex.operands[0]].shape.count,
      into: Operand(place: whole.place.advanced(by: before * inner)))
  }

  private mutating func emitConcatenation(_ id: ID) {
    let vertex = graph[id]
    let whole = destination(id)
    var offset = 0
    for part in vertex.operands {
      let count = graph[part].shape.count
      if plan.parts[part]?.whole != id {
        let isSpread = graph[part].operation == .broadcast && places[part] == nil
        let source = isSpread ? operand(part, isUniform: vertex.stage < .row) : full(part)
        append(TILE_COPY, id, [source], features: count, into: Operand(place: whole.place.advanced(by: offset)))
      }
      offset += count
    }
  }
}

extension Lowering.Operand.Mode {
  /// Over how little of [feature][lane] a number is spread: the loops take the operand that varies most first.
  fileprivate var spread: Int {
    switch self {
    case .full: 0
    case .lane: 1
    case .feature, .scalar: 2
    }
  }
}

extension Operation.Unary {
  var opcode: tile_opcode {
    switch self {
    case .negate: TILE_NEGATE
    case .exp: TILE_EXP
    case .log: TILE_LOG
    case .log1p: TILE_LOG1P
    case .expm1: TILE_EXPM1
    case .sqrt: TILE_SQRT
    case .square: TILE_SQUARE
    case .reciprocal: TILE_RECIPROCAL
    case .tanh: TILE_TANH
    case .sigmoid: TILE_SIGMOID
    case .softplus: TILE_SOFTPLUS
    case .relu: TILE_RELU
    case .sin: TILE_SIN
    case .cos: TILE_COS
    case .absolute: TILE_ABSOLUTE
    case .sign: TILE_SIGN
    }
  }
}

extension Operation.Binary {
  var opcode: tile_opcode {
    switch self {
    case .add: TILE_ADD
    case .subtract: TILE_SUBTRACT
    case .multiply: TILE_MULTIPLY
    case .divide: TILE_DIVIDE
    case .maximum: TILE_MAXIMUM
    case .minimum: TILE_MINIMUM
    case .greater: TILE_GREATER
    case .softplusGradient: TILE_SOFTPLUS_GRADIENT
    case .tanhGradient: TILE_TANH_GRADIENT
    case .sigmoidGradient: TILE_SIGMOID_GRADIENT
    }
  }
}
