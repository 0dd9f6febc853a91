import CTileLoops

/// Turns vertices of a graph into instructions over registers.
///
/// Slices, reshapes and looks into tables are addresses, not copies; a value spread over features or rows is read with
/// a mode, not written out; products are fused into the sums that use them. Registers get their places afterwards
/// (Allocation.swift).
struct Lowering {
  typealias ID = Graph.ID

  /// A buffer of a tile: `size` features for lanes, `size` numbers for uniform values.
  struct Register {
    var isLanes: Bool
    var size: Int
    /// Lives through the whole program: inputs and outputs.
    var isPinned = false
  }

  /// Where a value lies.
  enum Place {
    /// A register, and how many features or numbers into it.
    case register(Int, offset: Int)
    case fixed(space: Int, offset: Int, stepStride: Int)

    func advanced(by count: Int) -> Place {
      switch self {
      case .register(let register, let offset): .register(register, offset: offset + count)
      case .fixed(let space, let offset, let stride): .fixed(space: space, offset: offset + count, stepStride: stride)
      }
    }
  }

  struct Operand {
    var place: Place
    var mode: Int
  }

  struct Instruction {
    var opcode: tile_opcode
    var flags = 0
    var features: Int
    var inner = 0
    var immediate = 0.0
    var destination: Operand
    var operands: [Operand]
    var vertex: ID
  }

  let graph: Graph
  private(set) var registers: [Register] = []
  private(set) var instructions: [Instruction] = []
  private(set) var constants: [Double] = []
  private var places: [ID: Place]
  private var constantPlaces: [ID: Place] = [:]
  /// By their bits: 0 and -0 are equal, and their reciprocals are not.
  private var scalarConstants: [UInt64: Int] = [:]
  private var uses: [ID: Int] = [:]
  /// Products that the sum that uses them computes.
  private var fused: Set<ID> = []
  /// Parts of a concatenation that are computed where they belong.
  private var parts: [ID: (whole: ID, offset: Int)] = [:]
  /// Concatenations some of whose parts are, so that they have a place before they are whole.
  private var wholes: Set<ID> = []

  /// - Parameter places: values that exist before the code runs (parameters, shared values).
  init(graph: Graph, places: [ID: Place]) {
    self.graph = graph
    self.places = places
  }

  // MARK: - The order of work

  /// Emits the code for outputs that stay in pinned registers, and for sums that are added to fixed places.
  mutating func emit(inputs: [ID], outputs: [ID], sums: [(vertex: ID, place: Place)]) {
    for input in inputs {
      registers.append(
        Register(isLanes: graph[input].stage == .row, size: Swift.max(1, graph[input].shape.count), isPinned: true))
      places[input] = .register(registers.count - 1, offset: 0)
    }
    let roots = outputs + sums.map(\.vertex)
    let needed = collect(roots)
    plan(needed, roots: Set(roots))
    var pending: [ID: [Place]] = [:]
    for (vertex, place) in sums { pending[vertex, default: []].append(place) }
    // Sums are emitted as soon as their values are there, so that registers are free again early.
    var sumsOf: [ID: Place] = [:]
    for (vertex, places) in pending where places.count == 1 && uses[vertex] == 1 { sumsOf[vertex] = places[0] }
    spreadSums(&sumsOf, outputs: Set(outputs))
    for id in needed {
      if let place = sumsOf[id] {
        emitSum(id, into: place)
      } else if places[id] == nil || wholes.contains(id), !fused.contains(id), !isVirtual(id) {
        emit(id)
      }
    }
    for (vertex, places) in pending where sumsOf[vertex] == nil && !skippedSums.contains(vertex) {
      for place in places { addCopy(of: vertex, into: place) }
    }
    for output in outputs { pin(output) }
  }

  /// Sums of sums that were taken apart: their parts are added one by one.
  private var skippedSums: Set<ID> = []

  /// Adding (a + b) to a place is adding a and adding b; adding a padded value is adding it to a part.
  private mutating func spreadSums(_ sums: inout [ID: Place], outputs: Set<ID>) {
    var work = sums.keys.sorted(by: >)
    while let id = work.popLast() {
      guard let place = sums[id], !outputs.contains(id) else { continue }
      let vertex = graph[id]
      var replacements: [(ID, Place)] = []
      switch vertex.operation {
      case .binary(.add): replacements = vertex.operands.map { ($0, place) }
      case .reshape, .variable: replacements = [(vertex.operands[0], place)]
      case .pad(let before, _):
        let inner = vertex.shape.count / vertex.shape.axes[0]
        replacements = [(vertex.operands[0], place.advanced(by: before * inner))]
      default: continue
      }
      let replaceable = replacements.allSatisfy { operand, _ in
        uses[operand] == 1 && places[operand] == nil && sums[operand] == nil && !isVirtual(operand)
          && graph[operand].stage == vertex.stage && !fused.contains(operand)
      }
      guard replaceable, Set(replacements.map(\.0)).count == replacements.count else { continue }
      sums[id] = nil
      skippedSums.insert(id)
      fused.insert(id)
      for (operand, place) in replacements {
        sums[operand] = place
        work.append(operand)
      }
    }
  }

  private func collect(_ roots: [ID]) -> [ID] {
    var needed: Set<ID> = []
    var stack = roots
    while let id = stack.popLast() {
      guard needed.insert(id).inserted, places[id] == nil else { continue }
      stack.append(contentsOf: graph[id].operands)
    }
    return needed.sorted()
  }

  private mutating func plan(_ needed: [ID], roots: Set<ID>) {
    for id in needed where places[id] == nil {
      for operand in graph[id].operands { uses[operand, default: 0] += 1 }
    }
    for root in roots { uses[root, default: 0] += 1 }
    for id in needed where places[id] == nil {
      let vertex = graph[id]
      switch vertex.operation {
      case .binary(.add), .binary(.subtract):
        // The later of two products is likelier to be in registers still.
        for operand in vertex.operands.reversed() where isFusable(operand, roots: roots) && !fused.contains(id) {
          fused.insert(operand)
          break
        }
      case .sum, .sumLanes, .sumAll:
        let operand = vertex.operands[0]
        if isDot(operand, for: vertex.operation, roots: roots) { fused.insert(operand) }
      case .concatenate:
        guard vertex.stage == .row else { break }
        var offset = 0
        for operand in vertex.operands {
          if uses[operand] == 1, !isVirtual(operand), places[operand] == nil, !roots.contains(operand),
            !isLeaf(operand), !fused.contains(operand), graph[operand].operation != .concatenate
          {
            parts[operand] = (id, offset)
            wholes.insert(id)
          }
          offset += graph[operand].shape.count
        }
      default: break
      }
    }
  }

  private func isLeaf(_ id: ID) -> Bool {
    switch graph[id].operation {
    case .constant, .parameter, .input: true
    default: false
    }
  }

  /// Values that are addresses or modes of others.
  private func isVirtual(_ id: ID) -> Bool {
    switch graph[id].operation {
    case .constant, .broadcast, .reshape, .variable, .slice, .atStep: true
    default: false
    }
  }

  private func isFusable(_ id: ID, roots: Set<ID>) -> Bool {
    guard uses[id] == 1, places[id] == nil, !roots.contains(id), parts[id] == nil else { return false }
    switch graph[id].operation {
    case .binary(.multiply), .unary(.square), .scale: return true
    default: return false
    }
  }

  private func isDot(_ id: ID, for sum: Operation, roots: Set<ID>) -> Bool {
    guard uses[id] == 1, places[id] == nil, !roots.contains(id), parts[id] == nil else { return false }
    switch graph[id].operation {
    case .unary(.square): return graph[graph[id].operands[0]].operation != .broadcast
    case .binary(.multiply):
      let spread = graph[id].operands.filter { graph[$0].operation == .broadcast }
      if spread.isEmpty { return true }
      // A factor that is the same for all features can be read as such only where features stay apart.
      return sum == .sumLanes && spread.count == 1 && graph[graph[spread[0]].operands[0]].shape == .scalar
        && graph[graph[spread[0]].operands[0]].stage == .row
    default: return false
    }
  }

  // MARK: - Places

  private mutating func newRegister(for id: ID) -> Place {
    let vertex = graph[id]
    registers.append(Register(isLanes: vertex.stage == .row, size: Swift.max(1, vertex.shape.count)))
    return .register(registers.count - 1, offset: 0)
  }

  private mutating func destination(_ id: ID) -> Operand {
    if let place = places[id] { return Operand(place: place, mode: Int(TILE_FULL)) }
    let place: Place
    if let (whole, offset) = parts[id] {
      if places[whole] == nil { places[whole] = newRegister(for: whole) }
      place = (places[whole] ?? newRegister(for: whole)).advanced(by: offset)
    } else {
      place = newRegister(for: id)
    }
    places[id] = place
    return Operand(place: place, mode: Int(TILE_FULL))
  }

  /// Where a value lies; written out first if it is only an address mode of another.
  private mutating func place(_ id: ID) -> Place {
    if let place = places[id] { return place }
    let vertex = graph[id]
    switch vertex.operation {
    case .constant(let values):
      if let place = constantPlaces[id] { return place }
      let place = constant(values)
      constantPlaces[id] = place
      return place
    case .reshape, .variable, .gradient:
      let place = place(vertex.operands[0])
      places[id] = place
      return place
    case .slice(let start, _):
      let inner = vertex.shape.count / vertex.shape.axes[0]
      let place = place(vertex.operands[0]).advanced(by: start * inner)
      places[id] = place
      return place
    case .atStep(let offset):
      guard case .fixed(let space, let base, _) = place(vertex.operands[0]) else { return newRegister(for: id) }
      let stride = vertex.shape.count
      let place = Place.fixed(space: space, offset: base + offset * stride, stepStride: stride)
      places[id] = place
      return place
    case .broadcast:
      let inner = graph[vertex.operands[0]]
      if vertex.stage < .row && inner.shape.count == vertex.shape.count { return place(vertex.operands[0]) }
      let source = operand(id, uniform: vertex.stage < .row)
      let target = destination(id)
      instructions.append(
        Instruction(
          opcode: TILE_COPY, flags: vertex.stage < .row ? Int(TILE_FLAG_UNIFORM) : 0, features: vertex.shape.count,
          destination: target, operands: [source], vertex: id))
      return target.place
    default:
      // Topological order has emitted it before any use.
      emit(id)
      return places[id] ?? newRegister(for: id)
    }
  }

  private mutating func constant(_ values: [Double]) -> Place {
    if values.count == 1, let known = scalarConstants[values[0].bitPattern] {
      return .fixed(space: Int(TILE_SPACE_CONSTANTS), offset: known, stepStride: 0)
    }
    let offset = constants.count
    if values.count == 1 { scalarConstants[values[0].bitPattern] = offset }
    constants.append(contentsOf: values)
    while values.count > 1 && constants.count % 16 != 0 { constants.append(0) }
    return .fixed(space: Int(TILE_SPACE_CONSTANTS), offset: offset, stepStride: 0)
  }

  /// An operand of an elementwise instruction: spread values are read by their mode.
  private mutating func operand(_ id: ID, uniform: Bool) -> Operand {
    let vertex = graph[id]
    guard vertex.operation == .broadcast, places[id] == nil else {
      return Operand(place: place(id), mode: Int(vertex.shape.count == 1 && uniform ? TILE_SCALAR : TILE_FULL))
    }
    let inner = graph[vertex.operands[0]]
    let source = place(vertex.operands[0])
    if uniform {
      return Operand(place: source, mode: Int(inner.shape.count == 1 ? TILE_SCALAR : TILE_FULL))
    }
    if inner.stage == .row {
      return Operand(place: source, mode: Int(vertex.shape.count == 1 ? TILE_FULL : TILE_LANE))
    }
    return Operand(place: source, mode: Int(inner.shape.count == 1 ? TILE_SCALAR : TILE_FEATURE))
  }

  private mutating func full(_ id: ID) -> Operand {
    Operand(place: place(id), mode: Int(TILE_FULL))
  }

  /// Keeps an output to the end; one that lies elsewhere is copied into a register.
  private mutating func pin(_ id: ID) {
    if case .register(let register, _) = place(id) {
      registers[register].isPinned = true
      return
    }
    let source = Operand(place: place(id), mode: Int(TILE_FULL))
    places[id] = nil
    let target = newRegister(for: id)
    places[id] = target
    append(TILE_COPY, id, [source], into: Operand(place: target, mode: Int(TILE_FULL)))
    pin(id)
  }

  /// Where a pinned value lies once the registers have their places.
  mutating func offset(of id: ID, offsets: [Int]) -> Int {
    if case .register(let register, let offset) = place(id) { return offsets[register] + offset }
    return 0
  }

  // MARK: - Instructions

  private mutating func append(
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

  private mutating func addCopy(of id: ID, into place: Place) {
    let source = full(id)
    instructions.append(
      Instruction(
        opcode: TILE_COPY, flags: Int(TILE_FLAG_UNIFORM | TILE_FLAG_ACCUMULATE), features: graph[id].shape.count,
        destination: Operand(place: place, mode: Int(TILE_FULL)), operands: [source], vertex: id))
  }

  /// Adds a value to a place, in the instruction that computes it where that can add.
  private mutating func emitSum(_ id: ID, into place: Place) {
    let target = Operand(place: place, mode: Int(TILE_FULL))
    switch graph[id].operation {
    case .outer, .sumLanes, .sumAll, .squaredDistanceGradientCentres, .outerProduct, .contractRows:
      emit(id, into: target, flags: Int(TILE_FLAG_ACCUMULATE))
    default:
      if places[id] == nil, !isVirtual(id) { emit(id) }
      addCopy(of: id, into: place)
    }
  }

  /// The factors of a product that is fused into a sum.
  private mutating func factors(_ id: ID, uniform: Bool) -> (Operand, Operand) {
    let vertex = graph[id]
    switch vertex.operation {
    case .unary(.square):
      let x = operand(vertex.operands[0], uniform: uniform)
      return (x, x)
    case .scale(let factor):
      return (
        operand(vertex.operands[0], uniform: uniform), Operand(place: constant([factor]), mode: Int(TILE_SCALAR))
      )
    default:
      let a = operand(vertex.operands[0], uniform: uniform)
      let b = operand(vertex.operands[1], uniform: uniform)
      return rank(a) <= rank(b) ? (a, b) : (b, a)
    }
  }

  private func rank(_ operand: Operand) -> Int {
    switch operand.mode {
    case Int(TILE_FULL): 0
    case Int(TILE_LANE): 1
    default: 2
    }
  }

  private mutating func emit(_ id: ID, into target: Operand? = nil, flags: Int = 0) {
    let vertex = graph[id]
    let uniform = vertex.stage < .row
    switch vertex.operation {
    case .unary(let function):
      append(function.opcode, id, [fullElementwise(vertex.operands[0])])
    case .leakyReLU(let slope):
      append(TILE_LEAKY_RELU, id, [fullElementwise(vertex.operands[0])], immediate: slope)
    case .scale(let factor):
      append(TILE_SCALE, id, [fullElementwise(vertex.operands[0])], immediate: factor)
    case .shift(let amount):
      append(TILE_SHIFT, id, [fullElementwise(vertex.operands[0])], immediate: amount)
    case .leakyReLUGradient(let slope):
      let operands = vertex.operands.map { operand($0, uniform: uniform) }
      append(TILE_LEAKY_RELU_GRADIENT, id, operands, immediate: slope)
    case .binary(let function):
      emitBinary(function, id)
    case .select:
      emitSelect(id)

    case .pad(let before, _):
      let inner = vertex.shape.count / vertex.shape.axes[0]
      let whole = destination(id)
      append(TILE_FILL, id, [], into: whole)
      let source = full(vertex.operands[0])
      append(
        TILE_COPY, id, [source], features: graph[vertex.operands[0]].shape.count,
        into: Operand(place: whole.place.advanced(by: before * inner), mode: Int(TILE_FULL)))
    case .concatenate:
      emitConcatenation(id)

    case .sum, .sumLanes, .sumAll:
      emitReduction(id, into: target, flags: flags)
    case .cumulativeSum: append(TILE_CUMULATIVE_SUM, id, [full(vertex.operands[0])])
    case .reverseCumulativeSum: append(TILE_REVERSE_CUMULATIVE_SUM, id, [full(vertex.operands[0])])

    case .affine(let bias):
      let inner = graph[vertex.operands[1]].shape.count
      append(
        TILE_AFFINE, id, vertex.operands.map { full($0) }, inner: inner, flags: bias ? Int(TILE_FLAG_BIAS) : 0)
    case .affineTransposed:
      append(
        TILE_AFFINE_TRANSPOSED, id, vertex.operands.map { full($0) }, features: graph[vertex.operands[1]].shape.count,
        inner: vertex.shape.count)
    case .outer:
      let rows = graph[vertex.operands[0]].stage == .row
      appendReduction(
        TILE_OUTER, id, vertex.operands.map { full($0) }, features: graph[vertex.operands[0]].shape.count,
        inner: graph[vertex.operands[1]].shape.count, overRows: rows, into: target, flags: flags)
    case .weightedSum:
      append(TILE_WEIGHTED_SUM, id, vertex.operands.map { full($0) }, inner: graph[vertex.operands[0]].shape.count)
    case .outerProduct:
      append(
        TILE_OUTER_PRODUCT, id, vertex.operands.map { full($0) }, features: graph[vertex.operands[0]].shape.count,
        inner: graph[vertex.operands[1]].shape.count, flags: flags, into: target)
    case .contractRows:
      append(
        TILE_CONTRACT_ROWS, id, vertex.operands.map { full($0) }, inner: graph[vertex.operands[1]].shape.count,
        flags: flags, into: target)

    case .squaredDistance:
      append(
        TILE_SQUARED_DISTANCE, id, vertex.operands.map { full($0) }, inner: graph[vertex.operands[0]].shape.count)
    case .squaredDistanceGradientX:
      append(
        TILE_SQUARED_DISTANCE_GRADIENT_X, id, vertex.operands.map { full($0) },
        inner: graph[vertex.operands[2]].shape.count)
    case .squaredDistanceGradientCentres:
      appendReduction(
        TILE_SQUARED_DISTANCE_GRADIENT_CENTRES, id, vertex.operands.map { full($0) },
        features: graph[vertex.operands[2]].shape.count, inner: graph[vertex.operands[0]].shape.count, overRows: true,
        into: target, flags: flags)
    case .softmax: append(TILE_SOFTMAX, id, [full(vertex.operands[0])])
    case .softmaxGradient: append(TILE_SOFTMAX_GRADIENT, id, vertex.operands.map { full($0) })
    case .logSumExp:
      append(TILE_LOG_SUM_EXP, id, [full(vertex.operands[0])], inner: graph[vertex.operands[0]].shape.count)

    case .constant, .parameter, .input, .broadcast, .reshape, .variable, .gradient, .slice, .atStep:
      _ = place(id)
    }
  }

  /// A reduction's result is uniform, but the instruction works on lanes where its operands do.
  private mutating func appendReduction(
    _ opcode: tile_opcode, _ id: ID, _ operands: [Operand], features: Int, inner: Int, overRows: Bool,
    into target: Operand?, flags: Int
  ) {
    let destination = target ?? destination(id)
    instructions.append(
      Instruction(
        opcode: opcode, flags: flags | (overRows ? 0 : Int(TILE_FLAG_UNIFORM)), features: features, inner: inner,
        destination: destination, operands: operands, vertex: id))
  }

  /// The operand of a one-operand instruction, which reads its operand straight.
  private mutating func fullElementwise(_ id: ID) -> Operand { full(id) }

  private mutating func emitBinary(_ function: Operation.Binary, _ id: ID) {
    let vertex = graph[id]
    let uniform = vertex.stage < .row
    let (left, right) = (vertex.operands[0], vertex.operands[1])
    if function == .add || function == .subtract {
      if fused.contains(left) {
        let (a, b) = factors(left, uniform: uniform)
        let c = operand(right, uniform: uniform)
        return append(function == .add ? TILE_MULTIPLY_ADD : TILE_MULTIPLY_SUBTRACT, id, [a, b, c])
      }
      if fused.contains(right) {
        let (a, b) = factors(right, uniform: uniform)
        let c = operand(left, uniform: uniform)
        return append(function == .add ? TILE_MULTIPLY_ADD : TILE_NEGATED_MULTIPLY_ADD, id, [a, b, c])
      }
    }
    append(function.opcode, id, [operand(left, uniform: uniform), operand(right, uniform: uniform)])
  }

  private mutating func emitSelect(_ id: ID) {
    let vertex = graph[id]
    let uniform = vertex.stage < .row
    var operands = vertex.operands.map { operand($0, uniform: uniform) }
    if operands[0].mode != Int(TILE_FULL) { operands[0] = full(vertex.operands[0]) }
    append(TILE_SELECT, id, operands)
  }

  private mutating func emitConcatenation(_ id: ID) {
    let vertex = graph[id]
    let whole = destination(id)
    var offset = 0
    for operand in vertex.operands {
      let count = graph[operand].shape.count
      if parts[operand]?.whole != id {
        let uniform = vertex.stage < .row
        let source =
          graph[operand].operation == .broadcast && places[operand] == nil
          ? self.operand(operand, uniform: uniform) : full(operand)
        append(
          TILE_COPY, id, [source], features: count,
          into: Operand(place: whole.place.advanced(by: offset), mode: Int(TILE_FULL)))
      }
      offset += count
    }
  }

  private mutating func emitReduction(_ id: ID, into target: Operand?, flags: Int) {
    let vertex = graph[id]
    let operand = vertex.operands[0]
    let count = graph[operand].shape.count
    let overRows = graph[operand].stage == .row
    var operands: [Operand]
    if fused.contains(operand) {
      let (a, b) = factors(operand, uniform: !overRows)
      operands = [a, b]
    } else {
      operands = [full(operand)]
    }
    let isDot = operands.count == 2
    switch vertex.operation {
    case .sum where overRows:
      append(isDot ? TILE_DOT_FEATURES : TILE_SUM_FEATURES, id, operands, features: 1, inner: count)
    case .sumLanes:
      appendReduction(
        isDot ? TILE_DOT_LANES : TILE_SUM_LANES, id, operands, features: count, inner: 0, overRows: true, into: target,
        flags: flags)
    default:
      appendReduction(
        isDot ? TILE_DOT_ALL : TILE_SUM_ALL, id, operands, features: 1, inner: count, overRows: overRows, into: target,
        flags: flags)
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
    case .tanhGradient: TILE_TANH_GRADIENT
    case .sigmoidGradient: TILE_SIGMOID_GRADIENT
    }
  }
}
