/// An optimiser that needs the gradient with respect to all parameters at once, or several evaluations for a step:
/// quasi-Newton methods, line searches, methods that come back to the same minibatches.
///
/// Each step it is given the parameters and an evaluator of the objective on minibatches by number, and gives new
/// parameters. What it keeps from step to step is a `Run`.
///
///     struct PlainDescent: WholeGradientOptimiser {
///       static let typeName = "plain"
///       var length = 0.01
///       var sourceText: String { "PlainDescent(length: \(length))" }
///       var faults: [String] { [] }
///       var learningRate: LearningRate? { get { nil } set {} }
///
///       struct Run: WholeGradientRun {
///         let length: Double
///         var gradient: [Double]
///         var tensors: [String: StateTensor] { [:] }
///
///         mutating func step(_ parameters: inout [Double], _ objective: ObjectiveEvaluator) throws {
///           _ = try objective.evaluate(objective.step, at: parameters, gradient: &gradient)
///           for index in parameters.indices { parameters[index] -= length * gradient[index] }
///         }
///       }
///
///       func makeRun(parameterCount: Int, state: [String: StateTensor]?) -> Run {
///         Run(length: length, gradient: Array(repeating: 0, count: parameterCount))
///       }
///     }
public protocol WholeGradientOptimiser: Optimiser {
  /// What it keeps from step to step.
  associatedtype Run: WholeGradientRun

  /// Begins, or goes on where a training stopped.
  ///
  /// - Parameters:
  ///   - parameterCount: how many numbers training changes.
  ///   - state: the tensors of the run that is to go on; nil for one that begins.
  /// - Throws: `OptimiserError.cannotResume` for tensors that do not fit.
  func makeRun(parameterCount: Int, state: [String: StateTensor]?) throws -> Run
}

/// What a `WholeGradientOptimiser` keeps from step to step.
public protocol WholeGradientRun {
  /// Makes one step.
  ///
  /// - Parameters:
  ///   - parameters: the parameters as they are, to be replaced by those after the step, as many. They are rounded to
  ///     Float between steps.
  ///   - objective: evaluates minibatches, at these parameters or at others, as often as need be.
  /// - Throws: what the evaluator throws, and errors of its own; training then ends with the parameters as they were.
  mutating func step(_ parameters: inout [Double], _ objective: ObjectiveEvaluator) throws

  /// All that later steps depend on beside the parameters, finite numbers. A training that is resumed from them goes
  /// on as if it had not stopped.
  var tensors: [String: StateTensor] { get }
}

extension WholeGradientOptimiser {
  /// Updates all parameters at once.
  public func updates(
    of parameters: TrainedParameters, from state: [String: StateTensor]?
  ) throws -> OptimiserUpdates {
    let own = state.map { WholeGradientUpdates<Self>.ownTensors(of: $0) }
    let run = try makeRun(parameterCount: parameters.trainedCount, state: own)
    let updates = WholeGradientUpdates<Self>(run, parameters)
    return OptimiserUpdates(
      prepare: { try updates.prepare($0) }, apply: { updates.apply(touched: $0) }, tensors: { updates.tensors })
  }
}

/// An optimiser of the whole gradient at work.
final class WholeGradientUpdates<Chosen: WholeGradientOptimiser> {
  private var run: Chosen.Run
  private let parameters: TrainedParameters
  /// The parameters after the step that was prepared.
  private var next: [Double]
  private let allSlices: [[Int]]

  init(_ run: Chosen.Run, _ parameters: TrainedParameters) {
    self.run = run
    self.parameters = parameters
    next = Array(repeating: 0, count: parameters.trainedCount)
    allSlices = parameters.sliceCounts.map { Array(0..<$0) }
  }

  func prepare(_ evaluator: ObjectiveEvaluator) throws -> [[Int]] {
    parameters.read(parameters.buffer, into: &next)
    evaluator.keepParameters()
    defer { evaluator.restoreParameters() }
    try run.step(&next, evaluator)
    guard next.count == parameters.trainedCount else {
      throw OptimiserError.failed(
        "optimiser '\(Chosen.typeName)' gave \(next.count) parameters for \(parameters.trainedCount)")
    }
    guard next.allSatisfy({ Float($0).isFinite }) else {
      throw OptimiserError.failed("optimiser '\(Chosen.typeName)' gave parameters that are not finite")
    }
    return allSlices
  }

  func apply(touched: [[Int]]) { parameters.write(next) }

  // MARK: - State

  /// Stands before the optimiser's own names, which may be those of other parts of a training's state.
  private static var prefix: String { "optimiser." }

  var tensors: [String: StateTensor] {
    Dictionary(uniqueKeysWithValues: run.tensors.map { (Self.prefix + $0.key, $0.value) })
  }

  static func ownTensors(of state: [String: StateTensor]) -> [String: StateTensor] {
    Dictionary(
      uniqueKeysWithValues: state.filter { $0.key.hasPrefix(prefix) }.map {
        (String($0.key.dropFirst(prefix.count)), $0.value)
      })
  }
}
