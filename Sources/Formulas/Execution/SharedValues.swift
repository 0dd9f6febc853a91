import CTileLoops

/// What all tiles of a program share: parameters, and values computed from them alone.
///
/// Written by one thread between runs of tiles, read by all during them.
package final class SharedValues: @unchecked Sendable {
  package let program: TileProgram
  /// The model's parameters, in the program's precision and layout.
  package let parameters: AlignedBuffer
  let values: AlignedBuffer
  /// Kernels at the points.
  private let points: AlignedBuffer
  private let registers: AlignedBuffer
  private let sharedRun: tile_run_function?
  let bodyRun: tile_run_function?
  package let level: VectorLevel

  package init(program: TileProgram, parameters: AlignedBuffer, level: VectorLevel = .best) {
    self.program = program
    self.parameters = parameters
    self.level = level
    values = AlignedBuffer(count: program.sharedCount, precision: program.precision)
    points = AlignedBuffer(count: program.body.pointKernelCount, precision: program.precision)
    registers = AlignedBuffer(count: program.shared.uniformCount, precision: .double)
    sharedRun = level.run(.double)
    bodyRun = level.run(program.precision)
    update()
  }

  private func frame() -> tile_frame {
    var frame = tile_frame()
    frame.rows = 16
    frame.set(Int(TILE_SPACE_CONSTANTS), program.sharedConstants.pointer)
    frame.set(Int(TILE_SPACE_UNIFORM), registers.pointer)
    return frame
  }

  /// Computes the shared values anew, after the parameters have changed.
  package func update() {
    updateValues()
    guard !program.body.pointKernels.isEmpty else { return }
    var frame = bodyFrame(rows: 16, step: 0)
    bodyRun?(program.body.pointKernels, Int64(program.body.pointKernels.count), &frame)
  }

  private func updateValues() {
    guard program.sharedForwardCount > 0 || !program.sharedWrites.isEmpty else { return }
    for read in program.parameterReads {
      parameters.convert(from: read.source, count: read.count, to: registers, at: read.destination)
    }
    var frame = frame()
    sharedRun?(program.shared.instructions, Int64(program.sharedForwardCount), &frame)
    for write in program.sharedWrites {
      registers.convert(from: write.source, count: write.count, to: values, at: write.destination)
    }
  }

  /// Turns the summed adjoints of shared values into gradients of parameters, added to `gradient`.
  func addGradient(sums: AlignedBuffer, to gradient: AlignedBuffer) {
    guard !program.gradientWrites.isEmpty else { return }
    for read in program.adjointReads {
      sums.convert(from: read.source, count: read.count, to: registers, at: read.destination)
    }
    var frame = frame()
    program.sharedGradient.withUnsafeBufferPointer { code in
      sharedRun?(code.baseAddress, Int64(code.count), &frame)
    }
    for write in program.gradientWrites {
      for index in 0..<write.count {
        gradient[write.destination + index] += registers[write.source + index]
      }
    }
  }

  /// A tile's frame over these values.
  func bodyFrame(rows: Int, step: Int) -> tile_frame {
    var frame = tile_frame()
    frame.rows = Int64(rows)
    frame.step = Int64(step)
    frame.set(Int(TILE_SPACE_CONSTANTS), program.bodyConstants.pointer)
    frame.set(Int(TILE_SPACE_PARAMETERS), parameters.pointer)
    frame.set(Int(TILE_SPACE_SHARED), values.pointer)
    frame.set(Int(TILE_SPACE_POINTS), points.pointer)
    return frame
  }
}

extension AlignedBuffer {
  /// Copies numbers into another buffer, of whichever precision.
  func convert(from source: Int, count: Int, to target: AlignedBuffer, at destination: Int) {
    switch (precision, target.precision) {
    case (.single, .double):
      let (from, to) = (floats + source, target.doubles + destination)
      for index in 0..<count { to[index] = Double(from[index]) }
    case (.double, .single):
      let (from, to) = (doubles + source, target.floats + destination)
      for index in 0..<count { to[index] = Float(from[index]) }
    case (.single, .single):
      (target.floats + destination).update(from: floats + source, count: count)
    case (.double, .double):
      (target.doubles + destination).update(from: doubles + source, count: count)
    }
  }
}
