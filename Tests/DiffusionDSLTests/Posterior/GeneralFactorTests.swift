import Foundation
import Testing

@testable import DiffusionDSL

/// Factors without a closed form, from wide to sharp, against reweighted samples of the model itself.
@Suite struct GeneralFactorTests {
  /// A ring of clusters on a plane: no factor below is a function of one number.
  private static func ring() throws -> TrainedDiffusion {
    let angles = (0..<8).map { Double($0) * Double.pi / 4 }
    let mixture = GaussianMixture(
      weights: angles.map { _ in 0.125 }, means: angles.map { [1.2 * cos($0), 1.2 * sin($0)] },
      deviations: angles.map { _ in 0.2 })
    return try TrainedDiffusion(
      Diffusion {
        GaussianKernel(dimensions: 2)
        ConstantErasure(steps: 40)
        mixture.reverseFunction(lastStep: .learned())
      })
  }

  /// A million samples of the model in parts of one size, which every factor reweights.
  private static let parts = Result {
    let trained = try ring()
    let size = 10_000
    return try (0..<100).map { try trained.sample(size, seed: 5, firstChain: UInt64($0 * size)) }
  }

  private static let forms:
    [(name: String, factor: @Sendable (Double) -> Factor, log: @Sendable (Double, [Double]) -> Double)] = [
      (
        "sum", { width in Factor { x in -square((x[0] + x[1] - 1) / width) * 0.5 } },
        { -pow(($1[0] + $1[1] - 1) / $0, 2) / 2 }
      ),
      (
        "product", { width in Factor { x in -square((x[0] * x[1] - 0.6) / width) * 0.5 } },
        { -pow(($1[0] * $1[1] - 0.6) / $0, 2) / 2 }
      ),
      (
        "comparison", { width in Factor { x in -softplus((x[0] - 2 * x[1] + 1) / width) } },
        { -Foundation.log1p(Foundation.exp(($1[0] - 2 * $1[1] + 1) / $0)) }
      ),
      (
        "threshold", { width in Factor { x in select(x[0] * x[1] .> 1 - width, 0, -1e30) } },
        { $1[0] * $1[1] > 1 - $0 ? 0 : -.infinity }
      ),
    ]

  @Test(arguments: forms.indices, [1, 0.3, 0.1, 0.03]) func sharpFactors(_ index: Int, _ width: Double) throws {
    let (name, factor, log) = Self.forms[index]
    let trained = try Self.ring()
    var (evidences, sums) = ([Double](), [Double]())
    for samples in try Self.parts.get() {
      let weights = samples.map { exp(log(width, $0)) }
      evidences.append(weights.reduce(0, +) / Double(samples.count))
      sums.append(zip(weights, samples).reduce(0) { $0 + $1.0 * $1.1[1] } / Double(samples.count))
    }
    let evidence = RowAverage(nil)(evidences)
    let mean = sums.reduce(0, +) / evidences.reduce(0, +)
    let meanError = RowAverage(nil)(zip(sums, evidences).map { ($0 - mean * $1) / evidence.mean }).standardError

    for guidance in [nil, Guidance.twisted] {
      let answer = try (trained * factor(width)).sample(
        10, method: .particles(2_000, repeats: 30), guidance: guidance, seed: 3)
      let label = "\(name), \(width), \(guidance?.name ?? "default"): \(answer)"
      let limit = standardErrors(comparisons: 2 * 2 * 16, degreesOfFreedom: 29)
      let (ratio, error) = RowAverage(nil)(answer.logEvidences.map { exp($0) / evidence.mean })
      let relative = evidence.standardError / evidence.mean
      #expect(abs(ratio - 1) < limit * (error * error + relative * relative).squareRoot(), "\(label)")
      let found = try answer.mean(of: 1)
      let both = (pow(try #require(found.standardError), 2) + meanError * meanError).squareRoot()
      #expect(abs(found.value - mean) < limit * both, "\(label): mean \(found), not \(mean)")
      // Samples of the model without any guidance would do as well or better but for a factor of four.
      let unguided = 1 / (evidence.mean * 60_000)
      #expect(error * error < 4 * max(unguided, 1 / 60_000.0), "\(label)")
      #expect(answer.warnings.isEmpty, "\(label)")
    }
  }

  /// The errors that an answer states are those that it has.
  @Test func errorsAreCalibrated() throws {
    let trained = try Self.ring()
    let query = trained * Factor { x in -square((x[0] * x[1] - 0.6) / 0.1) * 0.5 }
    var (logs, means, sizes): ([Double], [Double], [Double]) = ([], [], [])
    var (logErrors, meanErrors): ([Double], [Double]) = ([], [])
    var (quartiles, quartileErrors): ([Double], [Double]) = ([], [])
    for seed in 0..<60 {
      let answer = try query.sample(1, method: .particles(300, repeats: 20), seed: UInt64(seed))
      let mean = try answer.mean(of: 1)
      logs.append(answer.logEvidence)
      means.append(mean.value)
      sizes.append(answer.effectiveSampleSize)
      let quartile = try answer.quantiles(of: 1, [0.25])[0]
      quartiles.append(quartile.value)
      quartileErrors.append(try #require(quartile.standardError))
      logErrors.append(try #require(answer.logEvidenceStandardError))
      meanErrors.append(try #require(mean.standardError))
    }
    func ratio(_ values: [Double], _ errors: [Double]) -> Double {
      let spread = RowAverage(nil)(values).standardError * 60.0.squareRoot()
      return spread / (errors.reduce(0) { $0 + $1 * $1 } / 60).squareRoot()
    }
    // The standard deviation of 60 values is known to 9%, so this is 5 standard errors about 1, and a little more.
    #expect(abs(ratio(logs, logErrors) - 1) < 0.5, "log Z: \(ratio(logs, logErrors))")
    #expect(abs(ratio(means, meanErrors) - 1) < 0.5, "mean: \(ratio(means, meanErrors))")
    // A jackknife of a quantile is rough, but of that order.
    let rough = ratio(quartiles, quartileErrors)
    #expect(rough > 0.4 && rough < 2.5, "quartile: \(rough)")
    // The ring's second number has a variance of about 0.5 under the factor.
    let spread = RowAverage(nil)(means).standardError * 60.0.squareRoot()
    let typical = sizes.sorted()[30]
    #expect(typical * spread * spread > 0.15 && typical * spread * spread < 1.5, "worth \(typical) draws")
  }

  /// Where a few repeats decide, the answer says so instead of stating a small error.
  @Test func aFarObservationIsDoubted() throws {
    let trained = try Self.ring()
    let answer = try trained.posterior {
      Observe(0, equals: 40)
    }.sample(10, method: .particles(200, repeats: 10), seed: 1)
    let error = try #require(answer.logEvidenceStandardError)
    #expect(error > 1 && answer.warnings.count >= 1, "\(answer)")
    #expect(answer.description.contains("spreads"))
  }

  /// log(sigmoid(x)) is -infinity far out, and its gradient NaN there: that is r = 0 and no bend.
  @Test func infiniteLogarithmsAreZeros() throws {
    let trained = try Self.ring()
    let sharp = try (trained * Factor { x in log(sigmoid((x[0] - 0.5) * 400)) }).sample(
      10, method: .particles(1_000, repeats: 30), seed: 2)
    let smooth = try (trained * Factor { x in -softplus((x[0] - 0.5) * -400) }).sample(
      10, method: .particles(1_000, repeats: 30), seed: 2)
    let errors = [sharp, smooth].compactMap(\.logEvidenceStandardError).reduce(0) { $0 + $1 * $1 }
    let limit = standardErrors(comparisons: 1, degreesOfFreedom: 29)
    #expect(abs(sharp.logEvidence - smooth.logEvidence) < limit * errors.squareRoot())
  }
}
