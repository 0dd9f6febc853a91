import Foundation
import Testing

@testable import DiffusionDSL

/// The velocity, and bumps over log signal-to-noise.
@Suite struct ParameterisationTests {
  private static func definition(_ mean: MeanParameterisation, _ readout: Readout.Kind = .perStep) -> Diffusion {
    Diffusion {
      GaussianKernel(dimensions: 2)
      Cosine(steps: 9)
      ReverseNetwork(mean: mean, variance: .posterior) { Readout(readout) }
    }
  }

  /// A network that knows x_0 and the noise gives the mean of q(x_{t-1} | x_t, x_0), whichever of them it predicts.
  @Test func velocityIsThatOfDataAndNoise() throws {
    let model = try DiffusionModel(Self.definition(.velocity))
    let other = try DiffusionModel(Self.definition(.data))
    let part = try #require(model.parts.first?.transitions as? GaussianTransitions)
    let clean = try #require(other.parts.first?.transitions as? GaussianTransitions)
    let (data, noise) = (Formula.input("x0", shape: [2]), Formula.input("noise", shape: [2]))
    let tables = model.tables
    let (a, b) = (tables.now(sqrt(tables.alphaBar)), tables.now(sqrt(tables.noise)))
    let x = data * a + noise * b
    let velocity = noise * a - data * b
    let trained = TrainedDiffusion(
      model: model, parameters: Array(repeating: 0, count: model.layout.count), scaling: .identity(2), state: nil)
    let probe = try ModelProbe(trained, [part.reverse(velocity, x).mean - clean.reverse(data, x).mean], rows: 1)
    for t in 1...9 {
      let difference = probe.values(width: 2, step: t, ["x0": [[0.7, -2]], "noise": [[0.3, 1.5]]])[0]
      #expect(difference.allSatisfy { abs($0) <= 1e-12 })
    }
  }

  @Test func bumpsOverSignalToNoiseTellTheFirstStepsApart() throws {
    let schedule = AnySchedule(ConstantErasure(steps: 1_000))
    let readout = BumpDependence(count: 6, spacing: .signalToNoise)
    let shares = try #require(readout.shares(schedule))
    let overTime = try #require(BumpDependence(count: 6).shares(schedule))
    for row in shares { #expect(abs(row.reduce(0, +) - 1) <= 1e-12 && row.allSatisfy { $0 >= 0 }) }
    func distance(_ table: [[Double]]) -> Double { zip(table[0], table[1]).reduce(0) { $0 + abs($1.0 - $1.1) } }
    #expect(distance(shares) > 3 * distance(overTime))
    // The last step's place is that of the first bump, the first step's that of the last.
    #expect(shares[999].firstIndex(of: shares[999].max() ?? 0) == 0)
    #expect(shares[0].firstIndex(of: shares[0].max() ?? 0) == 5)
  }

  /// The formula of a model and the table that unfolds it are the same shares.
  @Test(arguments: [BumpSpacing.time, .signalToNoise], [1, 4])
  func aReadoutByBumpsIsOneForEachStep(_ spacing: BumpSpacing, _ count: Int) async throws {
    let rows = (0..<50).map { [sin(Double($0)), cos(Double($0 * 3))] }
    let mixed = try await Self.definition(.velocity, .bumps(count, spacing: spacing)).fit(
      to: rows, using: .adam(rate: 1e-2), steps: 20, seed: 1, options: .init(batchSize: 32))
    let unfolded = try mixed.withPerStepReadout()
    let inputs = [DiffusionModel.state: [[0.3, -1]]]
    for t in 2...9 {
      func mean(_ model: TrainedDiffusion) throws -> [Double] {
        let step = try #require(model.model.normalReverse)
        return try ModelProbe(model, [step.mean], rows: 1).values(width: 2, step: t, inputs)[0]
      }
      for (a, b) in zip(try mean(mixed), try mean(unfolded)) { #expect(abs(a - b) <= 1e-6) }
    }
  }

  @Test func bumpsFollowALearnedSchedule() async throws {
    let definition = Diffusion {
      GaussianKernel(dimensions: 2)
      LearnedSchedule(steps: 9, firstVariance: 0.01)
      ReverseNetwork { Readout(.bumps(3, spacing: .signalToNoise)) }
    }
    let rows = (0..<50).map { [sin(Double($0)), cos(Double($0 * 3))] }
    let trained = try await definition.fit(
      to: rows, using: .adam(rate: 1e-2), steps: 20, seed: 1, options: .init(batchSize: 32))
    let areFinite = trained.parameters.allSatisfy { $0.isFinite }
    #expect(areFinite)
    #expect(throws: DefinitionError.self) { _ = try trained.withPerStepReadout() }
  }
}
