import CTileLoops

// Where values lie and how they are read.
//
// A value of the row stage is [feature][lane] in the buffer for lanes; one that all rows of a tile share is a plain
// array. An instruction reads each operand at an address and in a mode, which says whether a number belongs to one
// feature and one row, to a row, to a feature, or to all of them. So
//
// - a slice, a reshape and a variable are the address of what they are made of, moved on;
// - a table at the step t is an address with a stride: the interpreter adds t times the stride when it runs a tile, so
//   that one program serves all steps;
// - a spread value is what it was spread from, read in a mode.
//
// Only elementwise instructions read in modes. Where another needs a spread value (a matrix product of a vector that is
// the same for all rows), it is written out by one copy.

extension Lowering {
  /// Where a value lies.
  enum Place {
    /// A register, and how many features or numbers into it.
    case register(Int, offset: Int)
    /// Memory that exists before the code runs; `stepStride` numbers lie between neighbouring time steps.
    case fixed(space: Int, offset: Int, stepStride: Int)

    /// The place `count` features or numbers further on.
    func advanced(by count: Int) -> Place {
      switch self {
      case .register(let register, let offset): .register(register, offset: offset + count)
      case .fixed(let space, let offset, let stride): .fixed(space: space, offset: offset + count, stepStride: stride)
      }
    }
  }

  /// What an instruction reads or writes: a place, and how its numbers are spread over features and rows.
  struct Operand {
    enum Mode {
      /// One number for each feature and row.
      case full
      /// One number for each row, the same for all features.
      case lane
      /// One number for each feature, the same for all rows.
      case feature
      /// One number.
      case scalar

      var code: Int32 {
        switch self {
        case .full: Int32(TILE_FULL)
        case .lane: Int32(TILE_LANE)
        case .feature: Int32(TILE_FEATURE)
        case .scalar: Int32(TILE_SCALAR)
        }
      }
    }

    var place: Place
    var mode = Mode.full
  }
}

extension Graph.Vertex {
  /// Whether a value is an address or a mode of another, or a constant, and so has no instruction.
  var isVirtual: Bool {
    if case .constant = operation { return true }
    return operation.form == .view
  }
}

extension Lowering {
  private mutating func newRegister(for id: ID) -> Place {
    let vertex = graph[id]
    registers.append(Register(isLanes: vertex.stage == .row, size: max(1, vertex.shape.count)))
    return .register(registers.count - 1, offset: 0)
  }

  /// Where an instruction writes a vertex: a new register, or its part of a concatenation.
  mutating func destination(_ id: ID) -> Operand {
    if let place = places[id] { return Operand(place: place) }
    let place: Place
    if let (whole, offset) = plan.parts[id] {
      let start = places[whole] ?? newRegister(for: whole)
      places[whole] = start
      place = start.advanced(by: offset)
    } else {
      place = newRegister(for: id)
    }
    places[id] = place
    return Operand(place: place)
  }

  /// Where a value lies; written out first if it is only an address mode of another.
  mutating func place(_ id: ID) -> Place {
    if let place = places[id] { return place }
    let vertex = graph[id]
    switch vertex.operation {
    case .constant(let values):
      let place = constantPlaces[id] ?? constant(values)
      constantPlaces[id] = place
      return place
    case .reshape, .variable, .gradient:
      return alias(id, place(vertex.operands[0]))
    case .slice(let start, _):
      let inner = vertex.shape.count / vertex.shape.axes[0]
      return alias(id, place(vertex.operands[0]).advanced(by: start * inner))
    case .atStep(let offset):
      // Only values of the shared stage and below are looked into, and these are fixed.
      guard case .fixed(let space, let base, _) = place(vertex.operands[0]) else { return newRegister(for: id) }
      let stride = vertex.shape.count
      return alias(id, .fixed(space: space, offset: base + offset * stride, stepStride: stride))
    case .broadcast:
      return spreadPlace(id)
    case .parameter, .input:
      // Has been given its place.
      return newRegister(for: id)
    case .unary, .leakyReLU, .scale, .shift, .binary, .leakyReLUGradient, .select, .pad, .concatenate, .sum, .sumLanes,
      .sumAll, .cumulativeSum, .reverseCumulativeSum, .affine, .affineTransposed, .outer, .weightedSum, .outerProduct,
      .contractRows, .convolve, .convolveTransposed, .convolutionKernel, .pool, .upsample, .sumPlanes, .squaredDistance,
      .squaredDistanceGradientX, .squaredDistanceGradientCentres, .softmax,
      .softmaxGradient, .logSumExp:
      // The order of work has emitted it before any use.
      emit(id)
      return places[id] ?? newRegister(for: id)
    }
  }

  private mutating func alias(_ id: ID, _ place: Place) -> Place {
    places[id] = place
    return place
  }

  /// A spread value written out, for instructions that do not read in modes.
  private mutating func spreadPlace(_ id: ID) -> Place {
    let vertex = graph[id]
    let isUniform = vertex.stage < .row
    if isUniform && graph[vertex.operands[0]].shape.count == vertex.shape.count { return place(vertex.operands[0]) }
    let source = operand(id, isUniform: isUniform)
    let target = destination(id)
    append(TILE_COPY, id, [source], into: target)
    return target.place
  }

  /// A place among the program's constants; single numbers are shared, vectors begin at a multiple of 16.
  mutating func constant(_ values: [Double]) -> Place {
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
  mutating func operand(_ id: ID, isUniform: Bool) -> Operand {
    let vertex = graph[id]
    guard vertex.operation == .broadcast, places[id] == nil else {
      return Operand(place: place(id), mode: vertex.shape.count == 1 && isUniform ? .scalar : .full)
    }
    let inner = graph[vertex.operands[0]]
    let source = place(vertex.operands[0])
    if isUniform { return Operand(place: source, mode: inner.shape.count == 1 ? .scalar : .full) }
    if inner.stage == .row { return Operand(place: source, mode: vertex.shape.count == 1 ? .full : .lane) }
    return Operand(place: source, mode: inner.shape.count == 1 ? .scalar : .feature)
  }

  /// An operand of an instruction that reads every number of it.
  mutating func full(_ id: ID) -> Operand { Operand(place: place(id)) }

  mutating func full(_ ids: [ID]) -> [Operand] {
    var operands: [Operand] = []
    for id in ids { operands.append(full(id)) }
    return operands
  }

  /// Keeps an output to the end; one that lies elsewhere is copied into a register.
  mutating func pin(_ id: ID) {
    if case .register(let register, _) = place(id) {
      registers[register].isPinned = true
      return
    }
    let source = full(id)
    places[id] = nil
    let target = newRegister(for: id)
    places[id] = target
    append(TILE_COPY, id, [source], into: Operand(place: target))
    pin(id)
  }

  /// Where a pinned value lies once the registers have their places.
  mutating func offset(of id: ID, offsets: [Int]) -> Int {
    if case .register(let register, let offset) = place(id) { return offsets[register] + offset }
    return 0
  }
}
