import DiffusionDSL
import Foundation

/// The swiss roll without noise, standardised: 100,000 rows.
private func rolledRows(dimensions: Int) throws -> Dataset {
  var flat: [Double] = []
  let source = NoiseSource(seed: 0, purpose: "benchmark data")
  for row in 0..<100_000 {
    var stream = source.stream(chain: UInt64(row), step: 0)
    let angle = 1.5 * Double.pi * (1 + 2 * Double(stream.nextUniform()))
    flat += [angle * cos(angle), angle * sin(angle), Double(stream.nextUniform())].prefix(dimensions)
  }
  return try Dataset(complete: flat, dimensions: dimensions)
}

private func training(_ name: String, dimensions: Int, _ model: Diffusion) -> Workload {
  Workload(name: name, unit: "examples") { threads in
    let data = try rolledRows(dimensions: dimensions)
    let steps = 20_000
    return Workload.Run(units: steps * 1_024) {
      _ = try await model.fit(
        to: data, using: .adam(rate: 1e-3), steps: steps, seed: 1, options: .init(threads: threads))
    }
  }
}

/// The paper's network for the swiss roll; the peers' programs run the same arithmetic.
let swissRollTrain = training(
  "swissroll-train", dimensions: 2,
  Diffusion {
    GaussianKernel(dimensions: 2)
    LearnedSchedule(steps: 40, firstVariance: 1e-3)
    ReverseNetwork(mean: .forwardMean) {
      RadialBasis(units: 16)
      Readout(.perStep)
    }
  })

/// A neighbour of that model that no code was written for: its cost for each multiply-add tells whether it is fast all
/// the same.
let neighbourTrain = training(
  "neighbour-train", dimensions: 3,
  Diffusion {
    GaussianKernel(dimensions: 3)
    LearnedSchedule(steps: 37, firstVariance: 1e-3)
    ReverseNetwork {
      Dense(24, activation: .tanh)
      Readout(.bumps(7))
    }
  })
