import Foundation
import Testing

@testable import DiffusionDSL

/// Bits and classes, with everything enumerated: all x_0, all x_t, no draw.
@Suite struct DiscreteBoundTests {
  static let schedules: [[Double]] = [
    (1...8).map { 1 / Double(8 - $0 + 1) },
    [0.1, 0.2, 0.05, 0.4, 0.3, 0.6],
    [0.35],
  ]

  /// A reverse function that depends on all bits and on t, in no way that helps it.
  static func bits(_ betas: [Double], means: [Double], _ lastStep: LastStep, isDirect: Bool) -> Diffusion {
    Diffusion {
      BinomialKernel(means: means)
      Fixed(betas)
      ReverseFunction(bits: means.count, lastStep: lastStep) { x, step in
        let weights = Formula(means.indices.map { 0.7 - 0.4 * Double($0) })
        let chance = sigmoid(x * 2 - 1 + sum(x * weights) * 0.5 + step.t * 0.1 - 0.3)
        return isDirect ? BinomialStep(probability: chance) : BinomialStep(dataProbability: chance)
      }
    }
  }

  static func classes(_ betas: [Double], shares: [Double], _ lastStep: LastStep, isDirect: Bool) -> Diffusion {
    Diffusion {
      CategoricalKernel(shares: shares)
      Fixed(betas)
      ReverseFunction(classes: shares.count, lastStep: lastStep) { x, step in
        let tilt = Formula(shares.indices.map { 0.3 * Double($0) })
        let chances = softmax(x * 1.5 + tilt * step.t * 0.2)
        return isDirect ? CategoricalStep(probabilities: chances) : CategoricalStep(dataProbabilities: chances)
      }
    }
  }

  @Test(arguments: schedules, [[0.5, 0.5], [0.2, 0.2], [0.2, 0.7, 0.5]])
  func theBoundOfBitsIsThatOfEnumeration(_ betas: [Double], _ means: [Double]) throws {
    for lastStep in LastStep.both {
      for isDirect in [false, true] {
        try compare(Self.bits(betas, means: means, lastStep, isDirect: isDirect), isDirect: isDirect)
      }
    }
  }

  @Test(arguments: schedules, [[0.5, 0.5], [0.2, 0.3, 0.5], [0.1, 0.2, 0.3, 0.4]])
  func theBoundOfClassesIsThatOfEnumeration(_ betas: [Double], _ shares: [Double]) throws {
    for lastStep in LastStep.both {
      for isDirect in [false, true] {
        try compare(Self.classes(betas, shares: shares, lastStep, isDirect: isDirect), isDirect: isDirect)
      }
    }
  }

  /// The bound as K = E_q [log p - log q] over whole paths, term by term from the kernel's definition alone.
  private func compare(_ definition: Diffusion, isDirect: Bool) throws {
    let trained = try TrainedDiffusion(definition)
    let oracle = try DiscreteOracle(trained)
    for row in oracle.rows.indices {
      let found = try trained.boundByEnumeration(of: oracle.rows[row], oracle)
      let expected = oracle.bound(of: row)
      #expect(
        abs(found - expected) < 1e-9 * max(1, abs(expected)),
        "\(definition.reverse.lastStep), direct \(isDirect), row \(row): \(found) where \(expected) is right")
      // K never passes log p.
      #expect(expected <= oracle.logProbability(of: row) + 1e-12)
    }
  }

  /// What `lowerBound` estimates is what enumeration gives, in either precision.
  @Test func theEstimateIsWithinItsStandardError() throws {
    for lastStep in LastStep.both {
      for definition in [
        Self.bits(Self.schedules[0], means: [0.2, 0.7, 0.5], lastStep, isDirect: false),
        Self.classes(Self.schedules[0], shares: [0.2, 0.3, 0.5], lastStep, isDirect: false),
      ] {
        let trained = try TrainedDiffusion(definition)
        let oracle = try DiscreteOracle(trained)
        for (row, numbers) in oracle.rows.enumerated() {
          let expected = oracle.bound(of: row)
          for precision in [Precision.double, .single] {
            let bound = try trained.lowerBound(
              on: Dataset(Array(repeating: numbers, count: 4_000)), seed: UInt64(row),
              options: ComputeOptions(precision: precision))
            #expect(
              abs(bound.nats - expected) < standardErrors(comparisons: 44) * bound.standardErrorNats + 1e-6,
              "\(lastStep), \(precision), row \(row): \(bound.nats) where \(expected) is right")
            #expect(abs(bound.terms.reduce(0) { $0 + $1.nats } - bound.nats) < 1e-6 * max(1, abs(bound.nats)))
          }
        }
      }
    }
  }

  /// Samples have the model's own distribution, which is the reverse chain's by enumeration.
  @Test func samplesHaveTheModelsDistribution() throws {
    let count = 20_000
    for lastStep in LastStep.both {
      for definition in [
        Self.bits(Self.schedules[0], means: [0.2, 0.7, 0.5], lastStep, isDirect: false),
        Self.bits(Self.schedules[1], means: [0.2, 0.7, 0.5], lastStep, isDirect: true),
        Self.classes(Self.schedules[0], shares: [0.2, 0.3, 0.5], lastStep, isDirect: false),
        Self.classes(Self.schedules[1], shares: [0.2, 0.3, 0.5], lastStep, isDirect: true),
      ] {
        let trained = try TrainedDiffusion(definition)
        let oracle = try DiscreteOracle(trained)
        let samples = try trained.sample(count, seed: 3)
        for (row, numbers) in oracle.rows.enumerated() {
          let found = Double(samples.filter { $0 == numbers }.count)
          let chance = exp(oracle.logProbability(of: row))
          let error = (Double(count) * chance * (1 - chance)).squareRoot()
          #expect(
            abs(found - Double(count) * chance) < standardErrors(comparisons: 44) * error,
            "\(lastStep), row \(row): \(found) of \(count)")
        }
      }
    }
  }
}
