import Formulas
import Foundation

/// The exponential moving average of the parameters over training.
///
/// A slice of a per-step parameter that no minibatch touches stands still, so its average is brought up to date only
/// when it is touched again, or asked for.
final class ParameterAverage {
  private let parameters: TrainedParameters
  private let decay: Double?
  private let update: ParameterUpdate
  private let values: AlignedBuffer
  /// The sum of the logarithms of the decays so far: what an average that was last brought up to date at a clock value
  /// c has to be multiplied by is exp(clock - c).
  private(set) var clock = 0.0
  private var sliceClocks: [[Double]]

  /// - Parameter averaging: the decay, from 0 to below 1; nil for no average.
  init(of parameters: TrainedParameters, averaging: Double?) {
    self.parameters = parameters
    // An average that keeps nothing is the parameters; the logarithm of its decay would be infinite.
    decay = averaging == 0 ? nil : averaging
    let buffer = parameters.buffer
    update = ParameterUpdate(.average, precision: buffer.precision, level: parameters.level)
    values = AlignedBuffer(count: decay == nil ? 0 : buffer.count, precision: buffer.precision)
    sliceClocks = parameters.sliceCounts.map { Array(repeating: 0, count: $0) }
    for index in 0..<values.count { values[index] = buffer[index] }
  }

  /// Brings slices up to date before they change.
  func catchUp(_ touched: [[Int]]) {
    guard decay != nil else { return }
    for (index, slices) in touched.enumerated() {
      let record = parameters.program.records[index]
      for slice in slices {
        move(
          exp(clock - sliceClocks[index][slice]), record.parameter.offset + slice * record.slice, record.slice)
      }
    }
  }

  /// Follows the parameters after an update.
  ///
  /// - Parameter step: updates done before it.
  func follow(_ touched: [[Int]], step: Int) {
    guard let decay else { return }
    // Early on the average forgets faster, so that it does not keep where training started.
    let now = min(decay, Double(1 + step) / Double(10 + step))
    for range in parameters.dense { move(now, range.lowerBound, range.count) }
    for (index, slices) in touched.enumerated() {
      let record = parameters.program.records[index]
      for slice in slices {
        move(now, record.parameter.offset + slice * record.slice, record.slice)
        sliceClocks[index][slice] = clock + log(now)
      }
    }
    clock += log(now)
  }

  private func move(_ decay: Double, _ offset: Int, _ count: Int) {
    update.apply(
      .init(decayFirst: decay), parameters: parameters.buffer, gradient: nil, first: values, second: nil,
      offset: offset, count: count)
  }

  /// The average, brought up to date; the parameters themselves where none is kept.
  func result() -> [Float] {
    guard decay != nil else { return parameters.buffer.floatValues }
    var result = values.values
    for (index, record) in parameters.program.records.enumerated() {
      for slice in sliceClocks[index].indices {
        let weight = exp(clock - sliceClocks[index][slice])
        let start = record.parameter.offset + slice * record.slice
        for position in start..<start + record.slice {
          let parameter = parameters.buffer[position]
          result[position] = parameter + weight * (result[position] - parameter)
        }
      }
    }
    return result.map { Float($0) }
  }

  // MARK: - State

  var tensors: [String: StateTensor] {
    var tensors: [String: StateTensor] = [:]
    // An average that keeps nothing is not kept.
    if values.count > 0 { tensors[TrainingState.Name.average] = StateTensor(values.floatValues) }
    for (index, clocks) in sliceClocks.enumerated() {
      tensors[TrainingState.Name.clocks(index)] = StateTensor(clocks)
    }
    return tensors
  }

  /// Takes up a stored average.
  ///
  /// - Throws: `TrainingError.cannotResume` for one of other parameters.
  func restore(_ state: TrainingState) throws(TrainingError) {
    let average = state.tensors[TrainingState.Name.average]?.floats ?? []
    let clocks = sliceClocks.indices.map { state.tensors[TrainingState.Name.clocks($0)]?.doubles ?? [] }
    guard average.count == values.count, clocks.map(\.count) == sliceClocks.map(\.count) else {
      throw .unfittingState
    }
    guard decay != nil else { return }
    values.set(average)
    clock = state.averageClock
    sliceClocks = clocks
  }
}
