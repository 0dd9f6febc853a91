import Formulas

/// Evaluates the training objective for an optimiser: the loss on a minibatch and its gradient.
///
/// A minibatch is a number. Everything about it (rows, the step t of each tile, noise) follows from the number and
/// training's seed, so one that is evaluated again is the same function of the parameters. A training of one fresh
/// minibatch a step takes the step's number. (Where cells of the data are missing they are drawn anew now and then,
/// between steps, and all minibatches change a little with them.)
public final class ObjectiveEvaluator {
  /// Updates done before.
  public internal(set) var step = 0
  /// Updates of the whole training.
  public let steps: Int
  let objective: any MinibatchObjective
  private let clipping: Double?
  /// The first loss that the step at hand evaluated, as it is where all steps count alike.
  private(set) var firstBoundLoss: Double?
  private var kept: [Double] = []

  /// - Parameter clipping: the largest Euclidean norm of a gradient; nil for no limit.
  init(_ objective: any MinibatchObjective, steps: Int, clipping: Double?) {
    self.objective = objective
    self.steps = steps
    self.clipping = clipping
  }

  /// Begins a step.
  func begin(step: Int) {
    self.step = step
    firstBoundLoss = nil
  }

  /// How a minibatch gets its rows.
  public enum RowSelection: Sendable {
    /// At random, each anew, in proportion to weights where rows have them: minibatches are independent.
    case drawn
    /// From all rows, shuffled once, in the order of the minibatches' numbers, from the start again behind the last: each
    /// row is had once before any is had twice. Rows with weights are drawn nevertheless.
    case dealt
  }

  /// How many minibatches, from number 0 on, have all rows where these are dealt.
  public var minibatchesOfAllRows: Int { objective.minibatchesOfAllRows }

  /// The loss on a minibatch and its gradient.
  ///
  /// - Parameters:
  ///   - minibatch: its number, from 0 to 2^32 - 1; others are taken modulo 2^32.
  ///   - rows: how its rows are chosen.
  ///   - clips: whether the gradient is shortened where training clips; not for whom it has to be the loss's own.
  ///   - parameters: where to evaluate, as many numbers as an optimiser is given; they are rounded to Float.
  ///   - gradient: becomes the gradient there, shortened where training clips.
  /// - Returns: the loss: what the bound K falls short by, in nats a row, up to a constant; where steps are weighted, the
  ///   weighted sum of its parts.
  /// - Throws: `NotFinite` where the loss or its gradient is not; the optimiser may catch it and evaluate nearer.
  ///   `Cancelled` when training is cancelled.
  public func evaluate(
    _ minibatch: Int, rows: RowSelection = .drawn, clips: Bool = true, at parameters: [Double], gradient: inout [Double]
  ) throws -> Double {
    let count = objective.parameters.trainedCount
    guard parameters.count == count else {
      throw OptimiserError.failed(
        "the objective has \(count) parameters, and was evaluated at \(parameters.count)")
    }
    objective.parameters.write(parameters)
    let (loss, scale) = try evaluation(minibatch, isDealt: rows == .dealt)
    objective.parameters.read(objective.gradient, touched: objective.touched, scale: clips ? scale : 1, into: &gradient)
    return loss
  }

  /// Evaluates a minibatch at the parameters as they are; its gradient is left in the objective.
  ///
  /// - Returns: what clipping multiplies the gradient by.
  func evaluate(_ minibatch: Int) throws -> Double { try evaluation(minibatch, isDealt: false).scale }

  private func evaluation(_ minibatch: Int, isDealt: Bool) throws -> (loss: Double, scale: Double) {
    let (loss, boundLoss, norm) = try objective.evaluate(minibatch, isDealt: isDealt)
    if firstBoundLoss == nil { firstBoundLoss = boundLoss }
    return (loss, clipping.map { norm > $0 ? $0 / norm : 1 } ?? 1)
  }

  /// Remembers the parameters as they are.
  func keepParameters() { objective.parameters.read(objective.parameters.buffer, into: &kept) }

  /// Puts back the parameters that were kept.
  func restoreParameters() { objective.parameters.write(kept) }
}

/// A function of the parameters for each minibatch: what an evaluator evaluates.
protocol MinibatchObjective: AnyObject {
  /// The parameters, where it is evaluated.
  var parameters: TrainedParameters { get }
  /// The gradient of the last evaluation, in the parameters' layout; of per-step parameters the slices in `touched`.
  var gradient: AlignedBuffer { get }
  /// For each per-step parameter, the slices that have a gradient.
  var touched: [[Int]] { get }
  /// The threads that evaluate it, which may do other work between evaluations.
  var pool: WorkerPool { get }
  /// How many minibatches have all rows where these are dealt.
  var minibatchesOfAllRows: Int { get }
  /// Evaluates a minibatch; the gradient is left in `gradient`.
  ///
  /// - Parameter isDealt: whether its rows are dealt in turn, or drawn.
  /// - Returns: the loss, the loss as it is where all steps count alike, and the Euclidean norm of the loss's gradient.
  /// - Throws: `NotFinite`, `Cancelled`.
  func evaluate(_ minibatch: Int, isDealt: Bool) throws -> (loss: Double, boundLoss: Double, norm: Double)
}

/// A loss or a gradient that is not finite.
public struct NotFinite: Error, Sendable {
  /// The time step t where it began.
  public let timeStep: Int
  /// The layer, the operation or the parameter where it began.
  public let place: String
}
