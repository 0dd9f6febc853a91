import CTileLoops

/// One thread's memory for the tiles of a program.
package final class TileWorkspace: @unchecked Sendable {
  package let program: TileProgram
  package let shared: SharedValues
  package let maximumRows: Int
  package let lanes: AlignedBuffer
  private let uniform: AlignedBuffer

  /// - Parameter maximumRows: the most rows of a tile; rounded up to a multiple of 16.
  package init(shared: SharedValues, maximumRows: Int) {
    program = shared.program
    self.shared = shared
    self.maximumRows = TileWorkspace.padded(maximumRows)
    lanes = AlignedBuffer(count: program.body.laneFeatures * self.maximumRows, precision: program.precision)
    uniform = AlignedBuffer(count: program.body.uniformCount, precision: program.precision)
  }

  /// Rows with the lanes that pad them to whole vectors.
  package static func padded(_ rows: Int) -> Int { (max(1, rows) + 15) / 16 * 16 }

  /// Where an input of a tile of so many lanes is to be written, [feature][lane]; nil where the program ignores it.
  package func input(_ name: String, lanes count: Int) -> UnsafeMutableRawPointer? {
    program.inputOffset(name).map { lanes.pointer(at: $0 * count) }
  }

  /// Where an output of a tile of so many lanes lies, [feature][lane].
  package func output(_ index: Int, lanes count: Int) -> UnsafeMutableRawPointer {
    lanes.pointer(at: program.outputOffset(index) * count)
  }

  /// Computes a tile.
  package func run(lanes count: Int, step: Int, sums: AlignedBuffer? = nil, record: UnsafeMutableRawPointer? = nil) {
    var frame = shared.bodyFrame(rows: count, step: step)
    frame.set(Int(TILE_SPACE_LANES), lanes.pointer)
    frame.set(Int(TILE_SPACE_UNIFORM), uniform.pointer)
    frame.set(Int(TILE_SPACE_SUMS), sums?.pointer)
    frame.set(Int(TILE_SPACE_RECORD), record)
    program.body.instructions.withUnsafeBufferPointer { code in
      shared.bodyRun?(code.baseAddress, Int64(code.count), &frame)
    }
  }

  /// Computes a tile instruction by instruction and names the first whose result is not finite.
  package func firstNonFinite(lanes count: Int, step: Int) -> String? {
    let sums = AlignedBuffer(count: program.sumCount, precision: program.precision)
    let record = AlignedBuffer(count: program.recordCount, precision: program.precision)
    var frame = shared.bodyFrame(rows: count, step: step)
    frame.set(Int(TILE_SPACE_LANES), lanes.pointer)
    frame.set(Int(TILE_SPACE_UNIFORM), uniform.pointer)
    frame.set(Int(TILE_SPACE_SUMS), sums.pointer)
    frame.set(Int(TILE_SPACE_RECORD), record.pointer)
    for (index, instruction) in program.body.instructions.enumerated() {
      var one = instruction
      shared.bodyRun?(&one, 1, &frame)
      let buffer: AlignedBuffer
      let start: Int
      let length: Int
      switch one.destination.space {
      case Int32(TILE_SPACE_LANES):
        buffer = lanes
        start = Int(one.destination.offset) * count
        length = Int(one.features) * count
      case Int32(TILE_SPACE_UNIFORM):
        buffer = uniform
        start = Int(one.destination.offset)
        length = Int(one.features)
      default: continue
      }
      for position in start..<min(buffer.count, start + length) where !buffer[position].isFinite {
        return program.label(ofInstruction: index)
      }
    }
    return nil
  }
}
