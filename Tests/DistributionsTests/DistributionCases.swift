import CGSL
import Distributions
import Foundation
import Testing

/// A distribution over numbers as the battery sees it: everything in Double, with GSL's cumulative function beside it.
struct DistributionCase: Sendable, CustomTestStringConvertible {
  let name: String
  let isDiscrete: Bool
  let support: Support
  let logDensity: @Sendable (Double) -> Double
  let sample: @Sendable (inout RandomStream) -> Double
  let mean: Double
  let variance: Double
  let entropy: Double
  let cumulative: @Sendable (Double) -> Double
  /// Where the density jumps inside its support.
  var jumps: [Double] = []
  /// KL to others of the family, by the closed form, and the other's log density.
  var divergences: [(value: Double, otherLogDensity: @Sendable (Double) -> Double)] = []

  var testDescription: String { name }

  init<D: Distribution>(_ distribution: D, _ cumulative: @escaping @Sendable (Double) -> Double) throws
  where D.Value == Double, D.Moment == Double {
    name = "\(distribution)"
    isDiscrete = false
    support = distribution.support
    logDensity = { distribution.logDensity(at: $0) }
    sample = { distribution.sample(using: &$0) }
    mean = distribution.mean
    variance = distribution.variance
    entropy = try distribution.entropy
    self.cumulative = cumulative
  }

  init<D: Distribution>(_ distribution: D, _ cumulative: @escaping @Sendable (Double) -> Double) throws
  where D.Value == Int, D.Moment == Double {
    name = "\(distribution)"
    isDiscrete = true
    support = distribution.support
    logDensity = { distribution.logDensity(at: Int($0)) }
    sample = { Double(distribution.sample(using: &$0)) }
    mean = distribution.mean
    variance = distribution.variance
    entropy = try distribution.entropy
    self.cumulative = cumulative
  }

  func against<D: ClosedFormDivergence>(_ distribution: D, _ others: [D]) throws -> Self where D.Value == Double {
    var result = self
    result.divergences = try others.map { other in
      (try distribution.klDivergence(to: other), { other.logDensity(at: $0) })
    }
    return result
  }

  func against<D: ClosedFormDivergence>(_ distribution: D, _ others: [D]) throws -> Self where D.Value == Int {
    var result = self
    result.divergences = try others.map { other in
      (try distribution.klDivergence(to: other), { other.logDensity(at: Int($0)) })
    }
    return result
  }

  /// The expectation of a function, by quadrature or by summing, ignoring where the density is zero.
  func expectation(_ function: (Double) -> Double) throws -> Double {
    func weighted(_ x: Double) -> Double {
      let density = exp(logDensity(x))
      return density > 0 ? density * function(x) : 0
    }
    let spread = variance.squareRoot()
    switch support {
    case .integers(let lower, let upper):
      let first = max(lower, Int(mean - 15 * spread - 60))
      return (first...min(upper, Int(mean + 15 * spread + 60))).reduce(0) { $0 + weighted(Double($1)) }
    case .interval(let lower, let upper):
      let cuts = [-40.0, -10, -3, -1, -0.3, 0, 0.3, 1, 3, 10, 40].map { mean + $0 * spread } + jumps + [lower, upper]
      let ends = cuts.filter { $0 >= lower && $0 <= upper && $0.isFinite }.sorted()
      return try zip(ends, ends.dropFirst()).reduce(0) { sum, piece in
        try sum
          + SpecialFunctions.integrate(
            from: piece.0, to: piece.1, relativeTolerance: 1e-8, absoluteTolerance: 1e-10, weighted
          ).value
      }
    case .vectors: return .nan
    }
  }

  static let all: Result<[DistributionCase], any Error> = Result {
    var cases: [DistributionCase] = []
    for (mean, deviation) in [(0.0, 1.0), (-3, 0.01), (1e6, 50)] {
      let d = try Normal(mean: mean, standardDeviation: deviation)
      let others = [try Normal(mean: mean + deviation, standardDeviation: 2 * deviation)]
      cases.append(try .init(d) { gsl_cdf_gaussian_P($0 - mean, deviation) }.against(d, others))
    }
    for p in [0, 1e-3, 0.3, 0.999, 1] {
      let d = try Bernoulli(probability: p)
      cases.append(
        try .init(d) { $0 < 0 ? 0 : $0 < 1 ? 1 - p : 1 }
          .against(d, [Bernoulli(probability: 0.6), Bernoulli(probability: 1e-6)]))
    }
    for (n, p) in [(0, 0.5), (1, 0.2), (20, 0.2), (100, 0.999), (5_000, 1e-3), (1_000_000, 0.5)] {
      let d = try Binomial(trials: n, probability: p)
      cases.append(
        try .init(d) { $0 < 0 ? 0 : gsl_cdf_binomial_P(UInt32($0), p, UInt32(n)) }
          .against(d, [Binomial(trials: n, probability: 0.4 * p + 0.3)]))
    }
    for p in [[1], [0.5, 0, 0.2, 0.3], [1e-4, 0.9998, 1e-4]] {
      let d = try Categorical(probabilities: p)
      let other = try Categorical(probabilities: p.map { _ in 1 / Double(p.count) })
      cases.append(
        try .init(d) { x in x < 0 ? 0 : p.prefix(Int(x) + 1).reduce(0, +) }.against(d, [other]))
    }
    for (a, b) in [(0.0, 1.0), (-5, 1e3)] {
      let d = try Uniform(lower: a, upper: b)
      cases.append(
        try .init(d) { gsl_cdf_flat_P($0, a, b) }.against(d, [Uniform(lower: a - 1, upper: b + 2)]))
    }
    for (k, s) in [(0.5, 2.0), (1, 1), (2.5, 1e-3), (9.9, 1), (30, 2), (1e4, 1)] {
      let d = try Gamma(shape: k, scale: s)
      cases.append(
        try .init(d) { gsl_cdf_gamma_P($0, k, s) }
          .against(d, [Gamma(shape: k * 1.1, scale: s * 0.9), Gamma(shape: k, scale: 1.5 * s)]))
    }
    for (a, b) in [(0.5, 0.5), (1, 1), (2, 5), (0.7, 30), (50, 80)] {
      let d = try Beta(alpha: a, beta: b)
      cases.append(
        try .init(d) { gsl_cdf_beta_P($0, a, b) }
          .against(d, [Beta(alpha: a + 1, beta: b), Beta(alpha: a, beta: 1.2 * b)]))
    }
    for l in [0, 1e-3, 0.9, 30, 999, 1e6] {
      let d = try Poisson(mean: l)
      cases.append(
        try .init(d) { $0 < 0 ? 0 : l == 0 ? 1 : gsl_cdf_poisson_P(UInt32($0), l) }
          .against(d, [Poisson(mean: 1.01 * l + 0.5)]))
    }
    let bumps = try Mixture(
      weights: [0.3, 0.7],
      components: [Normal(mean: -2, standardDeviation: 0.1), Normal(mean: 1, standardDeviation: 2)])
    cases.append(
      try .init(bumps) { 0.3 * gsl_cdf_gaussian_P($0 + 2, 0.1) + 0.7 * gsl_cdf_gaussian_P($0 - 1, 2) })
    let boxes = try Mixture(weights: [0.5, 0.5], components: [Uniform(), Uniform(lower: 0.5, upper: 3)])
    var boxCase = try DistributionCase(boxes) { (gsl_cdf_flat_P($0, 0, 1) + gsl_cdf_flat_P($0, 0.5, 3)) / 2 }
    boxCase.jumps = [0.5, 1]
    cases.append(boxCase)
    let counts = try Mixture(weights: [0.25, 0, 0.75], components: [2, 10, 500].map { try Poisson(mean: $0) })
    cases.append(
      try .init(counts) {
        $0 < 0 ? 0 : 0.25 * gsl_cdf_poisson_P(UInt32($0), 2) + 0.75 * gsl_cdf_poisson_P(UInt32($0), 500)
      })
    return cases
  }
}
