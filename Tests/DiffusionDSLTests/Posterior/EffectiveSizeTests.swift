import Foundation
import Testing

@testable import DiffusionDSL

/// What an answer is worth in independent draws.
@Suite struct EffectiveSizeTests {
  private static func particles(_ values: [Double], weights: [Double]? = nil, ancestors: [Int]? = nil)
    -> PosteriorAnswer.ParticleSystem
  {
    PosteriorAnswer.ParticleSystem(
      rows: Rows(flat: values, dimensions: 1),
      weights: weights ?? values.map { _ in 1 / Double(values.count) }, ancestors: ancestors ?? Array(values.indices))
  }

  @Test func independentDrawsCountAsTheyAre() {
    var stream = RandomStream(seed: 1, purpose: "effective size")
    let values = (0..<1_000).map { _ in Double(stream.nextNormal()) }
    let size = PosteriorAnswer.effectiveSampleSize(of: [Self.particles(values)], scales: [1])
    // 1,000 squares over their mean.
    #expect(abs(size - 1_000) < 1e-6)
    // In other units too.
    for unit in [1e-9, 1e9] {
      let other = PosteriorAnswer.effectiveSampleSize(
        of: [Self.particles(values.map { unit * $0 + unit })], scales: [unit])
      #expect(abs(other - size) < 1e-3)
    }
  }

  @Test func descendantsOfOneParticleAreOneCase() {
    let values = (0..<100).map { Double($0 % 10) }
    let families = (0..<100).map { $0 % 10 }
    let size = PosteriorAnswer.effectiveSampleSize(of: [Self.particles(values, ancestors: families)], scales: [1])
    #expect(abs(size - 10) < 1e-9)
    let one = PosteriorAnswer.effectiveSampleSize(
      of: [Self.particles(values, ancestors: Array(repeating: 3, count: 100))], scales: [1])
    #expect(abs(one - 1) < 1e-9)
  }

  @Test func oneRepeatThatOutweighsAllOthersIsWorthLittle() {
    let values = (0..<50).map { Double($0) }
    let shares = [1.0] + Array(repeating: 1e-300, count: 9)
    let systems = shares.map { share in Self.particles(values, weights: values.map { _ in share / 50 }) }
    let size = PosteriorAnswer.effectiveSampleSize(of: systems, scales: [1])
    #expect(size >= 1 && size < 60)
    let none = ([1.0] + Array(repeating: 0, count: 9)).map { share in
      Self.particles(values, weights: values.map { _ in share / 50 })
    }
    #expect(PosteriorAnswer.effectiveSampleSize(of: none, scales: [1]) == 1)
  }

  /// With one repeat: the spread of means over seeds is what the effective size says.
  @Test func aSingleRepeatKnowsItsError() throws {
    let (trained, covariance) = try GaussianPosteriorTests.model(.learned())
    let query = trained.posterior { Observe(0, equals: 0.8) }
    let variance = covariance[1][1] - covariance[0][1] * covariance[0][1] / covariance[0][0]
    var (means, errors): ([Double], [Double]) = ([], [])
    for seed in 0..<80 {
      let answer = try query.sample(1, method: .particles(500, repeats: 1), seed: UInt64(seed))
      means.append(try answer.mean(of: 1).value)
      errors.append(variance / answer.effectiveSampleSize)
    }
    let spread = RowAverage(nil)(means).standardError * 80.0.squareRoot()
    let stated = (errors.reduce(0, +) / 80).squareRoot()
    // A standard deviation of 80 values is known to 8%: five of these, and what the statement itself is off.
    #expect(abs(spread / stated - 1) < 0.5, "\(spread) where \(stated) is stated")
  }

  @Test func sumsOfTheOthers() {
    #expect(sumsWithoutEach([1, 2, 4]) == [6, 5, 3] && sumsWithoutEach([1e300, 1]) == [1, 1e300])
    #expect(sumsWithoutEach([]).isEmpty)
    #expect(jackknife([0, .nan]) == .infinity)
  }
}
