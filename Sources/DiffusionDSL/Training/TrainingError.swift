import Foundation

/// Why training ended without a result.
public enum TrainingError: Error, Sendable, CustomStringConvertible {
  /// Options or an optimiser with values that make no sense, all of them.
  case invalidOptions([String])
  /// A number stopped being finite; `lastGood` has the parameters before that step. `step` counts updates from 0,
  /// `timeStep` is t, `place` names the layer, the operation or the parameter, and `cause` is what is to be changed.
  case notFinite(step: Int, timeStep: Int, place: String, cause: NonFiniteCause, lastGood: TrainedDiffusion)
  /// A state that does not belong to the definition, or is not there.
  case cannotResume(String)
  /// An optimiser gave parameters that cannot be used; training ended with those of before.
  case optimiserFailed(String)

  /// One sentence with the place, the value and the remedy.
  public var description: String {
    switch self {
    case .invalidOptions(let faults): faults.joined(separator: "; ")
    case .notFinite(let step, let timeStep, let place, let cause, _):
      "training step \(step) met a number that is not finite at t = \(timeStep) in \(place): \(cause)"
    case .cannotResume(let reason), .optimiserFailed(let reason): reason
    }
  }
}

extension TrainingError {
  /// What an optimiser's error means for training.
  init(_ error: OptimiserError) {
    switch error {
    case .invalid(let faults): self = .invalidOptions(faults)
    case .cannotResume(let reason): self = .cannotResume(reason)
    case .failed(let reason): self = .optimiserFailed(reason)
    }
  }

  static var unfittingState: TrainingError { TrainingError(.unfittingState) }
}

extension TrainingError: LocalizedError {
  /// The description, which `localizedDescription` then gives.
  public var errorDescription: String? { description }
}
