import BenchmarkModels
import DiffusionDSL

private func training(_ name: String, dimensions: Int, _ model: Diffusion) -> Workload {
  Workload(name: name, unit: "examples") { threads in
    let data = try SwissRoll.rows(100_000, dimensions: dimensions)
    let steps = 20_000
    return Workload.Run(units: steps * 1_024) {
      _ = try await model.fit(
        to: data, using: .adam(rate: 1e-3), steps: steps, seed: 1, options: .init(threads: threads))
    }
  }
}

let swissRollTrain = training("swissroll-train", dimensions: 2, SwissRoll.paper)

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
