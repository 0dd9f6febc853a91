import DiffusionDSL

/// A model of images after some updates, with which samples, bounds and posteriors are timed.
func begun(_ model: Diffusion, on images: Dataset, threads: Int) async throws -> TrainedDiffusion {
  try await model.fit(
    to: images, using: .adam(rate: 1e-3), steps: 10, seed: 1,
    options: .init(batchSize: 64, scaling: .none, threads: threads))
}
