/// Why training ended without a result.
public enum TrainingError: Error, Sendable, CustomStringConvertible {
  /// Options or an optimiser with values that make no sense, all of them.
  case invalidOptions([String])
  /// A number stopped being finite; `lastGood` has the parameters before that step. `step` counts updates from 0,
  /// `timeStep` is t, and `place` names the layer, the operation or the parameter.
  case notFinite(step: Int, timeStep: Int, place: String, lastGood: TrainedDiffusion)
  /// A state that does not belong to the definition, or is not there.
  case cannotResume(String)

  /// One sentence with the place, the value and the remedy.
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
  /// Updates of the parameters in a second, on average since training began or was resumed.
  public let stepsPerSecond: Double
  /// What the remaining steps take at that rate.
  public let secondsLeft: Double
}
