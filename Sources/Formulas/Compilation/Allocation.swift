import CTileLoops

/// Instructions with every operand at its place, and how much room a tile needs for them.
package struct Code: Sendable {
  var instructions: [tile_instruction] = []
  /// Features of the buffer for lanes.
  var laneFeatures = 0
  /// Numbers of the buffer for uniform values.
  var uniformCount = 0
  /// Numbers of the largest image for a row that a convolution reads or writes; 0 where there is none.
  var imageFeatures = 0
  /// What takes kernels to the points, before tiles are computed.
  var pointKernels: [tile_instruction] = []
  /// Numbers of the kernels at the points.
  var pointKernelCount = 0
  /// The vertex that each instruction computes, for messages.
  var vertices: [Graph.ID] = []
}

/// Hands out places in a buffer and takes them back: first fit, with neighbours joined.
private struct FreeList {
  private var free: [(start: Int, count: Int)] = []
  private(set) var extent = 0

  mutating func take(_ count: Int) -> Int {
    if let index = free.firstIndex(where: { $0.count >= count }) {
      let start = free[index].start
      free[index].start += count
      free[index].count -= count
      if free[index].count == 0 { free.remove(at: index) }
      return start
    }
    if let last = free.last, last.start + last.count == extent {
      free.removeLast()
      extent = last.start + count
      return last.start
    }
    defer { extent += count }
    return extent
  }

  mutating func give(_ start: Int, _ count: Int) {
    let index = free.firstIndex { $0.start > start } ?? free.count
    free.insert((start, count), at: index)
    if index + 1 < free.count, start + count == free[index + 1].start {
      free[index].count += free[index + 1].count
      free.remove(at: index + 1)
    }
    if index > 0, free[index - 1].start + free[index - 1].count == start {
      free[index - 1].count += free[index].count
      free.remove(at: index)
    }
  }
}

/// The first and last instruction that touch each register.
private struct Lifetimes {
  private(set) var first: [Int]
  private(set) var last: [Int]

  init(_ instructions: [Lowering.Instruction], registers: Int) {
    first = [Int](repeating: .max, count: registers)
    last = [Int](repeating: -1, count: registers)
    for (index, instruction) in instructions.enumerated() {
      for operand in instruction.places {
        guard case .register(let register, _) = operand.place else { continue }
        first[register] = min(first[register], index)
        last[register] = max(last[register], index)
      }
    }
  }
}

extension Lowering {
  /// Gives every register a place, shared by registers that never hold a value at the same time.
  ///
  /// A register's life is the interval from the first to the last instruction that touches it (see `Lowering`), so a
  /// walk along the instructions that takes a place at the start of each life and gives it back at the end is enough.
  /// At one instruction, lives begin before others end: a destination never lies across an operand, which the C loops
  /// rely on. Pinned registers are taken first and never given back. Uniform registers are rounded to 16 numbers, so
  /// that each begins on a cache line.
  ///
  /// Rejected: writing a result over an operand whose life ends there. Elementwise loops would allow it, matrix
  /// products and softmax would not.
  ///
  /// - Returns: the code, and where each register lies.
  func allocate() -> (code: Code, offsets: [Int]) {
    let lifetimes = Lifetimes(instructions, registers: registers.count)
    var lanes = FreeList()
    var uniform = FreeList()
    var offsets = [Int](repeating: 0, count: registers.count)
    func size(_ register: Int) -> Int {
      registers[register].isLanes ? registers[register].size : (registers[register].size + 15) / 16 * 16
    }
    func take(_ register: Int) {
      offsets[register] = registers[register].isLanes ? lanes.take(size(register)) : uniform.take(size(register))
    }
    for register in registers.indices where registers[register].isPinned { take(register) }
    var starting: [Int: [Int]] = [:]
    var ending: [Int: [Int]] = [:]
    for register in registers.indices where !registers[register].isPinned && lifetimes.last[register] >= 0 {
      starting[lifetimes.first[register], default: []].append(register)
      ending[lifetimes.last[register], default: []].append(register)
    }
    for index in instructions.indices {
      for register in starting[index] ?? [] { take(register) }
      for register in ending[index] ?? [] {
        if registers[register].isLanes {
          lanes.give(offsets[register], size(register))
        } else {
          uniform.give(offsets[register], size(register))
        }
      }
    }
    var code = Code(laneFeatures: lanes.extent, uniformCount: uniform.extent)
    code.vertices = instructions.map(\.vertex)
    code.imageFeatures =
      instructions.map { instruction in
        instruction.kernel.height > 0
          ? max(instruction.features, instruction.inner * instruction.image.height * instruction.image.width) : 0
      }.max() ?? 0
    code.instructions = instructions.map { encoded($0, offsets: offsets) }
    code.pointKernels = pointKernels.map { encoded($0, offsets: offsets) }
    code.pointKernelCount = pointKernelCount
    return (code, offsets)
  }

  private func encoded(_ instruction: Instruction, offsets: [Int]) -> tile_instruction {
    var result = tile_instruction()
    result.opcode = Int32(instruction.opcode.rawValue)
    result.flags = Int32(instruction.flags)
    result.features = Int32(instruction.features)
    result.inner = Int32(instruction.inner)
    result.height = Int32(instruction.image.height)
    result.width = Int32(instruction.image.width)
    result.kernel_height = Int32(instruction.kernel.height)
    result.kernel_width = Int32(instruction.kernel.width)
    result.activation = Int32(instruction.activation.rawValue)
    result.immediate = instruction.immediate
    result.destination = encoded(instruction.destination, offsets: offsets)
    if let scratch = instruction.scratch { result.scratch = encoded(scratch, offsets: offsets) }
    if let points = instruction.points { result.points = encoded(points, offsets: offsets) }
    if instruction.operands.count > 0 { result.a = encoded(instruction.operands[0], offsets: offsets) }
    if instruction.operands.count > 1 { result.b = encoded(instruction.operands[1], offsets: offsets) }
    if instruction.operands.count > 2 { result.c = encoded(instruction.operands[2], offsets: offsets) }
    return result
  }

  private func encoded(_ operand: Operand, offsets: [Int]) -> tile_operand {
    switch operand.place {
    case .register(let register, let offset):
      tile_operand(
        space: Int32(registers[register].isLanes ? TILE_SPACE_LANES : TILE_SPACE_UNIFORM), mode: operand.mode.code,
        offset: Int64(offsets[register] + offset), step_stride: 0)
    case .fixed(let space, let offset, let stride):
      tile_operand(
        space: Int32(space), mode: operand.mode.code, offset: Int64(offset), step_stride: Int64(stride))
    }
  }
}
