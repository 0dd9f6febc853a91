import Foundation
import Testing

@testable import DiffusionDSL

/// Steps drawn by their losses: how often, and that what is minimised stays the bound.
@Suite struct StepSamplingTests {
  /// A sampler that has met a loss of its own in each of its groups.
  static func sampler(first: Int, last: Int) -> StepSampler {
    var sampler = StepSampler(first: first, last: last)
    for _ in 0..<12 {
      for step in first...last { sampler.note(loss: Double(step % 7) + 0.5, step: step) }
    }
    sampler.weigh()
    return sampler
  }

  @Test(arguments: [(1, 1), (2, 3), (1, 12), (2, 40), (1, 1_000), (5, 77)])
  func stepsAreDrawnByTheInverseOfTheirWeights(_ first: Int, _ last: Int) {
    let count = last - first + 1
    for sampler in [StepSampler(first: first, last: last), Self.sampler(first: first, last: last)] {
      let positions = 200_000
      var hits = Array(repeating: 0, count: last + 1)
      var before = first
      for position in 0..<positions {
        let step = sampler.step(at: Double(position) / Double(positions))
        #expect(step >= before && step <= last)
        hits[step] += 1
        before = step
      }
      for step in first...last {
        let chance = 1 / (Double(count) * sampler.weight(of: step))
        // Each end of a step's stretch of positions may be rounded by one.
        #expect(abs(Double(hits[step]) - chance * Double(positions)) < 2.5, "step \(step)")
        // A tenth is uniform.
        #expect(sampler.weight(of: step) < 10.001)
      }
    }
  }

  @Test func stepsOfLargeLossesAreDrawnMoreOften() {
    var sampler = StepSampler(first: 1, last: 20)
    func note() { for step in 1...20 { sampler.note(loss: step > 10 ? -3 : 1, step: step) } }
    for _ in 0..<9 { note() }
    sampler.weigh()
    // Nine losses are too few to tell.
    #expect(abs(sampler.weight(of: 20) - 1) < 1e-12)
    note()
    sampler.weigh()
    // The chances are 0.1 of the uniform ones and 0.9 of 1 and 3 for each step, over 40.
    #expect(abs(sampler.weight(of: 20) - 1 / (0.1 + 0.9 * 1.5)) < 1e-9)
    #expect(abs(sampler.weight(of: 1) - 1 / (0.1 + 0.9 * 0.5)) < 1e-9)
    for step in 1...20 { sampler.note(loss: .nan, step: step) }
    sampler.weigh()
    #expect(abs(sampler.weight(of: 20) - 1 / (0.1 + 0.9 * 1.5)) < 1e-9)
  }

  private func objective(_ model: SmallModel, _ sampling: StepSampling, threads: Int = 1) throws -> TrainingObjective {
    let data = try model.data()
    let compiled = try DiffusionModel(model.definition)
    let scaling = try DataTests.standardising(data)
    return try TrainingObjective(
      compiled, data, scaling, start: compiled.initialParameters(seed: 5, data: data, scaling: scaling), seed: 5,
      options: TrainingOptions(batchSize: 96, stepSampling: sampling, threads: threads).with { $0.precision = .double },
      pool: WorkerPool(threads: threads), cancellation: Cancellation(of: "training", 1, "steps"))
  }

  /// The mean over minibatches of the loss and of a gradient's numbers, with the variance of the mean.
  private func means(
    _ objective: TrainingObjective, _ minibatches: Range<Int>
  ) throws -> (means: [Double], variances: [Double]) {
    var (sums, squares): ([Double], [Double]) = ([], [])
    for minibatch in minibatches {
      let loss = try objective.evaluate(minibatch).loss
      let numbers = [loss] + TrainingObjectiveTests.gradient(objective)
      if sums.isEmpty { (sums, squares) = (numbers.map { _ in 0 }, numbers.map { _ in 0 }) }
      for (index, number) in numbers.enumerated() {
        sums[index] += number
        squares[index] += number * number
      }
    }
    let count = Double(minibatches.count)
    let means = sums.map { $0 / count }
    return (means, zip(squares, means).map { ($0 / count - $1 * $1) / count })
  }

  /// The loss and its gradient have the same expectation as with uniform steps, and the loss less variance.
  @Test(arguments: SmallModel.all) func theObjectiveStaysTheBound(_ model: SmallModel) throws {
    let (uniform, byLoss) = (try objective(model, .uniform), try objective(model, .byLoss))
    for minibatch in 0..<60 {
      _ = try byLoss.evaluate(minibatch)
      byLoss.weighSteps()
    }
    let (expected, own) = (try means(uniform, 100..<4_100), try means(byLoss, 5_000..<9_000))
    for index in expected.means.indices {
      let error = (expected.variances[index] + own.variances[index]).squareRoot()
      // 5.5 standard errors: at most some hundred comparisons in three models.
      #expect(
        abs(expected.means[index] - own.means[index]) <= 5.5 * error + 1e-12,
        "number \(index): \(own.means[index]), not \(expected.means[index]), +- \(error)")
    }
    #expect(own.variances[0] < 0.97 * expected.variances[0], "\(own.variances[0]) of \(expected.variances[0])")
  }

  @Test func lossesOfTilesDoNotDependOnThreads() throws {
    let (one, three) = (try objective(.perStep, .byLoss), try objective(.perStep, .byLoss, threads: 3))
    for minibatch in 0..<40 {
      #expect(try one.evaluate(minibatch).loss == three.evaluate(minibatch).loss)
      one.weighSteps()
      three.weighSteps()
    }
    #expect(one.stepLosses == three.stepLosses)
  }

  @Test func optimisersThatEvaluateAMinibatchTwiceAreRefused() throws {
    let model = SmallModel.shared
    #expect {
      _ = try model.definition.training(
        on: try model.data(), using: WholeAdaGrad(dense: 0), steps: 5, seed: 1,
        options: TrainingOptions(batchSize: 32, stepSampling: .byLoss))
    } throws: { error in "\(error)".contains("stepSampling") }
  }
}
