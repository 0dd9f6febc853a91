import Formulas

/// An elementwise optimiser at work: its moments, and how often each slice of per-step parameters was updated.
final class ElementwiseUpdates<Chosen: ElementwiseOptimiser> {
  private let optimiser: Chosen
  private let parameters: TrainedParameters
  private let moments: [AlignedBuffer]
  private let momentBases: [UnsafeMutableRawPointer]
  /// Updates of each slice of each per-step parameter.
  private var sliceUpdates: [[Int]]
  /// Coefficients by the count of updates: slices have been updated nearly alike often, and computing these anew for
  /// each would take longer than its update.
  private var known: [Chosen.Coefficients]
  /// Which count each of them is of. (Pairs of both would be tuples of a generic type, whose metadata Swift looks up at
  /// each use: that took as long as the updates.)
  private var knownUpdates: [Int]
  // Of the update that was prepared.
  private var gradient: AlignedBuffer
  private var (step, rate, scale) = (0, 0.0, 1.0)

  init(_ optimiser: Chosen, _ parameters: TrainedParameters) throws(OptimiserError) {
    let names = Chosen.moments
    if let taken = names.first(where: TrainingTensor.isReserved) {
      throw .invalid(["a moment of optimiser '\(Chosen.typeName)' is called '\(taken)': give another name"])
    }
    guard Set(names).count == names.count else {
      throw .invalid(["two moments of optimiser '\(Chosen.typeName)' have one name: give each its own"])
    }
    self.optimiser = optimiser
    self.parameters = parameters
    let buffer = parameters.buffer
    moments = names.map { _ in AlignedBuffer(count: buffer.count, precision: buffer.precision) }
    momentBases = moments.map(\.pointer)
    sliceUpdates = parameters.sliceCounts.map { Array(repeating: 0, count: $0) }
    known = Array(repeating: optimiser.coefficients(updates: 1), count: 256)
    knownUpdates = Array(repeating: 1, count: 256)
    gradient = buffer
  }

  func prepare(_ evaluator: ObjectiveEvaluator) throws -> [[Int]] {
    let scale = try evaluator.evaluate(evaluator.step)
    begin(
      evaluator.objective.gradient, step: evaluator.step,
      rate: optimiser.rate.rate(at: evaluator.step, of: evaluator.steps), scale: scale)
    return evaluator.objective.touched
  }

  /// Takes the gradient of the next update.
  ///
  /// - Parameters:
  ///   - step: updates done before of parameters that every step updates.
  ///   - scale: multiplies the gradient (clipping).
  func begin(_ gradient: AlignedBuffer, step: Int, rate: Double, scale: Double) {
    self.gradient = gradient
    (self.step, self.rate, self.scale) = (step, rate, scale)
  }

  func apply(touched: [[Int]]) {
    var range = ParameterRange(
      parameters.buffer, gradient: gradient, moments: moments, momentBases: momentBases, offset: 0, count: 0,
      scale: scale, level: parameters.level)
    let (optimiser, rate) = (optimiser, rate)
    for dense in parameters.dense {
      range.move(to: dense.lowerBound, count: dense.count)
      optimiser.update(range, rate: rate, coefficients: coefficients(step + 1))
    }
    for (index, slices) in touched.enumerated() {
      let record = parameters.program.records[index]
      let (start, length) = (record.parameter.offset, record.slice)
      for slice in slices {
        sliceUpdates[index][slice] += 1
        range.move(to: start + slice * length, count: length)
        optimiser.update(range, rate: rate, coefficients: coefficients(sliceUpdates[index][slice]))
      }
    }
  }

  private func coefficients(_ updates: Int) -> Chosen.Coefficients {
    let place = updates & (known.count - 1)
    if knownUpdates[place] != updates {
      known[place] = optimiser.coefficients(updates: updates)
      knownUpdates[place] = updates
    }
    return known[place]
  }

  // MARK: - State

  private static func updatesName(_ index: Int) -> String { "slice_updates.\(index)" }

  var tensors: [String: StateTensor] {
    var tensors: [String: StateTensor] = [:]
    for (name, moment) in zip(Chosen.moments, moments) { tensors[name] = StateTensor(moment.floatValues) }
    for (index, updates) in sliceUpdates.enumerated() {
      tensors[Self.updatesName(index)] = StateTensor(updates.map { Int64($0) })
    }
    return tensors
  }

  /// Takes up a stored state.
  ///
  /// - Throws: `OptimiserError.cannotResume` for one of other parameters or moments.
  func restore(_ state: [String: StateTensor]) throws(OptimiserError) {
    for (name, moment) in zip(Chosen.moments, moments) {
      guard let values = state[name]?.floats, values.count == moment.count else { throw .unfittingState }
      moment.set(values)
    }
    for index in sliceUpdates.indices {
      // A slice is updated at most once a step, and no training has more steps than a Double can count.
      guard let counts = state[Self.updatesName(index)]?.integers, counts.count == sliceUpdates[index].count,
        counts.allSatisfy({ (0...1 << 53).contains($0) })
      else { throw .unfittingState }
      sliceUpdates[index] = counts.map { Int($0) }
    }
  }
}

extension AlignedBuffer {
  /// The numbers in single precision.
  var floatValues: [Float] { values.map { Float($0) } }

  /// Takes numbers in, as many as there is room for.
  func set(_ numbers: [Float]) {
    for (index, number) in numbers.enumerated() where index < count { self[index] = Double(number) }
  }
}
