import CGSL
import Foundation
import Testing

@testable import Distributions

/// What every distribution has to pass.
@Suite struct BatteryTests {
  static let cases = (try? DistributionCase.all.get()) ?? []

  static func sample(_ d: DistributionCase, _ count: Int = 20_000) -> [Double] {
    var stream = RandomStream(seed: 11, purpose: Purpose("battery").appending(d.name))
    return (0..<count).map { _ in d.sample(&stream) }
  }

  @Test func casesAreThere() throws {
    #expect(try DistributionCase.all.get().count == 39)
  }

  @Test(arguments: cases) func densityHasMassOne(_ d: DistributionCase) throws {
    #expect(abs(try d.expectation { _ in 1 } - 1) < 1e-7)
  }

  @Test(arguments: cases) func momentsAreThoseOfTheDensity(_ d: DistributionCase) throws {
    let scale = max(d.variance.squareRoot(), 1e-300)
    #expect(abs(try d.expectation { ($0 - d.mean) / scale }) < 1e-6)
    #expect(abs(try d.expectation { ($0 - d.mean) / scale * ($0 - d.mean) / scale } - (d.variance > 0 ? 1 : 0)) < 1e-6)
  }

  @Test(arguments: cases) func samplesHaveTheMoments(_ d: DistributionCase) {
    let sample = Self.sample(d)
    let (mean, error) = meanAndError(sample)
    #expect(abs(mean - d.mean) <= 5 * error)
    let (variance, varianceError) = meanAndError(sample.map { ($0 - d.mean) * ($0 - d.mean) })
    #expect(abs(variance - d.variance) <= 5 * varianceError)
  }

  @Test(arguments: cases) func samplesFollowTheCumulativeFunction(_ d: DistributionCase) {
    let sample = Self.sample(d)
    guard d.isDiscrete else {
      #expect(kolmogorovStatistic(sample, cumulative: d.cumulative) < kolmogorovLimit)
      return
    }
    // Neighbouring values joined until 20 are expected; the last bin is open.
    var counts: [Double: Double] = [:]
    for value in sample { counts[value, default: 0] += 1 }
    let (first, last) = (sample.min() ?? 0, sample.max() ?? 0)
    var (statistic, bins, below, observed) = (0.0, 0.0, 0.0, 0.0)
    var value = min(first, max(0, (d.mean - 15 * d.variance.squareRoot()).rounded(.down)))
    while value <= last {
      observed += counts[value] ?? 0
      let cumulative = d.cumulative(value)
      let expected = (cumulative - below) * Double(sample.count)
      if expected >= 20, (1 - cumulative) * Double(sample.count) >= 20 {
        statistic += (observed - expected) * (observed - expected) / expected
        (bins, below, observed) = (bins + 1, cumulative, 0)
      }
      value += 1
    }
    let expected = (1 - below) * Double(sample.count)
    statistic += (observed - expected) * (observed - expected) / expected
    #expect(bins == 0 ? statistic < 1e-9 : gsl_cdf_chisq_Q(statistic, bins) > 1e-6)
  }

  @Test(arguments: cases) func entropyIsTheMeanSurprise(_ d: DistributionCase) throws {
    let expected = try d.expectation { -d.logDensity($0) }
    #expect(abs(d.entropy - expected) < 1e-7 * max(1, abs(expected)))
    let (mean, error) = meanAndError(Self.sample(d).map { -d.logDensity($0) })
    #expect(abs(mean - d.entropy) <= 5 * error + 1e-9)
  }

  @Test(arguments: cases) func samplesLieInTheSupport(_ d: DistributionCase) {
    for value in Self.sample(d, 2_000) {
      #expect(d.isDiscrete ? d.support.contains(Int(value)) : d.support.contains(value))
      #expect(d.logDensity(value) > -.infinity)
    }
    switch d.support {
    case .integers(let lower, let upper):
      #expect(d.logDensity(Double(lower) - 1) == -.infinity)
      if upper < .max { #expect(d.logDensity(Double(upper) + 1) == -.infinity) }
    case .interval(let lower, let upper):
      if lower.isFinite { #expect(d.logDensity(lower - 1e-9 * max(1, abs(lower))) == -.infinity) }
      if upper.isFinite { #expect(d.logDensity(upper + 1e-9 * max(1, abs(upper))) == -.infinity) }
      #expect(d.logDensity(.infinity) == -.infinity)
      #expect(d.logDensity(.nan).isNaN || d.logDensity(.nan) == -.infinity)
    case .vectors: Issue.record("no case has vectors")
    }
  }

  @Test(arguments: cases) func divergencesAreMeanLogRatios(_ d: DistributionCase) throws {
    for (value, otherLogDensity) in d.divergences {
      let expected = try d.expectation { d.logDensity($0) - otherLogDensity($0) }
      #expect(value >= 0)
      #expect(value == expected || abs(value - expected) < 1e-7 * max(1, expected), "\(value) \(expected)")
    }
  }

  @Test(arguments: cases) func streamsDecideTheSample(_ d: DistributionCase) {
    #expect(Self.sample(d, 10) == Self.sample(d, 10))
  }
}

@Suite struct FamilyTests {
  @Test func divergenceFromItselfIsZero() throws {
    #expect(try Normal(mean: 3, standardDeviation: 0.1).klDivergence(to: .init(mean: 3, standardDeviation: 0.1)) == 0)
    #expect(try Gamma(shape: 1e7, scale: 3).klDivergence(to: Gamma(shape: 1e7, scale: 3)) == 0)
    #expect(try Beta(alpha: 1e7, beta: 3).klDivergence(to: Beta(alpha: 1e7, beta: 3)) == 0)
    #expect(try Poisson(mean: 12).klDivergence(to: Poisson(mean: 12)) == 0)
  }

  @Test func divergenceIsInfiniteWhereTheOtherExcludes() throws {
    #expect(try Bernoulli(probability: 0.5).klDivergence(to: Bernoulli(probability: 1)) == .infinity)
    #expect(try Uniform().klDivergence(to: Uniform(lower: 0.1, upper: 3)) == .infinity)
    #expect(try Poisson(mean: 1).klDivergence(to: Poisson(mean: 0)) == .infinity)
    #expect(
      try Categorical(probabilities: [0.5, 0.5]).klDivergence(to: Categorical(probabilities: [1, 0])) == .infinity)
  }

  @Test func diagonalNormalIsAProductOfNormals() throws {
    let (means, deviations) = ([1.0, -2, 1e3], [0.5, 2, 30])
    let joint = try DiagonalNormal(mean: means, standardDeviations: deviations)
    let other = try DiagonalNormal(mean: [0, 0, 900], standardDeviations: [1, 1, 40])
    let parts = try zip(means, deviations).map { try Normal(mean: $0, standardDeviation: $1) }
    let otherParts = try zip(other.mean, other.standardDeviations).map { try Normal(mean: $0, standardDeviation: $1) }
    let point = [0.7, -3, 1_020]
    func sum(_ part: (Int) -> Double) -> Double { (0..<3).reduce(0) { $0 + part($1) } }
    #expect(abs(joint.logDensity(at: point) - sum { parts[$0].logDensity(at: point[$0]) }) < 1e-13)
    #expect(abs(joint.entropy - sum { parts[$0].entropy }) < 1e-13)
    #expect(abs(try joint.klDivergence(to: other) - sum { parts[$0].klDivergence(to: otherParts[$0]) }) < 1e-13)
    #expect(joint.variance == [0.25, 4, 900])
    #expect(joint.support.contains(point))
    #expect(!joint.support.contains([1]))
    #expect(joint.logDensity(at: [1]) == -.infinity)
    var stream = RandomStream(seed: 1, purpose: "joint")
    let sample = (0..<20_000).map { _ in joint.sample(using: &stream) }
    for index in 0..<3 {
      let statistic = kolmogorovStatistic(sample.map { $0[index] }) {
        gsl_cdf_gaussian_P($0 - means[index], deviations[index])
      }
      #expect(statistic < kolmogorovLimit)
    }
    for (first, second) in [(0, 1), (0, 2), (1, 2)] {
      let (mean, error) = meanAndError(
        sample.map { ($0[first] - means[first]) * ($0[second] - means[second]) })
      #expect(abs(mean) < 5 * error)
    }
  }

  @Test func mixturesOfOneAreTheirComponent() throws {
    for shape in [0.1, 0.3, 2, 50] {
      let gamma = try Gamma(shape: shape, scale: 3)
      #expect(abs(try Mixture(weights: [1], components: [gamma]).entropy - gamma.entropy) < 1e-8)
      let beta = try Beta(alpha: 2, beta: 0.7 * shape + 0.4)
      #expect(abs(try Mixture(weights: [1], components: [beta]).entropy - beta.entropy) < 1e-5)
    }
    // Mass that Double can't place is reported, not dropped.
    let spike = try Mixture(weights: [0.5, 0.5], components: [Gamma(shape: 1e-3), Gamma(shape: 3)])
    #expect(throws: DistributionError.self) { try spike.entropy }
  }

  @Test func extremeParametersGiveNoNaN() throws {
    let wide = try Normal(standardDeviation: 1e308)
    let narrow = try Normal(standardDeviation: 1e-308)
    #expect(wide.klDivergence(to: narrow) == .infinity)
    #expect(abs(narrow.klDivergence(to: wide) - (616 * log(10) - 0.5)) < 1e-9)
    var stream = RandomStream(seed: 1, purpose: "extremes")
    for (a, b) in [(1e-300, 1e-300), (1e-300, 1), (1e300, 1e300), (1e300, 1e-300)] {
      let beta = try Beta(alpha: a, beta: b)
      #expect(beta.support.contains(beta.sample(using: &stream)))
      #expect(beta.entropy.isFinite)
      let gamma = try Gamma(shape: a, scale: b)
      #expect(gamma.sample(using: &stream) >= 0)
      #expect(gamma.entropy.isFinite)
    }
  }

  @Test func mixturesOfVectors() throws {
    let mixture = try Mixture(
      weights: [0.25, 0.75],
      components: [
        DiagonalNormal(mean: [0, 4], standardDeviations: [1, 1]),
        DiagonalNormal(mean: [4, 0], standardDeviations: [2, 1]),
      ])
    #expect(mixture.mean == [3, 1])
    #expect(mixture.variance == [6.25, 4])
    #expect(mixture.support == .vectors(dimensions: 2))
    let error = #expect(throws: DistributionError.self) { try mixture.entropy }
    #expect(
      error?.description
        == "Mixture.entropy: the number of dimensions is 2; average -logDensity over samples instead.")
    let line = try Mixture(
      weights: [0.5, 0.5],
      components: [-1, 1].map { try DiagonalNormal(mean: [$0], standardDeviations: [0.3]) })
    let same = try Mixture(
      weights: [0.5, 0.5], components: [-1, 1].map { try Normal(mean: $0, standardDeviation: 0.3) })
    #expect(abs(try line.entropy - same.entropy) < 1e-9)
  }
}
