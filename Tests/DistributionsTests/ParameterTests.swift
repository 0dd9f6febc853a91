import Foundation
import Testing

@testable import Distributions

/// Whole messages, since they are what a caller reads.
@Suite struct ParameterTests {
  struct Refusal: Sendable {
    let message: String
    let make: @Sendable () throws -> Void
  }

  static let refusals = [
    Refusal(message: "Normal: mean is nan; give a finite number.") { _ = try Normal(mean: .nan) },
    Refusal(message: "Normal: standardDeviation is 0.0; give a finite number above 0.") {
      _ = try Normal(standardDeviation: 0)
    },
    Refusal(message: "DiagonalNormal: mean is empty; give at least one coordinate.") {
      _ = try DiagonalNormal(mean: [], standardDeviations: [])
    },
    Refusal(message: "DiagonalNormal: the number of standardDeviations is 1; give 2, as many as means.") {
      _ = try DiagonalNormal(mean: [0, 0], standardDeviations: [1])
    },
    Refusal(message: "DiagonalNormal: standardDeviations[1] is -1.0; give a finite number above 0.") {
      _ = try DiagonalNormal(mean: [0, 0], standardDeviations: [1, -1])
    },
    Refusal(
      message: "DiagonalNormal.klDivergence: the number of other's dimensions is 2; give a distribution of "
        + "1 dimensions."
    ) {
      _ = try DiagonalNormal(mean: [0], standardDeviations: [1])
        .klDivergence(to: DiagonalNormal(mean: [0, 0], standardDeviations: [1, 1]))
    },
    Refusal(message: "Bernoulli: probability is 1.5; give a number from 0 to 1.") {
      _ = try Bernoulli(probability: 1.5)
    },
    Refusal(message: "Binomial: trials is -1; give a number from 0 to 2147483647.") {
      _ = try Binomial(trials: -1, probability: 0.5)
    },
    Refusal(message: "Binomial: probability is nan; give a number from 0 to 1.") {
      _ = try Binomial(trials: 1, probability: .nan)
    },
    Refusal(message: "Binomial.klDivergence: other's trials is 3; give a distribution of 2 trials.") {
      _ = try Binomial(trials: 2, probability: 0.5).klDivergence(to: Binomial(trials: 3, probability: 0.5))
    },
    Refusal(message: "Categorical: probabilities is empty; give at least one probability.") {
      _ = try Categorical(probabilities: [])
    },
    Refusal(message: "Categorical: probabilities[1] is -0.5; give a number from 0 to 1.") {
      _ = try Categorical(probabilities: [1, -0.5, 0.5])
    },
    Refusal(message: "Categorical: the sum of probabilities is 0.75; give probabilities that sum to 1 within 1e-6.") {
      _ = try Categorical(probabilities: [0.5, 0.25])
    },
    Refusal(message: "Uniform: upper is 1.0; give a number above lower, 1.0, at a finite distance.") {
      _ = try Uniform(lower: 1, upper: 1)
    },
    Refusal(message: "Gamma: shape is inf; give a number from 1e-300 to 1e300.") { _ = try Gamma(shape: .infinity) },
    Refusal(message: "Gamma: scale is -2.0; give a finite number above 0.") { _ = try Gamma(shape: 1, scale: -2) },
    Refusal(message: "Beta: alpha is 0.0; give a number from 1e-300 to 1e300.") { _ = try Beta(alpha: 0, beta: 1) },
    Refusal(
      message: "Poisson: mean is -1.0; give a number from 0 to 1e9, or use a Normal of the same mean and "
        + "variance above that."
    ) { _ = try Poisson(mean: -1) },
    Refusal(message: "Mixture: components is empty; give at least one component.") {
      _ = try Mixture<Normal>(weights: [], components: [])
    },
    Refusal(message: "Mixture: the number of weights is 1; give 2, one for each component.") {
      _ = try Mixture(weights: [1], components: [Normal(), Normal()])
    },
    Refusal(message: "Mixture: weights[0] is 2.0; give a number from 0 to 1.") {
      _ = try Mixture(weights: [2], components: [Normal()])
    },
    Refusal(message: "Mixture: the dimension of components[1] is 2; give 1, as components[0] has.") {
      _ = try Mixture(
        weights: [0.5, 0.5],
        components: [
          DiagonalNormal(mean: [0], standardDeviations: [1]),
          DiagonalNormal(mean: [0, 0], standardDeviations: [1, 1]),
        ])
    },
    Refusal(
      message: "integrate of from nan to 1.0: input domain error (GSL status 1); give limits that are numbers."
    ) {
      _ = try SpecialFunctions.integrate(from: .nan, to: 1) { $0 }
    },
    Refusal(
      message: "integrate of from 0.0 to 1.0: specified tolerance is invalid or theoretically "
        + "unattainable (GSL status 13); split the interval where "
        + "the function has a peak, a jump or a pole, or allow a larger tolerance than 0.0."
    ) {
      _ = try SpecialFunctions.integrate(from: 0, to: 1, relativeTolerance: 0) { $0 }
    },
  ]

  @Test(arguments: refusals) func message(_ refusal: Refusal) {
    do {
      try refusal.make()
      Issue.record("nothing was refused, but expected: \(refusal.message)")
    } catch {
      #expect("\(error)" == refusal.message)
    }
  }
}

@Suite struct SpecialFunctionTests {
  @Test func integrals() throws {
    let gaussian = try SpecialFunctions.integrate(from: -.infinity, to: .infinity) { x in exp(-x * x / 2) }
    #expect(abs(gaussian.value - (2 * Double.pi).squareRoot()) < 1e-9)
    #expect(gaussian.error < 1e-9)
    let half = try SpecialFunctions.integrate(from: .infinity, to: 0) { exp(-$0) }
    #expect(abs(half.value + 1) < 1e-9)
    let lower = try SpecialFunctions.integrate(from: -.infinity, to: 0) { exp($0) }
    #expect(abs(lower.value - 1) < 1e-9)
    let singular = try SpecialFunctions.integrate(from: 0, to: 1) { 1 / $0.squareRoot() }
    #expect(abs(singular.value - 2) < 1e-9)
    #expect(throws: GSLError.self) { try SpecialFunctions.integrate(from: 0, to: 1) { 1 / $0 } }
    #expect(throws: GSLError.self) { try SpecialFunctions.integrate(from: 0, to: 1) { _ in .nan } }
  }

  @Test func logSumExp() {
    #expect(SpecialFunctions.logSumExp([Double]()) == -.infinity)
    #expect(SpecialFunctions.logSumExp([-.infinity, -.infinity]) == -.infinity)
    #expect(SpecialFunctions.logSumExp([1e4, 1e4]) == 1e4 + log(2))
    #expect(SpecialFunctions.logSumExp([.infinity, 0]) == .infinity)
    #expect(SpecialFunctions.logSumExp([0, .nan]).isNaN)
  }

  @Test func outsideTheDomainIsNaN() {
    #expect(SpecialFunctions.normalQuantile(1.1).isNaN)
    #expect(SpecialFunctions.normalQuantile(0) == -.infinity)
    #expect(SpecialFunctions.logGamma(-1) == .infinity)
    #expect(SpecialFunctions.digamma(0).isNaN)
    #expect(SpecialFunctions.chiSquareTail(1, degreesOfFreedom: 0).isNaN)
    #expect(SpecialFunctions.kolmogorovTail(0) == 1)
  }
}
