import CTileLoops

/// One optimiser's update, ready to run over ranges of parameters.
package struct ParameterUpdate: Sendable {
  package enum Kind: Sendable {
    case adam, rmsprop, momentum, average

    var code: tile_update_kind {
      switch self {
      case .adam: TILE_ADAM
      case .rmsprop: TILE_RMSPROP
      case .momentum: TILE_MOMENTUM
      case .average: TILE_AVERAGE
      }
    }
  }

  private let function: tile_update_function?

  package init(_ kind: Kind, precision: Precision, level: VectorLevel) {
    function =
      precision == .single
      ? tile_update_float(Int32(level.rawValue), kind.code) : tile_update_double(Int32(level.rawValue), kind.code)
  }

  package struct Scale: Sendable {
    package var rate: Double
    /// Multiplies the gradient.
    package var gradient: Double
    package var epsilon: Double
    package var decayFirst: Double
    package var decaySecond: Double
    /// The share of a parameter that is taken away beside the step; Adam's alone.
    package var shrinkage: Double

    package init(
      rate: Double = 0, gradient: Double = 1, epsilon: Double = 0, decayFirst: Double = 0, decaySecond: Double = 0,
      shrinkage: Double = 0
    ) {
      self.rate = rate
      self.gradient = gradient
      self.epsilon = epsilon
      self.decayFirst = decayFirst
      self.decaySecond = decaySecond
      self.shrinkage = shrinkage
    }
  }

  package func apply(
    _ scale: Scale, parameters: AlignedBuffer, gradient: AlignedBuffer?, first: AlignedBuffer, second: AlignedBuffer?,
    offset: Int, count: Int
  ) {
    apply(
      scale, parameters: parameters.pointer(at: offset), gradient: gradient?.pointer(at: offset),
      first: first.pointer(at: offset), second: second?.pointer(at: offset), count: count)
  }

  /// The same by the addresses of the first parameter's numbers, for a caller that keeps the buffers alive: a step has
  /// many short ranges, and counting references to four buffers for each took as long as the updates.
  package func apply(
    _ scale: Scale, parameters: UnsafeMutableRawPointer, gradient: UnsafeMutableRawPointer?,
    first: UnsafeMutableRawPointer, second: UnsafeMutableRawPointer?, count: Int
  ) {
    var update = tile_update(
      rate: scale.rate, scale: scale.gradient, epsilon: scale.epsilon, decay_first: scale.decayFirst,
      decay_second: scale.decaySecond, shrinkage: scale.shrinkage)
    function?(parameters, gradient, first, second, Int64(count), &update)
  }
}

extension AlignedBuffer {
  /// Adds up parts of another precision, in their order, into this buffer in Double.
  func setToSum(
    of parts: UnsafePointer<UnsafeRawPointer?>, parts partCount: Int, count: Int, precision: Precision,
    _ level: VectorLevel
  ) {
    precision == .single
      ? tile_add_parts_float(Int32(level.rawValue), doubles, parts, Int64(partCount), Int64(count))
      : tile_add_parts_double(Int32(level.rawValue), doubles, parts, Int64(partCount), Int64(count))
  }

  /// The sum of the squares of a range of numbers.
  package func sumOfSquares(from offset: Int, count: Int, level: VectorLevel) -> Double {
    precision == .single
      ? tile_sum_of_squares_float(Int32(level.rawValue), pointer(at: offset), Int64(count))
      : tile_sum_of_squares_double(Int32(level.rawValue), pointer(at: offset), Int64(count))
  }
}
