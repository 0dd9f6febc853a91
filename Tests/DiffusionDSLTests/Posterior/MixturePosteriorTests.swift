import Foundation
import Testing

@testable import DiffusionDSL

/// Posteriors of mixtures on a line, against the model's own density on a grid; and products of two models.
@Suite struct MixturePosteriorTests {
  struct Case: Sendable, CustomStringConvertible {
    let description: String
    var guidance: Guidance?
    let terms: @Sendable () -> [any PosteriorTerm]
    let log: @Sendable (Double) -> Double
  }
  static let cases: [Case] = [
    Case(description: "near") {
      [Near(0, to: 0.8, standardDeviation: 0.5)]
    } log: {
      GaussianPosteriorTests.normal($0 - 0.8, 0.25)
    },
    Case(description: "near, twisted", guidance: .twisted) {
      [Near(0, to: 0.8, standardDeviation: 0.5)]
    } log: {
      GaussianPosteriorTests.normal($0 - 0.8, 0.25)
    },
    Case(description: "near, by an exponent", guidance: .exponent { 1 - Double($0) / Double($1) }) {
      [Near(0, to: 0.8, standardDeviation: 0.5)]
    } log: {
      GaussianPosteriorTests.normal($0 - 0.8, 0.25)
    },
    Case(description: "smooth") {
      [Factor { x in 2 * sin(x[0] * 2) }]
    } log: {
      2 * sin($0 * 2)
    },
    Case(description: "interval") {
      [Between(0, -0.51, 0.71)]
    } log: {
      $0 > -0.51 && $0 < 0.71 ? 0 : -.infinity
    },
  ]

  @Test(arguments: cases.indices, LastStep.both) func particlesFindThePosterior(_ index: Int, _ lastStep: LastStep)
    throws
  {
    let item = Self.cases[index]
    for misfit in [1, 0.95] {
      let line = try LineModel(LineModel.three, steps: 40, lastStep, misfit: misfit)
      let truth = line.truth(item.log)
      let answer = try line.trained.posterior { item.terms() }.sample(
        10, method: .particles(2_000, repeats: 30), guidance: item.guidance, seed: 11)
      let limit = standardErrors(comparisons: 60)
      let (ratio, error) = RowAverage(nil)(answer.logEvidences.map { exp($0 - truth.logEvidence) })
      #expect(abs(ratio - 1) < limit * error + 1e-4, "\(item), \(lastStep), \(misfit): Z^ / Z = \(ratio)")
      let mean = try answer.mean(of: 0)
      #expect(
        abs(mean.value - truth.mean) < limit * (mean.standardError ?? 0) + 1e-4, "\(item), \(lastStep), \(misfit)")
      let square = answer.expectation { ($0[0] - truth.mean) * ($0[0] - truth.mean) }
      #expect(
        abs(square.value - truth.variance) < limit * (square.standardError ?? 0) + 1e-4,
        "\(item), \(lastStep), \(misfit)")
    }
  }

  /// A product of two models, each a factor of the other: the same posterior either way round.
  @Test func twoModelsAreMultiplied() throws {
    let (a, b) = (
      try LineModel(LineModel.three, steps: 20, .learned()), try LineModel(LineModel.two, steps: 20, .learned())
    )
    let truth = a.truth { x in
      let place = min(max(0, Int(((x - b.grid[0]) / LineModel.spacing).rounded())), b.grid.count - 1)
      return log(max(b.density[place], 1e-300))
    }
    for posterior in [a.trained * b.trained.factor(trajectories: 16), b.trained * a.trained.factor(trajectories: 16)] {
      let answer = try posterior.sample(10, method: .particles(1_000, repeats: 12), seed: 4)
      let (ratio, error) = RowAverage(nil)(answer.logEvidences.map { exp($0 - truth.logEvidence) })
      let limit = standardErrors(comparisons: 6)
      #expect(abs(ratio - 1) < limit * error, "Z^ / Z = \(ratio) +- \(error)")
      let mean = try answer.mean(of: 0)
      #expect(abs(mean.value - truth.mean) < limit * (mean.standardError ?? 0))
      let square = answer.expectation { ($0[0] - truth.mean) * ($0[0] - truth.mean) }
      #expect(abs(square.value - truth.variance) < limit * (square.standardError ?? 0))
      #expect(answer.guidance == "carried, general factors annealed")
    }
  }

  /// In two dimensions: a million reweighted samples of the model itself are the truth, whose error counts too.
  @Test func aPlaneOfClusters() throws {
    let mixture = GaussianMixture(
      weights: [0.4, 0.35, 0.25], means: [[-1, -0.6], [0.9, -0.3], [0.1, 1.1]], deviations: [0.35, 0.3, 0.4])
    let trained = try TrainedDiffusion(
      Diffusion {
        GaussianKernel(dimensions: 2)
        Cosine(steps: 30)
        mixture.reverseFunction(lastStep: .learned())
      })
    // In parts, whose spread gives the error.
    let (parts, size) = (100, 10_000)
    var (evidences, sums) = ([Double](), [[Double]]())
    for part in 0..<parts {
      let samples = try trained.sample(size, seed: 77, firstChain: UInt64(part * size))
      var (total, sum) = (0.0, [0.0, 0.0])
      for sample in samples {
        let weight = exp(GaussianPosteriorTests.normal(sample[0] - 0.5, 0.09) + sin(sample[1]))
        total += weight
        for column in 0..<2 { sum[column] += weight * sample[column] }
      }
      evidences.append(total / Double(size))
      sums.append(sum.map { $0 / Double(size) })
    }
    let evidence = RowAverage(nil)(evidences)
    let answer = try trained.posterior {
      Near(0, to: 0.5, standardDeviation: 0.3)
      Factor { x in sin(x[1]) }
    }.sample(10, method: .particles(3_000, repeats: 20), seed: 6)
    let limit = standardErrors(comparisons: 3)
    let (ratio, error) = RowAverage(nil)(answer.logEvidences.map { exp($0) / evidence.mean })
    let relative = evidence.standardError / evidence.mean
    #expect(abs(ratio - 1) < limit * (error * error + relative * relative).squareRoot())
    for column in 0..<2 {
      let truth = sums.reduce(0) { $0 + $1[column] } / (evidence.mean * Double(parts))
      let spread = RowAverage(nil)(zip(sums, evidences).map { ($0[column] - truth * $1) / evidence.mean })
      let found = try answer.mean(of: column)
      let both = (pow(found.standardError ?? 0, 2) + pow(spread.standardError, 2)).squareRoot()
      #expect(abs(found.value - truth) < limit * both, "column \(column)")
    }
  }

  /// Simulation-based calibration (Talts, Betancourt, Simpson, Vehtari, Gelman 2018): the rank of what was drawn from
  /// the model among draws from its posterior is uniform.
  @Test func ranksAreUniform() throws {
    let (trained, _) = try GaussianPosteriorTests.model(.learned(), misfit: 0.97)
    let replicates = 600
    let ranks = 10
    let priors = try trained.sample(replicates, seed: 21)
    let noise = NoiseSource(seed: 3, purpose: "measurement")
    var counts = Array(repeating: 0.0, count: ranks)
    for (replicate, prior) in priors.enumerated() {
      var stream = noise.stream(chain: UInt64(replicate), step: 0)
      let measured = prior[0] + 0.5 * Double(stream.nextNormal())
      let answer = try trained.posterior { Near(0, to: measured, standardDeviation: 0.5) }.sample(
        ranks - 1, method: .particles(300, repeats: 1), seed: UInt64(1_000 + replicate))
      counts[answer.samples.count { $0[1] < prior[1] }] += 1
    }
    let expected = Double(replicates) / Double(ranks)
    let statistic = counts.reduce(0) { $0 + ($1 - expected) * ($1 - expected) / expected }
    #expect(
      SpecialFunctions.chiSquareTail(statistic, degreesOfFreedom: Double(ranks - 1)) > 1e-6, "\(counts)")
  }
}
