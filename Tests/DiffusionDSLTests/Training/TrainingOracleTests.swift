import Foundation
import Testing

@testable import DiffusionDSL

/// Everything that can be declared is trained on Gaussian data, where the best bound is known.
@Suite struct TrainingOracleTests {
  static let mean = 0.4
  static let deviation = 0.5

  /// Rows at the quantiles of N(m, s^2), so that training meets its moments and no luck of a draw.
  static func quantileRows(m: Double = mean, s: Double = deviation) throws -> Dataset {
    try Dataset(complete: quantiles.map { m + s * $0 }, dimensions: 1)
  }

  /// The middles of 4,096 equally likely cells of N(0, 1), stretched to variance 1.
  private static let quantiles: [Double] = {
    let count = 4_096
    let values = (0..<count).map { index in
      var (low, high) = (-9.0, 9.0)
      while high - low > 1e-12 {
        let middle = (low + high) / 2
        if erfc(-middle / 2.0.squareRoot()) / 2 < (Double(index) + 0.5) / Double(count) {
          low = middle
        } else {
          high = middle
        }
      }
      return low
    }
    let scale = (values.reduce(0) { $0 + $1 * $1 } / Double(count)).squareRoot()
    return values.map { $0 / scale }
  }()

  /// A combination and the bound it is to reach.
  struct Case: Sendable, CustomTestStringConvertible {
    var name: String
    var definition: Diffusion
    var rate = 5e-2
    var steps = 2_000
    var testDescription: String { name }
  }

  static let schedules: [(String, any DiffusionSchedule)] = [
    ("ConstantErasure", ConstantErasure(steps: 10)), ("Linear", Linear(steps: 22)), ("Cosine", Cosine(steps: 10)),
    ("Geometric", Geometric(steps: 10, firstVariance: 1e-2, lastVariance: 0.99)),
    ("SignalToNoise", SignalToNoise(steps: 10, firstVariance: 1e-2, lastVariance: 0.99)),
    ("Fixed", Fixed([0.02, 0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.7, 0.9])),
    ("LearnedSchedule", LearnedSchedule(steps: 10, firstVariance: 1e-2)),
  ]
  static let variances: [VarianceParameterisation] = [.learned, .forward, .posterior]
  static let readouts: [Readout.Kind] = [.perStep, .bumps(8), .shared]

  /// Betas without a jump, which readouts that are smooth in t can follow.
  static let smooth = Fixed((0..<10).map { 0.02 * pow(30, Double($0) / 9) })

  static func diffusion(_ schedule: some DiffusionSchedule, _ network: ReverseNetwork) -> Diffusion {
    Diffusion {
      GaussianKernel(dimensions: 1)
      schedule
      network
    }
  }

  /// Every schedule, mean, variance and last step, with an affine network.
  static var steps: [Case] {
    schedules.flatMap { name, schedule in
      MeanParameterisation.allCases.flatMap { mean in
        variances.flatMap { variance in
          LastStep.both.map { last in
            Case(
              name: "\(name), mean \(mean), variance \(variance), last step \(last)",
              definition: diffusion(
                schedule, ReverseNetwork(mean: mean, variance: variance, lastStep: last) { Readout(.perStep) }),
              // (mu - x) / Sigma is large where Sigma is much smaller than beta.
              rate: mean == .interpolated && variance == .posterior ? 0.2 : 5e-2,
              steps: schedule.isLearned ? 4_000 : 2_000)
          }
        }
      }
    }
  }

  /// Every readout with every mean, variance and last step.
  static var readoutCases: [Case] {
    readouts.flatMap { readout in
      MeanParameterisation.allCases.flatMap { mean in
        variances.flatMap { variance in
          LastStep.both.map { last in
            Case(
              name: "\(readout), mean \(mean), variance \(variance), last step \(last)",
              definition: diffusion(
                smooth,
                ReverseNetwork(mean: mean, variance: variance, lastStep: last) {
                  // A readout shared over t needs hidden units, for the step multiplies the state.
                  if case .shared = readout { Dense(24, activation: .tanh) }
                  Readout(readout)
                }),
              rate: mean == .interpolated && variance == .posterior ? 0.2 : 5e-2,
              steps: readout == .shared ? 4_000 : 2_000)
          }
        }
      }
    }
  }

  /// Every layer with every readout and last step.
  ///
  /// Left out is an affine layer before a readout shared over t: it adds what it knows of t to what it knows of x, and
  /// cannot multiply the two, so its best bound lies 0.15 bits below.
  static var layerCases: [Case] {
    let layers: [(String, [Placed<AnyLayer>])] =
      Activation.allCases.map { ("Dense \($0)", LayerBuilder.buildExpression(Dense(16, activation: $0))) } + [
        ("RadialBasis", LayerBuilder.buildExpression(RadialBasis(units: 12))),
        (
          "Parallel",
          LayerBuilder.buildExpression(
            Parallel {
              Dense(8, activation: .tanh)
              RadialBasis(units: 6)
            })
        ),
        (
          "Chain",
          LayerBuilder.buildExpression(
            Chain {
              Dense(8, activation: .silu)
              Dense(8, activation: .tanh)
            })
        ),
        (
          "Residual",
          LayerBuilder.buildExpression(Dense(8))
            + LayerBuilder.buildExpression(Residual { Dense(8, activation: .tanh) })
        ),
      ]
    return layers.flatMap { name, layers in
      readouts.flatMap { readout in
        if readout == .shared, name == "Dense identity" { return [Case]() }
        return LastStep.both.map { last in
          Case(
            name: "\(name), \(readout), last step \(last)",
            definition: diffusion(
              smooth,
              ReverseNetwork(lastStep: last) {
                for layer in layers { layer.value.layer }
                Readout(readout)
              }),
            steps: readout == .shared ? 4_000 : 2_000)
        }
      }
    }
  }

  /// The best K in bits that the definition's family has at given betas.
  static func optimum(_ trained: TrainedDiffusion, betas: [Double]) -> Double {
    guard case .network(let network) = trained.definition.reverse else { return .nan }
    var oracle = GaussianOracle(betas: betas, m: mean, s: deviation)
    oracle.holdsFinalVariance = true
    let variance: GaussianOracle.Variance =
      switch network.variance {
      case .learned: .exact
      case .forward: .forward
      case .posterior: .posterior
      }
    return oracle.bound(variance, network.lastStep) / M_LN2
  }

  /// The best K in bits over learned schedules too: coordinate after coordinate with steps that shrink.
  static func bestOverSchedules(_ trained: TrainedDiffusion) -> Double {
    let start = trained.definition.schedule.betas
    var logits = start.dropFirst().map { log($0) - log1p(-$0) }
    func value(_ logits: [Double]) -> Double {
      optimum(trained, betas: [start[0]] + logits.map { 1 / (1 + exp(-$0)) })
    }
    var (best, step) = (value(logits), 1.0)
    while step > 1e-3 {
      var isBetter = false
      for index in logits.indices {
        for sign in [-1.0, 1] {
          var trial = logits
          trial[index] = max(-12, min(12, trial[index] + sign * step))
          let found = value(trial)
          if found > best + 1e-9 { (best, logits, isBetter) = (found, trial, true) }
        }
      }
      if !isBetter { step /= 2 }
    }
    return best
  }

  static func train(_ row: Case) async throws -> TrainedDiffusion {
    var options = TrainingOptions(batchSize: 256, scaling: .none, threads: 1)
    options.tileRows = 16
    return try await row.definition.fit(
      to: quantileRows(), using: .adam(rate: .cosine(row.rate)), steps: row.steps, seed: 1, options: options)
  }

  private func check(_ row: Case, within tolerance: Double = 0.02) async throws {
    let trained = try await Self.train(row)
    let found = try trained.boundByQuadrature(m: Self.mean, s: Self.deviation) / M_LN2
    let best = Self.optimum(trained, betas: trained.betas)
    #expect(found > best - tolerance && found < best + 1e-4, "\(found) bits where \(best) is the optimum")
    if trained.definition.schedule.isLearned {
      let overall = Self.bestOverSchedules(trained)
      #expect(found > overall - tolerance, "\(found) bits where the best schedule gives \(overall)")
    }
  }

  @Test(arguments: steps) func everyScheduleAndParameterisation(_ row: Case) async throws { try await check(row) }
  @Test(arguments: readoutCases) func everyReadout(_ row: Case) async throws { try await check(row) }
  @Test(arguments: layerCases) func everyLayer(_ row: Case) async throws { try await check(row) }

  /// An affine network of independent readouts has the exact reverse steps in its family, and finds them.
  @Test(
    arguments: GaussianBoundTests.cases.filter {
      $0.s != 1 && ["Cosine", "ConstantErasure"].contains($0.schedule)
    })
  func anAffineNetworkReachesTheExactBound(_ row: References.Gaussian.Case) async throws {
    for lastStep in LastStep.both {
      let definition = Self.diffusion(
        GaussianBoundTests.schedule(row), ReverseNetwork(lastStep: lastStep) { Readout(.perStep) })
      let trained = try await definition.fit(
        to: Self.quantileRows(m: row.m, s: row.s), using: .adam(rate: .cosine(5e-2)), steps: 4_000, seed: 2,
        options: TrainingOptions(batchSize: 1_024, scaling: .none, threads: 1))
      let found = try trained.boundByQuadrature(m: row.m, s: row.s) / M_LN2
      var exact = GaussianBoundTests.reference(row, lastStep, .exact) / M_LN2
      if row.beta.last == 1 {
        // The variance at a beta of 1 is 1, which costs a known amount.
        var oracle = GaussianOracle(betas: row.beta, m: row.m, s: row.s)
        oracle.holdsFinalVariance = true
        exact = oracle.bound(.exact, lastStep) / M_LN2
      }
      #expect(found > exact - 0.005 && found < exact + 1e-4, "\(found) bits where \(exact) is exact")
    }
  }
}
