import DiffusionDSL

/// The paper's network for images of 32 x 32 pixels; the peers' programs run the same arithmetic.
private func paper(steps: Int = 1_000, side: Int = 32, channels: Int = 20) -> Diffusion {
  Diffusion {
    GaussianKernel(image: ImageShape(width: side, height: side))
    ConstantErasure(steps: steps)
    ReverseNetwork {
      for _ in 0..<4 { MultiScaleConvolution(channels: channels, kernel: 3, scales: 3, activation: .softplus) }
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
  (0..<min(256, max(16, (1 << 20) / numbers))).map { image in
    (0..<numbers).map { Float(($0 * 37 + image * 101) % 97) / 97 - 0.5 }
  }
}

private func training(
  _ name: String, _ model: Diffusion, numbers: Int, steps: Int = 40, batch: Int = 64
) -> Workload {
  Workload(name: name, unit: "images", repeats: 3) { threads in
    let data = try Dataset(images(numbers))
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
    let trained = try await begun(paper(steps: steps), on: Dataset(images(1_024)), threads: threads)
    let model = try size.map { try trained.resized(to: $0) } ?? trained
    return Workload.Run(units: count * model.steps) {
      _ = try model.sample(count, seed: 1, options: .init(threads: threads))
    }
  }
}

/// Bounds on images' log densities, all steps of each.
private func scoring(_ name: String, count: Int) -> Workload {
  Workload(name: name, unit: "image-steps", repeats: 3) { threads in
    let model = try await begun(paper(), on: Dataset(images(1_024)), threads: threads)
    let scored = try Dataset(Array(images(1_024).prefix(count)))
    return Workload.Run(units: count * model.steps) {
      _ = try model.lowerBound(on: scored, seed: 1, options: .init(threads: threads))
    }
  }
}

let convolutionBound = scoring("conv-bound", count: 32)
let convolutionBoundOne = scoring("conv-bound-one", count: 1)
let convolutionTrain = training("conv-train", paper(), numbers: 1_024)
let convolutionNeighbour = training("conv-neighbour", neighbour, numbers: 2_352)
let convolutionSample = sampling("conv-sample", count: 16)
let convolutionSampleOne = sampling("conv-sample-one", count: 1)
/// A picture of 640 x 424 pixels.
let convolutionSampleLarge = sampling(
  "conv-sample-large", count: 1, steps: 20, size: ImageShape(width: 640, height: 424))
let convolutionSampleMany = sampling("conv-sample-32", count: 32)

/// The paper's network trained on images of many sizes, in minibatches of as many pixels, or 32 images if these are more.
let convolutionSides = Sweep(
  name: "conv-side",
  workloads: [8, 16, 32, 64, 128, 256].map { side in
    training(
      "conv-side-\(side)", paper(side: side), numbers: side * side, steps: side > 64 ? 2 : 20,
      batch: max(32, 64 * 32 * 32 / (side * side)))
  })
/// The same with other numbers of channels.
let convolutionChannels = Sweep(
  name: "conv-channels",
  workloads: [4, 8, 16, 20, 32, 48, 64].map { channels in
    training("conv-channels-\(channels)", paper(channels: channels), numbers: 1_024, steps: 10)
  })
/// The same on small images in tiles of 16, 32 and 48 rows, as which minibatches of these sizes are cut; larger images
/// have tiles of 16 rows.
let convolutionRows = Sweep(
  name: "conv-rows",
  workloads: [(16, 256), (32, 512), (48, 1_024)].map { rows, batch in
    training("conv-rows-\(rows)", paper(side: 8), numbers: 64, steps: 20_480 / batch, batch: batch)
  })
