/// How parameters follow their gradient (Docs/Mathematics.md, section 9).
///
///     let trained = try await model.fit(to: rows, using: .adam(rate: 5e-3), steps: 20_000, seed: 1)
///
/// The library has `Adam`, `RMSprop`, `GradientDescent` and `SumOfFunctions`. One of your own conforms to
/// `ElementwiseOptimiser`, if it updates each parameter by that parameter's gradient and history alone, or to
/// `WholeGradientOptimiser`, if it needs the gradient of all parameters at once, or several evaluations for a step. To
/// train a model from a file on, hand the type to the loader (`DefinitionTypes`); to score and sample it nothing is needed.
///
/// Clipping shortens the gradient before an optimiser gets it, unless it asks for the loss's own, and the average of
/// parameters is taken after its updates: neither is an optimiser's matter (`TrainingOptions`).
public protocol Optimiser: DefinitionPart {
  /// What is wrong with its numbers, one sentence each; empty for an optimiser that can be used. Training reports them
  /// together, as `TrainingError.invalidOptions`, before it begins.
  var faults: [String] { get }

  /// The learning rate, which files keep beside the optimiser's other numbers; nil for an optimiser without one.
  var learningRate: LearningRate? { get set }

  /// What updates the parameters of one training; `ElementwiseOptimiser` and `WholeGradientOptimiser` provide it.
  ///
  /// - Parameters:
  ///   - parameters: the parameters that training changes.
  ///   - state: where a training stopped that is to go on; nil for one that begins.
  /// - Throws: `OptimiserError.cannotResume` for a state that is not this optimiser's or not for these parameters.
  func updates(
    of parameters: TrainedParameters, from state: [String: StateTensor]?
  ) throws -> OptimiserUpdates
}

/// An optimiser at work on the parameters of one training; see `Optimiser.updates(of:from:)`.
///
/// An update has two phases, so that the average of parameters can look at them before they change. They are closures
/// and not methods of a protocol: made where the optimiser's type is known, they call code that the compiler made for
/// that type, where a call through a protocol would run generic code for every slice.
public struct OptimiserUpdates {
  /// Evaluates the objective as the next update needs it, and gives, for each per-step parameter, the slices that the
  /// update will change. When it returns or throws, parameters are as they were.
  let prepare: (_ evaluator: ObjectiveEvaluator) throws -> [[Int]]
  /// Makes the update that was prepared.
  let apply: (_ touched: [[Int]]) -> Void
  /// All that the next updates depend on.
  let tensors: () -> [String: StateTensor]
}

/// Faults of numbers that several optimisers have.
enum OptimiserFault {
  static func decay(_ name: String, _ value: Double) -> [String] {
    value >= 0 && value < 1 ? [] : ["\(name) is \(value); give a number from 0 to below 1"]
  }

  /// A parameter whose gradient is 0 would be divided 0 by 0; below 1e-30, epsilon is 0 in Float.
  static func epsilon(_ value: Double) -> [String] {
    value >= 1e-30 && value.isFinite ? [] : ["epsilon is \(value); give a number from 1e-30, say 1e-8"]
  }

  /// - Parameter rate: the highest learning rate: a step that took a whole parameter away would not end.
  static func weightDecay(_ value: Double, rate: Double) -> [String] {
    value == 0 || value > 0 && value * rate < 1
      ? [] : ["weightDecay is \(value); give a number from 0, and times the learning rate below 1, say 0.01"]
  }
}
