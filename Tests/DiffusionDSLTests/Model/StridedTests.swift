import DiffusionDSL
import Distributions
import Foundation
import Testing

/// Chains that take several trained steps at once.
struct StridedTests {
  static let rows = OptimiserExtensionTests.rows()

  static func definition(
    _ mean: MeanParameterisation, _ variance: VarianceParameterisation, _ readout: Readout,
    lastStep: LastStep = .paper
  ) -> Diffusion {
    Diffusion {
      GaussianKernel(dimensions: 2)
      Geometric(steps: 30, firstVariance: 1e-2, lastVariance: 0.99)
      ReverseNetwork(mean: mean, variance: variance, lastStep: lastStep) {
        Dense(8, activation: .tanh)
        readout
      }
    }
  }

  static func trained(_ definition: Diffusion) async throws -> TrainedDiffusion {
    try await definition.fit(
      to: rows, using: .adam(rate: 1e-2), steps: 100, seed: 1, options: TrainingOptions(batchSize: 64, threads: 1))
  }

  static func bits(_ model: TrainedDiffusion) throws -> LowerBound { try model.lowerBound(on: rows, seed: 2) }

  @Test(
    arguments: [
      (.interpolated, .learned), (.forwardMean, .forward), (.data, .posterior), (.noise, .learned),
      (.velocity, .posterior),
      (.direct, .learned),
    ] as [(MeanParameterisation, VarianceParameterisation)])
  func allStepsAreTheModelItself(mean: MeanParameterisation, variance: VarianceParameterisation) async throws {
    for readout in [
      Readout(.perStep), Readout(.bumps(4)), Readout(.bumps(4, spacing: .signalToNoise)), Readout(.shared),
    ] {
      for lastStep in [LastStep.paper, .learned()] where lastStep == .paper || variance == .learned {
        let model = try await StridedTests.trained(
          StridedTests.definition(mean, variance, readout, lastStep: lastStep))
        let all = try model.strided(steps: 30)
        #expect(all.steps == 30)
        #expect((try StridedTests.bits(all).bits - StridedTests.bits(model).bits).magnitude < 1e-3)
      }
    }
  }

  /// Data of independent normals, whose reverse steps are known exactly whatever the steps: by hand, with the mean of x_0
  /// given x_t and its variance.
  static let deviations = [0.5, 2.0]
  static let exact = Diffusion {
    GaussianKernel(dimensions: 2)
    Geometric(steps: 60, firstVariance: 1e-2, lastVariance: 0.99)
    ReverseFunction(dimensions: 2) { x, step in
      let variances = Formula(deviations.map { $0 * $0 })
      let total = variances * step.alphaBar + step.noise
      let estimate = x * (variances * sqrt(step.alphaBar) / total)
      return GaussianStep(
        mean: estimate * step.dataCoefficient + x * step.stateCoefficient,
        variance: variances * step.noise / total * square(step.dataCoefficient) + step.posteriorVariance)
    }
  }

  @Test(arguments: [
    [1, 60], [1, 30, 60], [1, 11, 21, 31, 41, 51, 60], Array(1...59) + [60], Array(20...60), [35, 60],
  ])
  func anExactChainStaysExact(steps: [Int]) throws {
    var stream = RandomStream(seed: 3, purpose: "normals")
    let rows = (0..<2_000).map { _ in StridedTests.deviations.map { $0 * Double(stream.nextNormal()) } }
    let whole = try TrainedDiffusion(StridedTests.exact)
    let few = try whole.strided(at: steps)
    let bound = try few.lowerBound(on: rows, seed: 1)
    // Of a chain without error K is minus the entropy of the data with the first step's noise, plus E log pi(x_0) -
    // E log pi(x_1), less the divergence of x_T from pi, which is below 0.001.
    let noise = few.betas[0]
    var expected = 0.0
    for deviation in StridedTests.deviations {
      let variance = deviation * deviation
      let noisy = variance * (1 - noise) + noise
      expected -= log2(2 * Double.pi * M_E * noisy) / 2
      expected += (noisy - variance) / 2 / M_LN2
    }
    #expect((bound.bits - expected).magnitude < 5 * bound.standardError + 1e-3, "\(bound.bits) for \(expected)")
  }

  @Test func fewerStepsCostBits() async throws {
    let model = try await StridedTests.trained(
      StridedTests.definition(.velocity, .posterior, Readout(.bumps(5)), lastStep: .paper))
    let bits = try [30, 10, 4].map { try StridedTests.bits(model.strided(steps: $0)).bits }
    #expect(bits[0] > bits[1] && bits[1] > bits[2], "\(bits)")
  }

  @Test func itIsAModelLikeAnyOther() async throws {
    let model = try await StridedTests.trained(
      StridedTests.definition(.velocity, .learned, Readout(.bumps(5))))
    let few = try model.strided(at: [1, 3, 8, 15, 30])
    let url = FileManager.default.temporaryDirectory.appendingPathComponent("strided-\(UUID().uuidString).safetensors")
    defer { try? FileManager.default.removeItem(at: url) }
    try few.save(to: url)
    let loaded = try TrainedDiffusion(contentsOf: url)
    #expect(loaded.definition.sourceText.contains("at: [1, 3, 8, 15, 30]"))
    #expect(try loaded.sample(3, seed: 4).flat == few.sample(3, seed: 4).flat)
    #expect(try few.withPerStepReadout().sample(3, seed: 4).flat.count == 6)
    let log = try few.logProbability(of: [StridedTests.rows[0]], seed: 1)
    #expect(log.nats.isFinite)
    let answer = try few.posterior { Observe(0, equals: 1.5) }.sample(5, seed: 1)
    #expect(answer.samples.allSatisfy { $0[0] == 1.5 })
    let learned = try await StridedTests.trained(
      Diffusion {
        GaussianKernel(dimensions: 2)
        LearnedSchedule(steps: 12, firstVariance: 1e-2)
        ReverseNetwork {
          Dense(4, activation: .tanh)
          Readout(.bumps(3))
        }
      })
    let ofLearned = try learned.strided(steps: 12)
    #expect((try StridedTests.bits(ofLearned).bits - StridedTests.bits(learned).bits).magnitude < 1e-3)
  }

  @Test func mistakesAreTold() throws {
    let model = try TrainedDiffusion(StridedTests.exact)
    func message(_ body: () throws -> TrainedDiffusion) -> String {
      do {
        _ = try body()
        return "none"
      } catch { return "\(error)" }
    }
    #expect(message { try model.strided(steps: 1) }.contains("give a number from 2 to 60"))
    #expect(message { try model.strided(steps: 61) }.contains("give a number from 2 to 60"))
    for at in [[1, 5], [0, 60], [1, 9, 9, 60], [1, 60, 61], [1, -4, 60]] {
      #expect(message { try model.strided(at: at) }.contains("ascend to 60"), "\(at)")
    }
    let learned = try TrainedDiffusion(
      Diffusion {
        GaussianKernel(dimensions: 2)
        Geometric(steps: 60, firstVariance: 1e-2, lastVariance: 0.99)
        ReverseFunction(dimensions: 2, lastStep: .learned()) { x, _ in GaussianStep(mean: x, variance: x * 0 + 1) }
      })
    #expect(message { try learned.strided(at: [2, 60]) }.contains("keeps step 1"))
    let few = try model.strided(steps: 5)
    #expect(message { try few.strided(steps: 2) }.contains("give the steps of the whole chain's"))
    let bits = try TrainedDiffusion(
      Diffusion {
        BinomialKernel(bits: 2)
        ConstantErasure(steps: 8)
        ReverseFunction(bits: 2) { x, _ in BinomialStep(probability: x * 0 + 0.5) }
      })
    #expect(message { try bits.strided(steps: 4) }.contains("Gaussian throughout"))
  }
}
