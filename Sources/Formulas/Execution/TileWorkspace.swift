import CTileLoops

/// One thread's memory for the tiles of a program.
package final class TileWorkspace: @unchecked Sendable {
  package let program: TileProgram
  package let shared: SharedValues
  package let maximumRows: Int
  package let lanes: AlignedBuffer
  let uniform: AlignedBuffer

  /// - Parameter maximumRows: the most rows of a tile; rounded up to a multiple of 16.
  package init(shared: SharedValues, maximumRows: Int) {
    program = shared.program
    self.shared = shared
    self.maximumRows = TileWorkspace.padded(maximumRows)
    // Pixels of neighbouring rows are read with numbers before and behind them, which are then left out.
    lanes = AlignedBuffer(
      count: program.body.laneFeatures * self.maximumRows, precision: program.precision,
      margin: program.grid == nil ? 0 : LaneGrid.rows)
    uniform = AlignedBuffer(count: program.body.uniformCount, precision: program.precision)
  }

  /// Rows with the lanes that pad them to whole vectors.
  package static func padded(_ rows: Int) -> Int { (max(1, rows) + 15) / 16 * 16 }

  /// Where an input of a tile with `count` lanes is to be written, [feature][lane]; nil if the program does not use it.
  package func pointer(to input: TileInput, lanes count: Int) -> UnsafeMutableRawPointer? {
    input.offset.map { lanes.pointer(at: $0 * count) }
  }

  /// Writes numbers into an input of a whole tile, where they stay for all runs.
  package func write(_ numbers: [Double], to input: UniformInput) {
    guard let offset = input.offset else { return }
    for (index, number) in numbers.enumerated() where offset + index < uniform.count {
      uniform[offset + index] = number
    }
  }

  /// Writes numbers into an input, the same for all lanes, where they stay until a run with another number of lanes.
  package func write(_ numbers: [Double], to input: TileInput, lanes count: Int) {
    guard let target = pointer(to: input, lanes: count) else { return }
    switch program.precision {
    case .single:
      let floats = target.assumingMemoryBound(to: Float.self)
      for (index, number) in numbers.enumerated() {
        (floats + index * count).update(repeating: Float(number), count: count)
      }
    case .double:
      let doubles = target.assumingMemoryBound(to: Double.self)
      for (index, number) in numbers.enumerated() { (doubles + index * count).update(repeating: number, count: count) }
    }
  }

  /// Where an output of a tile with `count` lanes lies, [feature][lane].
  package func output(_ index: Int, lanes count: Int) -> UnsafeMutableRawPointer {
    lanes.pointer(at: program.outputOffset(index) * count)
  }

  /// Adds up the features of an output for each row, or for each image where rows are blocks, in Double and in the order
  /// of the features.
  ///
  /// - Parameters:
  ///   - features: of a row, or of an image.
  ///   - sums: one for each of the first rows or images.
  package func addFeatures(
    _ features: Int, ofOutput index: Int, lanes count: Int, to sums: UnsafeMutableBufferPointer<Double>
  ) {
    let numbers = output(index, lanes: count)
    switch program.precision {
    case .single: add(numbers.assumingMemoryBound(to: Float.self), features, lanes: count, to: sums)
    case .double: add(numbers.assumingMemoryBound(to: Double.self), features, lanes: count, to: sums)
    }
  }

  @inline(__always)
  private func add<Number: BinaryFloatingPoint>(
    _ numbers: UnsafeMutablePointer<Number>, _ features: Int, lanes count: Int,
    to sums: UnsafeMutableBufferPointer<Double>
  ) {
    guard let grid = program.grid else {
      for feature in 0..<features {
        for row in sums.indices { sums[row] += Double(numbers[feature * count + row]) }
      }
      return
    }
    for image in sums.indices {
      var sum = sums[image]
      grid.forEachPlace(channels: features / (grid.height * grid.width), image: image) { sum += Double(numbers[$0]) }
      sums[image] = sum
    }
  }

  /// Writes an image, [channel][y][x], into an input whose rows are blocks of images.
  ///
  /// - Parameter index: of the image in the tile.
  package func place(_ image: UnsafePointer<Float>, channels: Int, index: Int, in input: TileInput) {
    guard var grid = program.grid?.code, let target = pointer(to: input, lanes: LaneGrid.rows) else { return }
    switch program.precision {
    case .single:
      tile_place_image_float(
        target.assumingMemoryBound(to: Float.self), image, &grid, Int64(channels), Int64(index))
    case .double:
      tile_place_image_double(
        target.assumingMemoryBound(to: Double.self), image, &grid, Int64(channels), Int64(index))
    }
  }

  /// Computes a tile.
  package func run(lanes count: Int, step: Int, sums: AlignedBuffer? = nil, record: UnsafeMutableRawPointer? = nil) {
    var frame = frame(lanes: count, step: step, sums: sums, record: record)
    program.body.instructions.withUnsafeBufferPointer { code in
      guard var grid = program.grid?.code else {
        shared.bodyRun?(code.baseAddress, Int64(code.count), &frame)
        return
      }
      withUnsafePointer(to: &grid) { grid in
        frame.grid = grid
        shared.bodyRun?(code.baseAddress, Int64(code.count), &frame)
      }
    }
  }

  func frame(lanes count: Int, step: Int, sums: AlignedBuffer?, record: UnsafeMutableRawPointer?) -> tile_frame {
    var frame = shared.bodyFrame(rows: count, step: step)
    frame.set(Int(TILE_SPACE_LANES), lanes.pointer)
    frame.set(Int(TILE_SPACE_UNIFORM), uniform.pointer)
    frame.set(Int(TILE_SPACE_SUMS), sums?.pointer)
    frame.set(Int(TILE_SPACE_RECORD), record)
    return frame
  }
}
