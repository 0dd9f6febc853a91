/// Why training ended without a result.
public enum TrainingError: Error, Sendable, CustomStringConvertible {
  /// Options or an optimiser with values that make no sense, all of them.
  case invalidOptions([String])
  /// A number stopped being finite; the parameters before that step are kept in `lastGood`.
  case notFinite(step: Int, timeStep: Int, place: String, lastGood: TrainedDiffusion)
  /// A state that does not belong to the definition, or is not there.
  case cannotResume(String)

  public var description: String {
    switch self {
    case .invalidOptions(let faults): faults.joined(separator: "; ")
    case .notFinite(let step, let timeStep, let place, _):
      "training step \(step) met a number that is not finite at t = \(timeStep) in \(place): "
        + "lower the learning rate, or set clipping"
    case .cannotResume(let reason): reason
    }
  }
}

/// How far training has come.
public struct TrainingProgress: Sendable {
  /// Steps done.
  public let step: Int
  /// Steps to do.
  public let steps: Int
  /// The bound K on the training data in bits a row, a running average of minibatches' estimates, in the data's units.
  public let boundBits: Double
  /// The last evaluation of K on held-out rows, in bits; nil before the first.
  public let heldOutBits: Double?
  public let stepsPerSecond: Double
  public let secondsLeft: Double
}
