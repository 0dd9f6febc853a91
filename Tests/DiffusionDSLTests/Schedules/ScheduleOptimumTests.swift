import Foundation
import Testing

@testable import DiffusionDSL

/// A learned schedule at T = 3 against the optimum found by brute force (References/schedule_optimum.py).
@Suite struct ScheduleOptimumTests {
  static let mixture = GaussianMixture(weights: [0.6, 0.4], means: [[-0.8], [1.2]], deviations: [0.3, 0.2])
  static let deviation = 0.5

  private static func lastStep(_ name: String) -> LastStep { name == "learned" ? .learned() : .paper }

  /// The values before the optimum: K at given betas.
  @Test func theBoundAtGivenBetasIsTheReferences() throws {
    let table = try References.read("schedule_optimum.json", as: References.ScheduleOptima.self)
    #expect(table.cases.count == 8)
    let rule = NormalRule(spacing: 0.25)
    for row in table.cases {
      for trial in row.at {
        let schedule = Fixed([table.beta1, trial.beta2, trial.beta3])
        let variance: GaussianOracle.Variance =
          switch row.variance {
          case "forward": .forward
          case "posterior": .posterior
          default: .exact
          }
        let isMixture = row.case == "mixture"
        let function =
          isMixture
          ? Self.mixture.reverseFunction(lastStep: Self.lastStep(row.lastStep))
          : GaussianOracle.reverseFunction(
            m: 0, s: Self.deviation, lastStep: Self.lastStep(row.lastStep), variance: variance)
        let model = try TrainedDiffusion(
          Diffusion {
            GaussianKernel(dimensions: 1)
            schedule
            function
          })
        let found =
          try isMixture
          ? model.boundByQuadrature(Self.mixture.points(rule), noise: rule)
          : model.boundByQuadrature(m: 0, s: Self.deviation)
        #expect(abs(found - trial.bound) < 1e-6 * abs(trial.bound), "\(row.case), \(row.variance), \(trial.beta2)")
      }
    }
  }

  private func check(_ trained: TrainedDiffusion, _ row: References.ScheduleOptima.Case) throws {
    let optimum = try #require(row.optimum)
    let tolerance = try #require(optimum.tolerance)
    #expect(optimum.interior)
    func logit(_ p: Double) -> Double { log(p) - log1p(-p) }
    for (index, best) in [optimum.beta2, optimum.beta3].enumerated() {
      let found = trained.betas[index + 1]
      #expect(
        abs(logit(found) - logit(best)) < tolerance[index], "beta_\(index + 2) = \(found) where \(best) is best")
    }
  }

  @Test(arguments: ["fixed", "learned"]) func anAffineNetworksScheduleFindsTheOptimum(_ last: String) async throws {
    let table = try References.read("schedule_optimum.json", as: References.ScheduleOptima.self)
    let row = try #require(
      table.cases.first { $0.case == "gaussian" && $0.variance == "forward" && $0.lastStep == last })
    let definition = Diffusion {
      GaussianKernel(dimensions: 1)
      LearnedSchedule(steps: 3, firstVariance: table.beta1)
      ReverseNetwork(variance: .forward, lastStep: Self.lastStep(last)) { Readout(.perStep) }
    }
    let trained = try await definition.fit(
      to: TrainingOracleTests.quantileRows(m: 0, s: Self.deviation), using: .adam(rate: .cosine(2e-2)), steps: 4_000,
      seed: 1, options: TrainingOptions(batchSize: 2_048, scaling: .none, averaging: 0.995))
    try check(trained, row)
    let best = try #require(row.optimum).bound
    let found = try trained.boundByQuadrature(m: 0, s: Self.deviation)
    #expect(found > best - 1e-3 && found < best + 1e-6)
  }

  @Test(arguments: ["fixed", "learned"]) func aFlexibleNetworksScheduleFindsTheOptimum(_ last: String) async throws {
    let table = try References.read("schedule_optimum.json", as: References.ScheduleOptima.self)
    let row = try #require(table.cases.first { $0.case == "mixture" && $0.lastStep == last })
    let definition = Diffusion {
      GaussianKernel(dimensions: 1)
      LearnedSchedule(steps: 3, firstVariance: table.beta1)
      ReverseNetwork(lastStep: Self.lastStep(last)) {
        RadialBasis(units: 32)
        Readout(.perStep)
      }
    }
    let trained = try await definition.fit(
      to: Self.mixture.rows(100_000, seed: 5), using: .adam(rate: .cosine(1e-2)), steps: 10_000, seed: 1,
      options: TrainingOptions(batchSize: 2_048, scaling: .none, averaging: 0.998))
    try check(trained, row)
    let best = try #require(row.optimum).bound
    let found = try trained.boundByQuadrature(
      Self.mixture.points(NormalRule(spacing: 0.25)), noise: NormalRule(spacing: 0.25))
    #expect(found > best - 5e-3 && found < best + 1e-6)
  }
}
