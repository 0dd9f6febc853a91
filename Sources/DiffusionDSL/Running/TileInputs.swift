import Distributions
import Formulas

// Filling a tile's inputs: noise by its address, rows from data.

extension TileWorkspace {
  /// Writes noise, addressed by chain and step, into an input.
  fileprivate func fill(
    _ input: TileInput, _ kind: NoiseKind, from source: NoiseSource, count: Int, lanes: Int, firstChain: UInt64,
    step: UInt32
  ) {
    guard let target = pointer(to: input, lanes: lanes) else { return }
    if let grid = program.grid {
      return fillBlocks(input, kind, from: source, count: count, grid, firstChain: firstChain, step: step)
    }
    func fill(_ floats: UnsafeMutablePointer<Float>) {
      switch kind {
      case .normal: source.fillNormals(floats, features: count, lanes: lanes, firstChain: firstChain, step: step)
      case .uniform: source.fillUniforms(floats, features: count, lanes: lanes, firstChain: firstChain, step: step)
      }
    }
    switch program.precision {
    case .single: fill(target.assumingMemoryBound(to: Float.self))
    case .double:
      withUnsafeTemporaryAllocation(of: Float.self, capacity: count * lanes) { floats in
        guard let base = floats.baseAddress else { return }
        fill(base)
        let doubles = target.assumingMemoryBound(to: Double.self)
        for index in 0..<count * lanes { doubles[index] = Double(base[index]) }
      }
    }
  }

  /// The same where rows are blocks of images: each image is a chain.
  private func fillBlocks(
    _ input: TileInput, _ kind: NoiseKind, from source: NoiseSource, count: Int, _ grid: LaneGrid, firstChain: UInt64,
    step: UInt32
  ) {
    let channels = count / (grid.blockHeight * grid.blockWidth)
    let features = channels * grid.height * grid.width
    withUnsafeTemporaryAllocation(of: Float.self, capacity: features) { floats in
      guard let image = floats.baseAddress else { return }
      for index in 0..<grid.images {
        let chain = firstChain &+ UInt64(index)
        switch kind {
        case .normal: source.fillNormals(image, features: features, ofChain: chain, step: step)
        case .uniform: source.fillUniforms(image, features: features, ofChain: chain, step: step)
        }
        place(image, channels: channels, index: index, in: input)
      }
    }
  }

  /// Writes scaled rows of data into an input; lanes behind the rows repeat the last, and blocks behind the images keep
  /// what they had.
  func gather(
    _ input: TileInput, from data: Dataset.Numbers, dimensions: Int, rows: UnsafeBufferPointer<Int32>, lanes: Int,
    scaling: PreparedScaling
  ) {
    guard let target = pointer(to: input, lanes: lanes), let indices = rows.baseAddress else { return }
    func gather(into target: UnsafeMutableRawPointer) {
      gatherRows(
        into: target, table: data.pointer, form: data.form, width: dimensions, indices: indices,
        rows: rows.count, lanes: lanes, mean: scaling.mean, inverse: scaling.inverse)
    }
    guard let grid = program.grid else { return gather(into: target) }
    // Where rows are blocks: whole images first, then each number to its block.
    withUnsafeTemporaryAllocation(
      byteCount: dimensions * lanes * program.precision.bytes, alignment: 64
    ) { images in
      guard let base = images.baseAddress else { return }
      gather(into: base)
      for image in 0..<rows.count {
        for feature in 0..<dimensions {
          set(target, grid.place(ofFeature: feature, image: image), number(at: base, feature * lanes + image))
        }
      }
    }
  }

  /// Writes one number for each row into an input, and 0 for the lanes behind the rows.
  func fill(_ input: TileInput, with value: Double, rows: Int, lanes: Int) {
    guard let target = pointer(to: input, lanes: lanes) else { return }
    switch program.precision {
    case .single:
      let floats = target.assumingMemoryBound(to: Float.self)
      floats.update(repeating: Float(value), count: rows)
      (floats + rows).update(repeating: 0, count: lanes - rows)
    case .double:
      let doubles = target.assumingMemoryBound(to: Double.self)
      doubles.update(repeating: value, count: rows)
      (doubles + rows).update(repeating: 0, count: lanes - rows)
    }
  }

  /// Writes a number of an input, by its place in the buffer for lanes.
  func set(_ pointer: UnsafeMutableRawPointer, _ index: Int, _ value: Double) {
    switch program.precision {
    case .single: pointer.assumingMemoryBound(to: Float.self)[index] = Float(value)
    case .double: pointer.assumingMemoryBound(to: Double.self)[index] = value
    }
  }

  /// A number of an output or input, by its place in the buffer for lanes.
  func number(at pointer: UnsafeMutableRawPointer, _ index: Int) -> Double {
    switch program.precision {
    case .single: Double(pointer.assumingMemoryBound(to: Float.self)[index])
    case .double: pointer.assumingMemoryBound(to: Double.self)[index]
    }
  }
}

/// The noise of one purpose that a program's draws are made of: normals for continuous parts, uniforms for discrete
/// ones, each addressed by chain and step.
struct TileNoise: Sendable {
  private let normals: NoiseSource
  private let uniforms: NoiseSource
  private let normalInput: TileInput
  private let uniformInput: TileInput
  private let normalCount: Int
  private let uniformCount: Int

  init(seed: UInt64, purpose: Purpose, for program: TileProgram, _ model: DiffusionModel) {
    normals = NoiseSource(seed: seed, purpose: purpose)
    uniforms = NoiseSource(seed: seed, purpose: purpose.appending("uniform"))
    normalInput = program.input(DiffusionModel.normals)
    uniformInput = program.input(DiffusionModel.uniforms)
    (normalCount, uniformCount) = (model.normalCount, model.uniformCount)
  }

  func fill(_ space: TileWorkspace, lanes: Int, firstChain: UInt64, step: UInt32) {
    space.fill(
      normalInput, .normal, from: normals, count: normalCount, lanes: lanes, firstChain: firstChain, step: step)
    space.fill(
      uniformInput, .uniform, from: uniforms, count: uniformCount, lanes: lanes, firstChain: firstChain, step: step)
  }
}

/// The noise within a level of rows that are levels (`Dataset.areLevels`), addressed by chain and step.
struct LevelNoise: Sendable {
  private let source: NoiseSource
  private let count: Int

  init(seed: UInt64, dimensions: Int) {
    source = NoiseSource(seed: seed, purpose: "dequantisation")
    count = dimensions
  }

  /// Uniform numbers from 0 to 1 for each number of the rows.
  func fill(_ space: TileWorkspace, _ input: TileInput, lanes: Int, firstChain: UInt64, step: UInt32) {
    // Where rows are blocks of images, an input has as many numbers as a block.
    let numbers = space.program.grid.map { count / ($0.height * $0.width) * $0.blockHeight * $0.blockWidth }
    space.fill(input, .uniform, from: source, count: numbers ?? count, lanes: lanes, firstChain: firstChain, step: step)
  }
}

/// A scaling laid out for the gathering loop.
final class PreparedScaling: @unchecked Sendable {
  let mean: UnsafeMutablePointer<Double>
  let inverse: UnsafeMutablePointer<Double>

  init(_ scaling: Scaling) {
    let count = scaling.mean.count
    mean = .allocate(capacity: max(1, count))
    inverse = .allocate(capacity: max(1, count))
    mean.initialize(repeating: 0, count: max(1, count))
    inverse.initialize(repeating: 1, count: max(1, count))
    for index in 0..<count {
      mean[index] = scaling.mean[index]
      inverse[index] = 1 / scaling.scale[index]
    }
  }

  deinit {
    mean.deallocate()
    inverse.deallocate()
  }
}
