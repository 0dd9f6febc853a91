import Foundation
import Testing

@testable import DiffusionDSL

/// Gaussian data: the exact reverse step is known, so the bound is known for every schedule and both last steps.
@Suite struct GaussianBoundTests {
  typealias Case = References.Gaussian.Case

  static let table = Result { try References.read("gaussian_reverse.json", as: References.Gaussian.self) }
  static var cases: [Case] { (try? table.get().cases) ?? [] }

  static func model(
    _ schedule: some DiffusionSchedule, m: Double, s: Double, _ lastStep: LastStep,
    _ variance: GaussianOracle.Variance = .exact
  ) throws -> TrainedDiffusion {
    try TrainedDiffusion(
      Diffusion {
        GaussianKernel(dimensions: 1)
        schedule
        GaussianOracle.reverseFunction(m: m, s: s, lastStep: lastStep, variance: variance)
      })
  }

  static func schedule(_ reference: Case) -> any DiffusionSchedule {
    switch reference.schedule {
    case "ConstantErasure": ConstantErasure(steps: reference.steps)
    case "Linear": Linear(steps: reference.steps)
    case "Cosine": Cosine(steps: reference.steps)
    default: Fixed(reference.beta)
    }
  }

  static func reference(_ row: Case, _ lastStep: LastStep, _ variance: GaussianOracle.Variance) -> Double {
    let bounds = if case .learned = lastStep { row.bound.learned } else { row.bound.fixed }
    return switch variance {
    case .exact: bounds.exact
    case .forward: bounds.forward
    case .posterior: bounds.posterior
    }
  }

  @Test func theTableIsThere() throws {
    #expect(try Self.table.get().cases.count >= 30)
    #expect(Self.cases.contains { $0.beta.last == 1 })
  }

  @Test func schedulesHaveTheReferencesBetas() throws {
    for row in try Self.table.get().schedules {
      let definition =
        switch row.schedule {
        case "ConstantErasure": AnySchedule(ConstantErasure(steps: row.steps))
        case "Linear": AnySchedule(Linear(steps: row.steps))
        default: AnySchedule(Cosine(steps: row.steps))
        }
      guard let betas = row.beta else {
        #expect(!definition.faults.isEmpty, "\(row.schedule), T = \(row.steps): a beta passes 1")
        continue
      }
      #expect(definition.faults.isEmpty)
      for (t, (found, expected)) in zip(definition.betas, betas).enumerated() {
        #expect(abs(found - expected) <= 1e-12 * expected, "\(row.schedule), beta_\(t + 1)")
      }
      #expect(definition.betas.count == betas.count)
    }
  }

  /// Geometric and learned schedules begin with 1 - abar_t growing by one factor.
  @Test func geometricSchedulesGrowByOneFactor() {
    let cases: [(any DiffusionSchedule, Double)] = [
      (Geometric(steps: 12, firstVariance: 1e-3), 0.9999),
      (Geometric(steps: 7, firstVariance: 1e-2, lastVariance: 0.5), 0.5),
      (LearnedSchedule(steps: 9, firstVariance: 1e-4), 0.995),
    ]
    for (schedule, last) in cases {
      let (steps, betas) = (schedule.steps, schedule.betas)
      let noises = GaussianOracle(betas: betas, m: 0, s: 1).noises
      let factor = pow(last / betas[0], 1 / Double(steps - 1))
      for t in 2...steps { #expect(abs(noises[t] / noises[t - 1] / factor - 1) < 1e-10) }
      #expect(abs(noises[steps] - last) < 1e-12)
    }
  }

  /// The logarithm of abar_t / (1 - abar_t) falls by the same number at every step.
  @Test func signalToNoiseSchedulesFallByOneFactor() {
    for (first, last) in [(1e-9, 0.9999), (1e-2, 0.5)] {
      let schedule = SignalToNoise(steps: 9, firstVariance: first, lastVariance: last)
      let noises = GaussianOracle(betas: schedule.betas, m: 0, s: 1).noises
      func logRatio(_ noise: Double) -> Double { log(1 - noise) - log(noise) }
      let fall = (logRatio(first) - logRatio(last)) / 8
      #expect(noises[1] == first && abs(noises[9] - last) < 1e-12)
      for t in 2...9 { #expect(abs(logRatio(noises[t - 1]) - logRatio(noises[t]) - fall) < 1e-9) }
    }
  }

  @Test(arguments: cases) func theOracleHereAgreesWithTheReference(_ row: Case) {
    let oracle = GaussianOracle(betas: row.beta, m: row.m, s: row.s)
    for t in 1...row.steps {
      let (a, b, c) = oracle.reverse(t)
      #expect(abs(a - row.slope[t - 1]) < 1e-12)
      #expect(abs(b - row.offset[t - 1]) < 1e-12)
      #expect(abs(c - row.variance[t - 1]) < 1e-12)
    }
    for lastStep in LastStep.both {
      for variance in GaussianOracle.Variance.allCases {
        let expected = Self.reference(row, lastStep, variance)
        #expect(abs(oracle.bound(variance, lastStep) - expected) < 1e-10 * max(1, abs(expected)))
      }
    }
  }

  /// Every term is quadratic in x_0 and the noise, so the average over a few points is the expectation: no draw enters.
  @Test(arguments: cases) func theBoundIsItsAnalyticValue(_ row: Case) throws {
    for lastStep in LastStep.both {
      for variance in GaussianOracle.Variance.allCases {
        let expected = Self.reference(row, lastStep, variance)
        let model = try Self.model(Self.schedule(row), m: row.m, s: row.s, lastStep, variance)
        for (precision, tolerance) in [(Precision.double, 1e-10), (.single, 1e-5)] {
          let found = try model.boundByQuadrature(m: row.m, s: row.s, precision: precision)
          #expect(
            abs(found - expected) < tolerance * max(1, abs(expected)),
            "\(lastStep), \(variance), \(precision): \(found) where \(expected) is right")
        }
      }
    }
  }

  /// K(x_0) of rows whose norm is not that of pi: what the closed-form corrections are for.
  @Test(arguments: cases) func singleRowsHaveTheirOwnBound(_ row: Case) throws {
    for lastStep in LastStep.both {
      let model = try Self.model(Self.schedule(row), m: row.m, s: row.s, lastStep)
      for example in row.examples {
        let expected = if case .learned = lastStep { example.learned } else { example.fixed }
        let found = try model.boundByQuadrature([(example.x0, 1)])
        #expect(abs(found - expected) < 1e-9 * max(1, abs(expected)), "\(lastStep), x_0 = \(example.x0)")
      }
    }
  }

  @Test(arguments: cases) func theEstimateIsWithinItsStandardError(_ row: Case) throws {
    let data = try normalRows(4_000, means: [row.m], deviations: [row.s], seed: 11)
    for (index, lastStep) in LastStep.both.enumerated() {
      let model = try Self.model(Self.schedule(row), m: row.m, s: row.s, lastStep)
      let expected = Self.reference(row, lastStep, .exact)
      for precision in [Precision.double, .single] {
        let bound = try model.lowerBound(
          on: data, seed: UInt64(index), options: ComputeOptions(threads: 1, precision: precision))
        #expect(
          abs(bound.nats - expected) < standardErrors(comparisons: 4 * Self.cases.count) * bound.standardErrorNats,
          "\(lastStep), \(precision)")
        #expect(abs(bound.bits * M_LN2 - bound.nats) < 1e-12 * abs(bound.nats))
        #expect(abs(bound.terms.reduce(0) { $0 + $1.nats } - bound.nats) < 1e-6 * max(1, abs(bound.nats)))
        let null = (0..<data.count).reduce(0.0) { $0 - data[$1][0] * data[$1][0] / 2 } / Double(data.count)
        #expect(abs(bound.nullNats - null + log(2 * Double.pi) / 2) < 1e-6)
      }
    }
  }

  /// A row's bound, recomputed from the noise at its address.
  @Test(arguments: LastStep.both) func aRowsBoundFollowsFromItsNoise(_ lastStep: LastStep) throws {
    let (m, s, seed, first) = (0.7, 0.3, UInt64(5), UInt64(1_000))
    let schedule = ConstantErasure(steps: 10)
    let oracle = GaussianOracle(betas: schedule.betas, m: m, s: s)
    let model = try Self.model(schedule, m: m, s: s, lastStep)
    let data = try normalRows(37, means: [m], deviations: [s], seed: 3)
    let source = NoiseSource(seed: seed, purpose: "lower bound")
    let bound = try model.lowerBound(
      on: data, seed: seed, firstChain: first, options: ComputeOptions(precision: .double))
    for row in 0..<data.count {
      let x0 = data[row][0]
      var expected = oracle.ends(x0: x0, lastStep)
      for t in model.model.firstReverseStep...10 {
        var stream = source.stream(chain: first + UInt64(row), step: UInt32(t))
        let noise = Double(stream.nextNormal())
        let xt = oracle.alphaBars[t].squareRoot() * x0 + oracle.noises[t].squareRoot() * noise
        expected -= oracle.stepLoss(t, x0: x0, xt: xt)
      }
      #expect(abs(bound.rowNats[row] - expected) < 1e-9 * max(1, abs(expected)))
    }
  }

  /// Data at one point: the reverse step is the posterior, every step's term is 0 whatever the noise, and K has no
  /// spread at all.
  @Test(arguments: LastStep.both) func dataAtOnePointHaveABoundWithoutSpread(_ lastStep: LastStep) throws {
    let point = 0.6
    let model = try TrainedDiffusion(
      Diffusion {
        GaussianKernel(dimensions: 1)
        ConstantErasure(steps: 8)
        ReverseFunction(dimensions: 1, lastStep: lastStep) { x, step in
          let ofData = sqrt(step.alphaBarBefore) * step.beta / step.noise
          let ofState = sqrt(1 - step.beta) * step.noiseBefore / step.noise
          return GaussianStep(
            mean: ofState * x + ofData * point,
            variance: select(step.t .< 1.5, step.beta, step.beta * step.noiseBefore / step.noise))
        }
      })
    let data = try Dataset(Array(repeating: [point], count: 100))
    let oracle = GaussianOracle(betas: model.betas, m: point, s: 0)
    var expected = oracle.ends(x0: point, lastStep)
    if case .learned = lastStep { expected -= log(2 * Double.pi * model.betas[0]) / 2 }
    for (precision, tolerance) in [(Precision.double, 1e-12), (.single, 2e-6)] {
      let bound = try model.lowerBound(on: data, seed: 1, options: ComputeOptions(precision: precision))
      for term in bound.terms {
        if case .step(let t) = term.kind { #expect(abs(term.nats) < tolerance, "step \(t): \(term.nats)") }
      }
      for nats in bound.rowNats { #expect(abs(nats - expected) < 10 * tolerance) }
    }
  }

  /// T = 1: nothing but the ends, or one learned step.
  @Test func oneStepIsEnough() throws {
    for lastStep in LastStep.both {
      for beta in [0.3, 1] {
        let model = try Self.model(Fixed([beta]), m: 0.4, s: 0.8, lastStep)
        let expected = GaussianOracle(betas: [beta], m: 0.4, s: 0.8).bound(.exact, lastStep)
        let found = try model.boundByQuadrature(m: 0.4, s: 0.8)
        #expect(abs(found - expected) < 1e-10)
        let data = try normalRows(2_000, means: [0.4], deviations: [0.8], seed: 2)
        let bound = try model.lowerBound(on: data)
        #expect(abs(bound.nats - expected) < standardErrors(comparisons: 4) * bound.standardErrorNats)
      }
    }
  }

  /// K of independent coordinates is the sum of theirs, also where each has a step of its own.
  @Test func coordinatesAddUp() throws {
    let (m, s) = ([0.7, -1.5, 0], [0.3, 2, 0.5])
    let betas = Cosine(steps: 10).betas
    for lastStep in LastStep.both {
      let model = try TrainedDiffusion(
        Diffusion {
          GaussianKernel(dimensions: 3)
          Cosine(steps: 10)
          ReverseFunction(dimensions: 3, lastStep: lastStep) { x, step in
            let now = Formula(s.map { $0 * $0 }) * step.alphaBar + step.noise
            let before = Formula(s.map { $0 * $0 }) * step.alphaBarBefore + step.noiseBefore
            let a = sqrt(1 - step.beta) * before / now
            let b = (sqrt(step.alphaBarBefore) - a * sqrt(step.alphaBar)) * Formula(m)
            return GaussianStep(mean: a * x + b, variance: step.beta * before / now)
          }
        })
      let expected = zip(m, s).reduce(0.0) {
        $0 + GaussianOracle(betas: betas, m: $1.0, s: $1.1).bound(.exact, lastStep)
      }
      let bound = try model.lowerBound(on: normalRows(20_000, means: m, deviations: s, seed: 4), seed: 9)
      #expect(abs(bound.nats - expected) < standardErrors(comparisons: 4) * bound.standardErrorNats)
      #expect(bound.standardErrorNats < 0.02)
    }
  }
}
