import Formulas
import Foundation

/// The sum of functions optimiser (Sohl-Dickstein, Poole, Ganguli 2014): a quasi-Newton method for a sum of functions,
/// without a learning rate.
///
///     try await model.fit(
///       to: rows, using: .sumOfFunctions(), steps: 2_000, seed: 1, options: .init(batchSize: rows.count / 40))
///
/// The functions are minibatches, to which the rows are dealt; the steps t and the noise of each are drawn once and then
/// stay. So the loss with these draws is minimised and not its expectation, and with few rows it may fall far below what
/// other draws would give: make minibatches as large as time allows, the more parameters the larger, and score rows that
/// were held out.
///
/// A training step evaluates one minibatch, or several where the step before went too far. Memory is 8 bytes for each
/// parameter times 3 (`minibatches` + 1), and the time of a step beside the evaluation grows likewise. Gradients are not
/// clipped.
public struct SumOfFunctions: WholeGradientOptimiser {
  /// `sumOfFunctions`.
  public static let typeName = "sumOfFunctions"

  /// How many functions there are; nil: as many minibatches as have all rows, and at least 25.
  public var minibatches: Int?
  /// The most changes of position and gradient kept for each.
  public var history: Int

  /// - Parameters:
  ///   - minibatches: how many functions there are, 2 or more; nil: as many as have all rows, and at least 25.
  ///   - history: the most changes of position and gradient kept for each, 1 or more.
  public init(minibatches: Int? = nil, history: Int = 10) {
    self.minibatches = minibatches
    self.history = history
  }

  /// The optimiser as it would be written in Swift.
  public var sourceText: String {
    "SumOfFunctions(minibatches: \(minibatches.map(String.init) ?? "nil"), history: \(history))"
  }

  /// What is wrong with its numbers.
  public var faults: [String] {
    (minibatches.map {
      SumOfFunctions.counts.contains($0) ? [] : ["minibatches is \($0); give a number from 2 to 1000"]
    } ?? [])
      + ((1...1_000).contains(history) ? [] : ["history is \(history); give a number from 1 to 1000"])
  }

  /// How many functions there may be: what is done with the sum of their curvatures grows with the cube of this.
  private static let counts = 2...1_000

  /// None.
  public var learningRate: LearningRate? {
    get { nil }
    set {}
  }

  /// What is kept from step to step.
  public struct Run: WholeGradientRun {
    let optimiser: SumOfFunctions
    var minimiser: SumOfFunctionsMinimiser?

    /// Evaluates a minibatch and moves to the minimum of the sum of all quadratics.
    public mutating func step(_ parameters: inout [Double], _ objective: ObjectiveEvaluator) throws {
      let layout = objective.objective.parameters
      var current =
        try minimiser
        ?? SumOfFunctionsMinimiser(
          from: parameters, functions: optimiser.count(objective), history: optimiser.history, level: layout.level)
      current.basis.level = layout.level
      if layout.buffer.precision == .single { current.rounding = 1e-6 }
      current.basis.pool = objective.objective.pool
      try current.step { function, position, gradient in
        try objective.evaluate(function, rows: .dealt, clips: false, at: position, gradient: &gradient)
      }
      parameters = current.position
      minimiser = current
    }

    /// The subspace and the quadratics.
    public var tensors: [String: StateTensor] { minimiser?.tensors ?? [:] }
  }

  /// How many functions there are for an objective.
  private func count(_ objective: ObjectiveEvaluator) throws(OptimiserError) -> Int {
    if let minibatches { return minibatches }
    let count = max(25, objective.minibatchesOfAllRows)
    guard count <= SumOfFunctions.mostByDefault else {
      throw .failed(
        "the rows make \(count) minibatches, more than the \(SumOfFunctions.mostByDefault) that the sum of functions "
          + "optimiser takes by itself: give a larger batchSize, say a fortieth of the rows, or say how many minibatches"
      )
    }
    return count
  }

  /// The most functions that are taken where their number is not given.
  private static let mostByDefault = 100

  /// Begins, or goes on where a training stopped.
  ///
  /// - Throws: `OptimiserError.cannotResume` for tensors that do not fit.
  public func makeRun(parameterCount: Int, state: [String: StateTensor]?) throws -> Run {
    guard let state, !state.isEmpty else { return Run(optimiser: self, minimiser: nil) }
    guard
      let minimiser = SumOfFunctionsMinimiser(
        state, parameterCount: parameterCount, functions: minibatches, history: history)
    else { throw OptimiserError.unfittingState }
    return Run(optimiser: self, minimiser: minimiser)
  }
}

extension Optimiser where Self == SumOfFunctions {
  /// The sum of functions optimiser (Sohl-Dickstein, Poole, Ganguli 2014), without a learning rate.
  ///
  /// - Parameters:
  ///   - minibatches: how many functions there are, 2 or more; nil: as many as have all rows, and at least 25.
  ///   - history: the most changes of position and gradient kept for each, 1 or more.
  public static func sumOfFunctions(minibatches: Int? = nil, history: Int = 10) -> SumOfFunctions {
    SumOfFunctions(minibatches: minibatches, history: history)
  }
}
