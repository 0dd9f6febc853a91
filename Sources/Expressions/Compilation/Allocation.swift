import CTileLoops

/// Instructions with every operand at its place, and how much room a tile needs for them.
package struct Code: Sendable {
  var instructions: [tile_instruction] = []
  /// Features of the buffer for lanes.
  var laneFeatures = 0
  /// Numbers of the buffer for uniform values.
  var uniformCount = 0
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

extension Lowering {
  /// Gives every register a place, shared by registers that never hold a value at the same time.
  ///
  /// - Returns: the code, and where each register lies.
  func allocate() -> (code: Code, offsets: [Int]) {
    var firstUse = [Int](repeating: .max, count: registers.count)
    var lastUse = [Int](repeating: -1, count: registers.count)
    func touch(_ operand: Operand, at index: Int) {
      guard case .register(let register, _) = operand.place else { return }
      firstUse[register] = min(firstUse[register], index)
      lastUse[register] = max(lastUse[register], index)
    }
    for (index, instruction) in instructions.enumerated() {
      touch(instruction.destination, at: index)
      for operand in instruction.operands { touch(operand, at: index) }
    }
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
    for register in registers.indices where !registers[register].isPinned && lastUse[register] >= 0 {
      starting[firstUse[register], default: []].append(register)
      ending[lastUse[register], default: []].append(register)
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
    code.instructions = instructions.map { encoded($0, offsets: offsets) }
    return (code, offsets)
  }

  private func encoded(_ instruction: Instruction, offsets: [Int]) -> tile_instruction {
    var result = tile_instruction()
    result.opcode = Int32(instruction.opcode.rawValue)
    result.flags = Int32(instruction.flags)
    result.features = Int32(instruction.features)
    result.inner = Int32(instruction.inner)
    result.immediate = instruction.immediate
    result.destination = encoded(instruction.destination, offsets: offsets)
    if instruction.operands.count > 0 { result.a = encoded(instruction.operands[0], offsets: offsets) }
    if instruction.operands.count > 1 { result.b = encoded(instruction.operands[1], offsets: offsets) }
    if instruction.operands.count > 2 { result.c = encoded(instruction.operands[2], offsets: offsets) }
    return result
  }

  private func encoded(_ operand: Operand, offsets: [Int]) -> tile_operand {
    switch operand.place {
    case .register(let register, let offset):
      tile_operand(
        space: Int32(registers[register].isLanes ? TILE_SPACE_LANES : TILE_SPACE_UNIFORM), mode: Int32(operand.mode),
        offset: Int64(offsets[register] + offset), step_stride: 0)
    case .fixed(let space, let offset, let stride):
      tile_operand(
        space: Int32(space), mode: Int32(operand.mode), offset: Int64(offset), step_stride: Int64(stride))
    }
  }
}
