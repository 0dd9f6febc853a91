import Foundation

/// Why an optimiser cannot begin, go on or make a step. Training throws the `TrainingError` that says the same.
public enum OptimiserError: Error, Hashable, Sendable, CustomStringConvertible {
  /// What is wrong with the optimiser, all of it.
  case invalid([String])
  /// A stored state that is not this optimiser's, or not of these parameters.
  case cannotResume(String)
  /// A step that gave nothing that can be used.
  case failed(String)

  /// One sentence with the place, the value and the remedy.
  public var description: String {
    switch self {
    case .invalid(let faults): faults.joined(separator: "; ")
    case .cannotResume(let reason), .failed(let reason): reason
    }
  }

  /// A state of other parameters, or of another definition or other data.
  static let unfittingState = OptimiserError.cannotResume(
    "the model's training state does not fit its definition and the data's missing cells: train it anew with "
      + "fit(to:using:steps:seed:)")
}

extension OptimiserError: LocalizedError {
  /// The description, for whoever asks for `localizedDescription`.
  public var errorDescription: String? { description }
}
