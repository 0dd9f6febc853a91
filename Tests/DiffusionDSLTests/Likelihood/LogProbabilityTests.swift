import Foundation
import Testing

@testable import DiffusionDSL

/// log p(x_0) by importance sampling, against models whose log p is a sum over all paths or has a closed form.
@Suite struct LogProbabilityTests {
  static func models(_ lastStep: LastStep) -> [Diffusion] {
    [
      DiscreteBoundTests.bits(DiscreteBoundTests.schedules[0], means: [0.2, 0.7, 0.5], lastStep, isDirect: false),
      DiscreteBoundTests.classes(DiscreteBoundTests.schedules[0], shares: [0.2, 0.3, 0.5], lastStep, isDirect: false),
    ]
  }

  /// The mean weight is p(x_0), whatever the number of trajectories; its logarithm rises with it.
  @Test(arguments: LastStep.both) func theMeanWeightIsTheProbability(_ lastStep: LastStep) throws {
    for definition in Self.models(lastStep) {
      let trained = try TrainedDiffusion(definition)
      let oracle = try DiscreteOracle(trained)
      for precision in [Precision.double, .single] {
        let found = try trained.logProbability(
          of: Dataset(oracle.rows), trajectories: 10_000, seed: 4, options: ComputeOptions(precision: precision))
        for (row, estimate) in found.rows.enumerated() {
          let expected = oracle.logProbability(of: row)
          // Sixteen comparisons in all: 5.5 standard errors each keep false alarms below one in a million.
          #expect(
            abs(exp(estimate.nats - expected) - 1) < 5.5 * estimate.standardErrorNats + 1e-5,
            "\(lastStep), row \(row): \(estimate.nats) where \(expected) is right")
          #expect(estimate.effectiveSampleSize > 100 && !estimate.isUnreliable)
        }
        let rise = found.rise
        #expect(rise.first?.trajectories == 1 && rise.last?.trajectories == 10_000)
        #expect(abs((rise.last?.nats ?? 0) - found.nats) < 1e-12)
        // One trajectory's mean log weight is K.
        let bound = oracle.rows.indices.reduce(0.0) { $0 + oracle.bound(of: $1) } / Double(oracle.rows.count)
        let spread = RowAverage(nil)(found.logWeights).standardError
        #expect(abs((rise.first?.nats ?? 0) - bound) < 6 * spread)
        let exact = try trained.lowerBound(on: Dataset(oracle.rows), seed: 4)
        for (one, above) in zip(rise, found.rise(above: exact)) {
          #expect(one.trajectories == above.trajectories && abs(one.nats - exact.nats - above.nats) < 1e-9)
        }
        for (few, many) in zip(rise, rise.dropFirst()) where many.trajectories <= 256 {
          #expect(few.nats < many.nats, "\(few.trajectories)")
        }
      }
    }
  }

  /// The mean of the estimate of p is p at few trajectories too, over a thousand replicates of each class.
  @Test(arguments: LastStep.both) func fewTrajectoriesAreUnbiased(_ lastStep: LastStep) throws {
    let trained = try TrainedDiffusion(Self.models(lastStep)[1])
    let oracle = try DiscreteOracle(trained)
    for (row, numbers) in oracle.rows.enumerated() {
      try expectUnbiasedEstimates(
        trained, of: numbers, truth: oracle.logProbability(of: row), seed: UInt64(row), comparisons: 12, "class \(row)")
    }
  }

  /// Gaussian reverse steps that are affine in x_t make the model's marginal a normal, by recursion.
  @Test(arguments: LastStep.both) func aGaussianModelHasItsOwnDensity(_ lastStep: LastStep) throws {
    let (m, s) = (0.4, 0.6)
    let trained = try GaussianBoundTests.model(ConstantErasure(steps: 10), m: m, s: s, lastStep, .forward)
    let oracle = GaussianOracle(betas: trained.betas, m: m, s: s)
    var (mean, variance) = (0.0, 1.0)
    for t in stride(from: 10, through: 1, by: -1) {
      let isForward = t == 1 && lastStep == .paper
      let (a, b, _) = isForward ? ((1 - trained.betas[0]).squareRoot(), 0, 0) : oracle.reverse(t)
      mean = a * mean + b
      variance = a * a * variance + trained.betas[t - 1]
    }
    let data = try Dataset(complete: [-1.0, 0, 0.4, 1.2, 2.0], dimensions: 1)
    let found = try trained.logProbability(of: data, trajectories: 20_000, seed: 2)
    for row in 0..<data.count {
      let x = data[row][0]
      let expected = -(x - mean) * (x - mean) / (2 * variance) - log(2 * Double.pi * variance) / 2
      let estimate = found.rows[row]
      #expect(
        abs(exp(estimate.nats - expected) - 1) < 5.3 * estimate.standardErrorNats,
        "x = \(x): \(estimate.nats) where \(expected) is right")
    }
    let bracket = try trained.logProbabilityBracket(samples: 4_000, trajectories: 4, seed: 5)
    let own = -(1 + log(2 * Double.pi * variance)) / 2 / M_LN2
    #expect(bracket.lower.bits - 5 * bracket.lower.standardError < own)
    #expect(bracket.upper.bits + 5 * bracket.upper.standardError > own)
    #expect(bracket.upper.bits > bracket.lower.bits)
  }

  /// On average the lower side stays below the model's own log p and the upper one above, and both close in.
  @Test(arguments: LastStep.both) func theModelsOwnLogProbabilityIsBracketed(_ lastStep: LastStep) throws {
    for definition in Self.models(lastStep) {
      let trained = try TrainedDiffusion(definition)
      let oracle = try DiscreteOracle(trained)
      let truth =
        oracle.rows.indices.reduce(0.0) { total, row in
          let log = oracle.logProbability(of: row)
          return total + exp(log) * log
        } / M_LN2
      var widths: [Double] = []
      for trajectories in [2, 8, 64] {
        let bracket = try trained.logProbabilityBracket(samples: 20_000, trajectories: trajectories, seed: 8)
        // Twenty-four comparisons in all: 5.6 standard errors.
        #expect(bracket.lower.bits - 5.6 * bracket.lower.standardError < truth, "\(lastStep), \(trajectories)")
        #expect(bracket.upper.bits + 5.6 * bracket.upper.standardError > truth, "\(lastStep), \(trajectories)")
        widths.append(bracket.upper.bits - bracket.lower.bits)
      }
      #expect(widths[0] > widths[1] && widths[1] > widths[2] && widths[2] > 0 && widths[2] < widths[0] / 2)
    }
  }

  @Test func estimatesDoNotDependOnThreadsOrCalls() throws {
    let trained = try TrainedDiffusion(Self.models(.paper)[0])
    let rows = try DiscreteOracle(trained).rows
    let whole = try trained.logProbability(
      of: Dataset(rows), trajectories: 37, seed: 1, options: ComputeOptions(threads: 1))
    for threads in [2, 7] {
      let again = try trained.logProbability(
        of: Dataset(rows), trajectories: 37, seed: 1, options: ComputeOptions(threads: threads))
      #expect(again.logWeights == whole.logWeights)
    }
    for (row, numbers) in rows.enumerated() {
      let one = try trained.logProbability(of: [numbers], trajectories: 37, seed: 1, firstChain: UInt64(37 * row))
      #expect(one.rows == [whole.rows[row]])
    }
  }

  @Test func whatCannotBeEstimatedIsSaid() throws {
    let trained = try TrainedDiffusion(Self.models(.paper)[0])
    let rows = try Dataset(DiscreteOracle(trained).rows)
    #expect(throws: DataError.invalidCount(what: "trajectories", value: 0)) {
      try trained.logProbability(of: rows, trajectories: 0)
    }
    #expect(throws: DataError.tooManyChains(rows: 8, trajectories: .max)) {
      try trained.logProbability(of: rows, trajectories: .max)
    }
    #expect(throws: DataError.notABit(row: 0, column: 1, value: 0.5)) {
      try trained.logProbability(of: [[1, 0.5, 0]])
    }
    #expect(throws: DataError.self) { try trained.logProbabilityBracket(samples: 1, seed: 1) }
    #expect(throws: DataError.self) { try trained.logProbabilityBracket(samples: 10, trajectories: 1, seed: 1) }
    let few = try trained.logProbability(of: rows, trajectories: 5)
    #expect(few.unreliableRows == Array(0..<8))
  }

  /// The error of the rise is that of paired rows; of K over other rows, that of two independent means.
  @Test func theRiseHasTheErrorOfItsDifference() throws {
    let trained = try GaussianBoundTests.model(ConstantErasure(steps: 10), m: 0.4, s: 0.6, .learned(), .forward)
    let data = try Dataset(complete: [-1.0, 0, 0.4, 1.2, 2.0], dimensions: 1)
    let found = try trained.logProbability(of: data, trajectories: 6, seed: 2)
    let bound = try trained.lowerBound(on: data, seed: 3)
    let rise = found.rise(above: bound)
    #expect(rise.map(\.trajectories) == [1, 2, 4, 6])
    let last = try #require(rise.last)
    let differences = zip(found.rows, bound.rowNats).map { $0.nats - $1 }
    let expected = RowAverage(nil)(differences)
    #expect(abs(last.nats - expected.mean) < 1e-12 && abs(last.standardErrorNats - expected.standardError) < 1e-12)
    let other = try trained.lowerBound(on: Dataset(complete: [0.1, 0.2], dimensions: 1), seed: 3)
    let apart = try #require(found.rise(above: other).last)
    let both = (found.standardErrorNats, other.standardErrorNats)
    #expect(abs(apart.nats - (found.nats - other.nats)) < 1e-12)
    #expect(abs(apart.standardErrorNats - (both.0 * both.0 + both.1 * both.1).squareRoot()) < 1e-12)
  }
}
