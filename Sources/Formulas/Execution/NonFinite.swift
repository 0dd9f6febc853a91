import CTileLoops

extension TileWorkspace {
  /// Computes a tile again, instruction by instruction, and names what first became not finite; nil where all sums are
  /// finite.
  ///
  /// A schedule whose last beta is 1 has an infinite logit, which is as it should be: an infinite result counts only
  /// where its operands are finite, a result that is not a number always.
  func firstNonFinite(lanes count: Int, step: Int) -> String? {
    let sums = AlignedBuffer(count: program.sumCount, precision: program.precision)
    let record = AlignedBuffer(count: program.recordCount, precision: program.precision)
    var frame = frame(lanes: count, step: step, sums: sums, record: record.pointer)
    var infinite: Int?
    var origin: Int?
    for (index, instruction) in program.body.instructions.enumerated() where origin == nil {
      var one = instruction
      shared.bodyRun?(&one, 1, &frame)
      switch state(of: one.destination, one, lanes: count, step: step, sums: sums, record: record) {
      case .finite: continue
      case .notANumber: origin = index
      case .infinite:
        infinite = infinite ?? index
        let operands = [one.a, one.b, one.c].map {
          state(of: $0, one, lanes: count, step: step, sums: sums, record: record)
        }
        if operands.allSatisfy({ $0 == .finite }) { origin = index }
      }
    }
    if origin == nil, (sums.values + record.values).allSatisfy(\.isFinite) { return nil }
    return (origin ?? infinite).map { program.label(ofInstruction: $0) }
  }

  private enum Numbers {
    case finite, infinite, notANumber
  }

  /// What the numbers that an instruction reads or writes are like; generous in how many it looks at.
  private func state(
    of operand: tile_operand, _ instruction: tile_instruction, lanes count: Int, step: Int, sums: AlignedBuffer,
    record: AlignedBuffer
  ) -> Numbers {
    let features = Int(operand.mode == TILE_LANE || operand.mode == TILE_SCALAR ? 1 : instruction.features)
    var start = Int(operand.offset) + step * Int(operand.step_stride)
    var length = features
    let buffer: AlignedBuffer
    switch operand.space {
    case Int32(TILE_SPACE_LANES):
      buffer = lanes
      start *= count
      length *= count
    case Int32(TILE_SPACE_UNIFORM): buffer = uniform
    case Int32(TILE_SPACE_CONSTANTS): buffer = program.bodyConstants
    case Int32(TILE_SPACE_SHARED): buffer = shared.values
    case Int32(TILE_SPACE_SUMS): buffer = sums
    case Int32(TILE_SPACE_RECORD): buffer = record
    default: return .finite
    }
    var state = Numbers.finite
    for position in max(0, start)..<max(0, start, min(buffer.count, start + length)) {
      if buffer[position].isNaN { return .notANumber }
      if buffer[position].isInfinite { state = .infinite }
    }
    return state
  }
}
