import DiffusionDSL

/// The paper's network for images of 32 x 32 pixels; the peers' programs run the same arithmetic.
private func paper(steps: Int = 1_000) -> Diffusion {
  Diffusion {
    GaussianKernel(image: ImageShape(width: 32, height: 32))
    ConstantErasure(steps: steps)
    ReverseNetwork {
      for _ in 0..<4 { MultiScaleConvolution(channels: 20, kernel: 3, scales: 3, activation: .softplus) }
      PerPixel(20, activation: .tanh)
      Readout(.bumps(10))
    }
  }
}

/// A neighbour of it: other extents, another activation.
private let neighbour = Diffusion {
  GaussianKernel(image: ImageShape(width: 28, height: 28, channels: 3))
  ConstantErasure(steps: 1_000)
  ReverseNetwork {
    for _ in 0..<4 { MultiScaleConvolution(channels: 24, kernel: 5, scales: 2, activation: .tanh) }
    PerPixel(20, activation: .tanh)
    Readout(.bumps(10))
  }
}

/// Smooth noise: what the numbers are does not matter.
private func images(_ numbers: Int) -> [[Float]] {
  (0..<256).map { image in
    (0..<numbers).map { Float(($0 * 37 + image * 101) % 97) / 97 - 0.5 }
  }
}

private func training(_ name: String, _ model: Diffusion, numbers: Int) -> Workload {
  Workload(name: name, unit: "images", repeats: 3) { threads in
    let data = try Dataset(images(numbers))
    let (steps, batch) = (40, 64)
    return Workload.Run(units: steps * batch) {
      _ = try await model.fit(
        to: data, using: .adam(rate: 1e-3), steps: steps, seed: 1,
        options: .init(batchSize: batch, scaling: .none, threads: threads))
    }
  }
}

/// - Parameter size: of the samples, where it is not that of the training images.
private func sampling(_ name: String, count: Int, steps: Int = 1_000, size: ImageShape? = nil) -> Workload {
  Workload(name: name, unit: "image-steps", repeats: 3) { threads in
    let trained = try await paper(steps: steps).fit(
      to: try Dataset(images(1_024)), using: .adam(rate: 1e-3), steps: 10, seed: 1,
      options: .init(batchSize: 64, scaling: .none, threads: threads))
    let model = try size.map { try trained.resized(to: $0) } ?? trained
    return Workload.Run(units: count * model.steps) {
      _ = try model.sample(count, seed: 1, options: .init(threads: threads))
    }
  }
}

let convolutionTrain = training("conv-train", paper(), numbers: 1_024)
let convolutionNeighbour = training("conv-neighbour", neighbour, numbers: 2_352)
let convolutionSample = sampling("conv-sample", count: 16)
let convolutionSampleOne = sampling("conv-sample-one", count: 1)
/// A picture of 640 x 424 pixels.
let convolutionSampleLarge = sampling(
  "conv-sample-large", count: 1, steps: 20, size: ImageShape(width: 640, height: 424))
let convolutionSampleMany = sampling("conv-sample-32", count: 32)
