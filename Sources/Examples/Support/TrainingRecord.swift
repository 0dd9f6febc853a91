import DiffusionDSL
import DiffusionPlots
import Foundation

/// What a training reported on its way, for a curve.
public struct TrainingRecord: Sendable {
  private var training: (steps: [Double], bits: [Double]) = ([], [])
  private var heldOut: (steps: [Double], bits: [Double]) = ([], [])

  /// A record without entries.
  public init() {}

  /// Adds a report.
  ///
  /// - Parameter evaluateEvery: steps between two evaluations, as in the training's options.
  public mutating func add(_ progress: TrainingProgress, evaluateEvery: Int) {
    training.steps.append(Double(progress.step))
    training.bits.append(progress.boundBits)
    // A report has the result of the last evaluation, not the step at which it was made.
    let evaluated = progress.step / evaluateEvery * evaluateEvery
    if let bits = progress.heldOutBits, evaluated > 0, heldOut.steps.last != Double(evaluated) {
      heldOut.steps.append(Double(evaluated))
      heldOut.bits.append(bits)
    }
  }

  /// Adds what a training reported that began where this one ended.
  ///
  /// - Parameter steps: steps done before it.
  public mutating func append(_ next: TrainingRecord, after steps: Int) {
    training.steps += next.training.steps.map { $0 + Double(steps) }
    training.bits += next.training.bits
    heldOut.steps += next.heldOut.steps.map { $0 + Double(steps) }
    heldOut.bits += next.heldOut.bits
  }

  /// The estimates on training rows: where there are many, medians of equal stretches, since each report is the mean of
  /// a hundred minibatches or so, which leaves much noise.
  public var trainingSeries: Figure.Series {
    let (name, stretches) = ("training rows, running average", 20)
    guard training.steps.count > 2 * stretches else { return .init(name, x: training.steps, y: training.bits) }
    let bounds = (0...stretches).map { $0 * training.steps.count / stretches }
    func medians(_ values: [Double]) -> [Double] {
      zip(bounds, bounds.dropFirst()).map { values[$0..<$1].sorted()[($1 - $0) / 2] }
    }
    return .init("\(name) smoothed", x: medians(training.steps), y: medians(training.bits))
  }

  /// The evaluations on rows that were kept apart.
  ///
  /// - Parameter name: says what these rows are.
  public func heldOutSeries(_ name: String) -> Figure.Series { .init(name, x: heldOut.steps, y: heldOut.bits) }
}

extension Training {
  /// Waits for the model and tells on the way how training goes; cancelling the task stops it.
  ///
  /// - Parameter evaluateEvery: steps between two evaluations, as in the training's options.
  /// - Throws: what `value` throws.
  public func followed(
    on console: Console, evaluateEvery: Int
  ) async throws -> (model: TrainedDiffusion, record: TrainingRecord) {
    var record = TrainingRecord()
    for await progress in progress {
      record.add(progress, evaluateEvery: evaluateEvery)
      console.progress(
        "step \(progress.step) of \(progress.steps), K about \(decimals(progress.boundBits, 2)) bits, "
          + "\(Int(progress.stepsPerSecond)) steps/s, \(Int(progress.secondsLeft.rounded(.up))) s left")
    }
    return (try await value, record)
  }
}
