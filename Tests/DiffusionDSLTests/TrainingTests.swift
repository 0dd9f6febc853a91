import DiffusionDSL
import Foundation
import Testing

@Suite struct TrainingTests {
  static func gaussianRows(_ count: Int, mean: [Double], deviation: [Double], seed: UInt64) -> Dataset {
    var flat: [Double] = []
    let source = NoiseSource(seed: seed, purpose: "test data")
    for row in 0..<count {
      var stream = source.stream(chain: UInt64(row), step: 0)
      for (m, s) in zip(mean, deviation) { flat.append(m + s * Double(stream.nextNormal())) }
    }
    do { return try Dataset(flat: flat, dimensions: mean.count) } catch { fatalError("\(error)") }
  }

  @Test func swissRollSmoke() async throws {
    let model = Diffusion {
      GaussianKernel(dimensions: 2)
      LearnedSchedule(steps: 40, firstVariance: 1e-3)
      ReverseNetwork {
        RadialBasis(units: 16)
        Readout(.perStep)
      }
    }
    var flat: [Double] = []
    let source = NoiseSource(seed: 5, purpose: "roll")
    for row in 0..<50_000 {
      var s = source.stream(chain: UInt64(row), step: 0)
      let a = 1.5 * Double.pi * (1 + 2 * Double(s.nextUniform()))
      var n = source.stream(chain: UInt64(row), step: 1)
      let x = (a * cos(a) - 2.0) / 6.6230 + 0.05 * Double(n.nextNormal())
      let y = (a * sin(a) - 0.2122) / 6.9512 + 0.05 * Double(n.nextNormal())
      flat += [x, y].map { $0 / (1 + 0.0025).squareRoot() }
    }
    let data = try Dataset(flat: flat, dimensions: 2)
    let training = try model.training(on: data, using: .adam(rate: .cosine(1e-2)), steps: 20_000, seed: 1, options: .init(scaling: .none, averaging: 0.999))
    for await p in training.progress { print(p.step, p.boundBits, p.stepsPerSecond * 1024 / 1e6) }
    let trained = try await training.value
    let bound = try trained.lowerBound(on: data)
    print("K", bound.bits, bound.standardError, bound.overNull)
    let samples = try trained.sample(4, seed: 1)
    print(samples.flat, trained.betas)
  }
}
