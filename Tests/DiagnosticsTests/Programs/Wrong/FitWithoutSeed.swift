import DiffusionDSL

func train(_ model: Diffusion, on rows: [[Double]]) async throws -> TrainedDiffusion {
  try await model.fit(to: rows, steps: 100)
  // expected-error@-1 {{'fit(to:steps:)' is unavailable: results can be had again, so a seed has no default: write seed: 1, say}}
}
