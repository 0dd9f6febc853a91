import Formulas
import Foundation
import Testing

@testable import DiffusionDSL

/// The objective as a function of parameters and a minibatch's number.
@Suite struct TrainingObjectiveTests {
  static func objective(
    _ model: SmallModel, precision: Precision = .double, threads: Int = 1, batch: Int = 96
  ) throws -> TrainingObjective {
    let data = try model.data()
    let compiled = try DiffusionModel(model.definition)
    let scaling = try DataTests.standardising(data)
    var start = compiled.initialParameters(seed: 5, data: data, scaling: scaling)
    // Readouts begin at 0, where much of the gradient is 0 too.
    var numbers = Deviates(seed: 3)
    for entry in compiled.layout.entries {
      for position in entry.offset..<entry.offset + entry.shape.count { start[position] += Float(0.1 * numbers.next()) }
    }
    return try TrainingObjective(
      compiled, data, scaling, start: start, seed: 5,
      options: TrainingOptions(batchSize: batch, threads: threads).with { $0.precision = precision },
      pool: WorkerPool(threads: threads), cancellation: Cancellation(of: "training", 1, "steps"))
  }

  /// The gradient as one array, 0 where a minibatch touched nothing.
  static func gradient(_ objective: TrainingObjective) -> [Double] {
    var gradient: [Double] = []
    objective.parameters.read(objective.gradient, touched: objective.touched, scale: 1, into: &gradient)
    return gradient
  }

  @Test(arguments: SmallModel.all, [Precision.single, .double])
  func aMinibatchComesAgain(_ model: SmallModel, _ precision: Precision) throws {
    let objective = try TrainingObjectiveTests.objective(model, precision: precision)
    var (losses, gradients): ([Double], [[Double]]) = ([], [])
    for minibatch in 0..<6 {
      losses.append(try objective.evaluate(minibatch).loss)
      gradients.append(TrainingObjectiveTests.gradient(objective))
    }
    #expect(Set(losses).count == 6 && Set(gradients).count == 6)
    // In another order, by an objective of its own, on more threads.
    let other = try TrainingObjectiveTests.objective(model, precision: precision, threads: 3)
    for minibatch in [4, 4, 0, 5, 1] {
      #expect(try objective.evaluate(minibatch).loss == losses[minibatch])
      #expect(TrainingObjectiveTests.gradient(objective) == gradients[minibatch])
      #expect(try other.evaluate(minibatch).loss == losses[minibatch])
      #expect(TrainingObjectiveTests.gradient(other) == gradients[minibatch])
    }
  }

  @Test(arguments: SmallModel.all) func theGradientIsThatOfTheLoss(_ model: SmallModel) throws {
    let objective = try TrainingObjectiveTests.objective(model)
    let parameters = objective.parameters
    for minibatch in [0, 7] {
      let norm = try objective.evaluate(minibatch).norm
      let gradient = TrainingObjectiveTests.gradient(objective)
      #expect((norm - gradient.map { $0 * $0 }.reduce(0, +).squareRoot()).magnitude <= 1e-12 * norm)
      var start: [Double] = []
      parameters.read(parameters.buffer, into: &start)
      func loss(_ index: Int, _ change: Double) throws -> Double {
        var point = start
        point[index] += change
        parameters.write(point)
        defer { parameters.write(start) }
        return try objective.evaluate(minibatch).loss
      }
      let step = 1e-5
      for index in start.indices {
        let difference = try (loss(index, step) - loss(index, -step)) / (2 * step)
        #expect((difference - gradient[index]).magnitude <= 1e-6 * max(1, norm), "parameter \(index)")
      }
    }
  }

  /// What an evaluator gives is the objective, shortened where training clips, wherever it is evaluated.
  @Test(arguments: SmallModel.all) func anEvaluatorLeavesParametersAsTheyWere(_ model: SmallModel) throws {
    let objective = try TrainingObjectiveTests.objective(model)
    var start: [Double] = []
    objective.parameters.read(objective.parameters.buffer, into: &start)
    let (loss, _, norm) = try objective.evaluate(3)
    let expected = TrainingObjectiveTests.gradient(objective)
    let evaluator = ObjectiveEvaluator(objective, steps: 10, clipping: norm / 4)
    evaluator.keepParameters()
    var gradient: [Double] = []
    let elsewhere = try evaluator.evaluate(3, at: start.map { $0 + 0.01 }, gradient: &gradient)
    #expect(elsewhere != loss)
    #expect(try evaluator.evaluate(3, at: start, gradient: &gradient) == loss)
    for (value, full) in zip(gradient, expected) { #expect((value - full / 4).magnitude <= 1e-12 * norm) }
    #expect(evaluator.firstBoundLoss == elsewhere)
    _ = try evaluator.evaluate(3, at: start.map { $0 + 0.01 }, gradient: &gradient)
    evaluator.restoreParameters()
    #expect(try objective.evaluate(3).loss == loss)
    #expect(throws: OptimiserError.self) { _ = try evaluator.evaluate(3, at: [1], gradient: &gradient) }
  }
}
