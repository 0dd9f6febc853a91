import DiffusionDSL

/// A network for images of 28 x 28 pixels.
private func pictures(layers: Int, channels: Int) -> Diffusion {
  Diffusion {
    GaussianKernel(image: ImageShape(width: 28, height: 28))
    ConstantErasure(steps: 200)
    ReverseNetwork {
      for _ in 0..<layers {
        MultiScaleConvolution(channels: channels, kernel: 3, scales: 2, activation: .softplus)
      }
      Readout(.bumps(6))
    }
  }
}

/// A network so small that what a posterior has beside it counts.
private let small = pictures(layers: 1, channels: 6)
/// A network like the paper's.
private let deep = pictures(layers: 4, channels: 20)

/// Some rows: what their numbers are does not matter.
private func someRows(_ count: Int, numbers: Int) -> [[Double]] {
  (0..<count).map { row -> [Double] in
    (0..<numbers).map { place -> Double in
      let level: Int = (place * 37 + row * 101) % 97
      return Double(level) / 97 - 0.5
    }
  }
}

private let rows = someRows(256, numbers: 784)

/// Particles of a posterior, and as many samples.
private let chains = 1_024

/// Particles of the posterior given the left half of a picture; their rate stands beside that of as many samples.
private func posterior(_ name: String, _ model: Diffusion) -> Workload {
  Workload(name: name, unit: "image-steps", repeats: 3) { threads in
    let model = try await begun(model, on: Dataset(rows), threads: threads)
    let half = (0..<784).map { $0 % 28 < 14 }
    let query = model.posterior { Observe(mask: half, equals: rows[0]) }
    return Workload.Run(units: chains * model.steps) {
      _ = try query.sample(
        16, method: .particles(chains, repeats: 1), seed: 1, options: .init(threads: threads))
    }
  }
}

/// As many samples of the same model.
private func samples(_ name: String, _ model: Diffusion) -> Workload {
  Workload(name: name, unit: "image-steps", repeats: 3) { threads in
    let model = try await begun(model, on: Dataset(rows), threads: threads)
    return Workload.Run(units: chains * model.steps) {
      _ = try model.sample(chains, seed: 1, options: .init(threads: threads))
    }
  }
}

let posteriorImage = posterior("posterior-image", small)
let posteriorImageSampling = samples("posterior-image-sampling", small)
let posteriorDeep = posterior("posterior-deep", deep)
let posteriorDeepSampling = samples("posterior-deep-sampling", deep)

/// Rows of eight numbers, each with two of them missing: thousands of small queries.
let imputation = Workload(name: "impute", unit: "particle-steps") { threads in
  let numbers = someRows(2_000, numbers: 8)
  let model = try await Diffusion {
    GaussianKernel(dimensions: 8)
    ConstantErasure(steps: 50)
    ReverseNetwork {
      Dense(16, activation: .tanh)
      Readout(.bumps(6))
    }
  }.fit(to: numbers, using: .adam(rate: 1e-3), steps: 100, seed: 1, options: .init(threads: threads))
  let incomplete: [[Double?]] = numbers.indices.map { row -> [Double?] in
    (0..<8).map { place -> Double? in
      let isMissing: Bool = place == row % 8 || place == row * 3 % 8
      return isMissing ? nil : numbers[row][place]
    }
  }
  let particles = 32
  return Workload.Run(units: incomplete.count * particles * model.steps) {
    _ = try model.impute(incomplete, draws: 8, particles: particles, seed: 1, options: .init(threads: threads))
  }
}
