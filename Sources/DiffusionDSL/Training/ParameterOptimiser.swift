import Expressions
import Foundation

/// An optimiser's moments and the parameters' average, over the ranges of parameters that a program trains.
///
/// Per-step parameters are updated slice by slice, only those that a minibatch touched, so a step costs no more for a
/// thousand time steps than for ten.
final class ParameterOptimiser {
  private let program: TileProgram
  private let optimiser: Optimiser
  private let update: ParameterUpdate
  private let averageUpdate: ParameterUpdate
  private let averaging: Double?
  private let level: VectorLevel
  let parameters: AlignedBuffer
  let first: AlignedBuffer
  let second: AlignedBuffer
  let average: AlignedBuffer
  /// Parameters updated at every step, as ranges of the layout.
  private let dense: [Range<Int>]
  var sliceUpdates: [[Int]]
  private var corrections: BiasCorrections
  /// The sum of the logarithms of the average's decays so far: what an average that was not brought up to date since
  /// a clock value c still has to be multiplied by is exp(clock - c).
  private(set) var averageClock = 0.0
  var sliceClocks: [[Double]]

  init(
    program: TileProgram, optimiser: Optimiser, averaging: Double?, parameters: AlignedBuffer, level: VectorLevel
  ) {
    self.program = program
    self.optimiser = optimiser
    // An average that keeps nothing is the parameters; the logarithm of its decay would be infinite.
    self.averaging = averaging == 0 ? nil : averaging
    self.parameters = parameters
    self.level = level
    corrections = BiasCorrections(optimiser)
    let kind: ParameterUpdate.Kind =
      switch optimiser.kind {
      case .adam: .adam
      case .rmsprop: .rmsprop
      case .gradientDescent: .momentum
      }
    update = ParameterUpdate(kind, precision: program.precision, level: level)
    averageUpdate = ParameterUpdate(.average, precision: program.precision, level: level)
    first = AlignedBuffer(count: parameters.count, precision: program.precision)
    second = AlignedBuffer(count: parameters.count, precision: program.precision)
    average = AlignedBuffer(count: self.averaging == nil ? 0 : parameters.count, precision: program.precision)
    let recorded = Set(program.records.map(\.parameter.name))
    var ranges: [Range<Int>] = []
    for entry in program.trained where !recorded.contains(entry.name) {
      let end = entry.offset + (entry.shape.count + 15) / 16 * 16
      if let last = ranges.last, last.upperBound == entry.offset {
        ranges[ranges.count - 1] = last.lowerBound..<end
      } else {
        ranges.append(entry.offset..<end)
      }
    }
    dense = ranges
    let slices = program.records.map { $0.parameter.shape.count / max(1, $0.slice) }
    sliceUpdates = slices.map { Array(repeating: 0, count: $0) }
    sliceClocks = slices.map { Array(repeating: 0, count: $0) }
    if self.averaging != nil { copyParametersToAverage() }
  }

  private func copyParametersToAverage() {
    for index in 0..<parameters.count { average[index] = parameters[index] }
  }

  /// Takes up a stored average.
  func restoreAverage(_ values: [Float], clock: Double, sliceClocks: [[Double]]) {
    averageClock = clock
    self.sliceClocks = sliceClocks
    for (index, value) in values.enumerated() where index < average.count { average[index] = Double(value) }
  }

  /// The gradient's Euclidean norm, over what the minibatch touched.
  func norm(of gradient: AlignedBuffer, touched: [[Int]]) -> Double {
    var sum = 0.0
    for range in dense { sum += gradient.sumOfSquares(from: range.lowerBound, count: range.count, level: level) }
    for (record, slices) in zip(program.records, touched) {
      for slice in slices {
        sum += gradient.sumOfSquares(
          from: record.parameter.offset + slice * record.slice, count: record.slice, level: level)
      }
    }
    return sum.squareRoot()
  }

  /// One update.
  ///
  /// - Parameters:
  ///   - step: updates done before, for the bias corrections of parameters that every step updates.
  ///   - scale: multiplies the gradient (clipping).
  func apply(_ gradient: AlignedBuffer, touched: [[Int]], step: Int, rate: Double, scale: Double) {
    let decay = averageDecay(step)
    let common = self.scale(rate: rate, gradient: scale, updates: step + 1)
    for range in dense { apply(common, gradient, offset: range.lowerBound, count: range.count) }
    if let decay {
      for range in dense { average(decay, offset: range.lowerBound, count: range.count) }
    }
    for (index, record) in program.records.enumerated() {
      for slice in touched[index] {
        let offset = record.parameter.offset + slice * record.slice
        if decay != nil {
          // The parameters stood still since the slice was last touched.
          average(exp(averageClock - sliceClocks[index][slice]), offset: offset, count: record.slice)
        }
        sliceUpdates[index][slice] += 1
        apply(
          self.scale(rate: rate, gradient: scale, updates: sliceUpdates[index][slice]), gradient, offset: offset,
          count: record.slice)
        if let decay {
          average(decay, offset: offset, count: record.slice)
          sliceClocks[index][slice] = averageClock + log(decay)
        }
      }
    }
    if let decay { averageClock += log(decay) }
  }

  /// The averaged parameters, brought up to date; the parameters themselves where no average is kept.
  func result() -> [Float] {
    guard averaging != nil else { return parameters.values.map { Float($0) } }
    var values = average.values
    for (index, record) in program.records.enumerated() {
      for slice in sliceClocks[index].indices {
        let weight = exp(averageClock - sliceClocks[index][slice])
        let start = record.parameter.offset + slice * record.slice
        for position in start..<start + record.slice {
          values[position] = parameters[position] + weight * (values[position] - parameters[position])
        }
      }
    }
    return values.map { Float($0) }
  }

  /// Early on the average forgets faster, so that it does not keep where training started.
  private func averageDecay(_ step: Int) -> Double? {
    averaging.map { min($0, Double(1 + step) / Double(10 + step)) }
  }

  private func scale(rate: Double, gradient: Double, updates: Int) -> ParameterUpdate.Scale {
    switch optimiser.kind {
    case .adam(let beta1, let beta2, let epsilon):
      let correction = corrections[updates]
      return .init(
        rate: rate * correction.ratio, gradient: gradient, epsilon: epsilon * correction.second, decayFirst: beta1,
        decaySecond: beta2)
    case .rmsprop(let decay, let momentum, let epsilon):
      return .init(rate: rate, gradient: gradient, epsilon: epsilon, decayFirst: momentum, decaySecond: decay)
    case .gradientDescent(let momentum):
      return .init(rate: rate, gradient: gradient, decayFirst: momentum)
    }
  }

  private func apply(_ scale: ParameterUpdate.Scale, _ gradient: AlignedBuffer, offset: Int, count: Int) {
    update.apply(
      scale, parameters: parameters, gradient: gradient, first: first, second: second, offset: offset, count: count)
  }

  private func average(_ decay: Double, offset: Int, count: Int) {
    averageUpdate.apply(
      .init(decayFirst: decay), parameters: parameters, gradient: nil, first: average, second: nil, offset: offset,
      count: count)
  }
}

/// Adam's corrections for moments that began at 0, remembered: slices have been updated nearly alike often, and two
/// powers for each would take longer than its update.
private struct BiasCorrections {
  struct Correction {
    var updates = 0
    /// sqrt(1 - b2^k)
    var second = 0.0
    /// sqrt(1 - b2^k) / (1 - b1^k)
    var ratio = 0.0
  }

  private let beta1: Double
  private let beta2: Double
  private var known = Array(repeating: Correction(), count: 256)

  init(_ optimiser: Optimiser) {
    if case .adam(let beta1, let beta2, _) = optimiser.kind {
      (self.beta1, self.beta2) = (beta1, beta2)
    } else {
      (beta1, beta2) = (0, 0)
    }
  }

  /// - Parameter updates: k, 1 or more.
  subscript(updates: Int) -> Correction {
    mutating get {
      let place = updates & (known.count - 1)
      if known[place].updates != updates {
        let second = (1 - pow(beta2, Double(updates))).squareRoot()
        known[place] = Correction(
          updates: updates, second: second, ratio: second / (1 - pow(beta1, Double(updates))))
      }
      return known[place]
    }
  }
}
