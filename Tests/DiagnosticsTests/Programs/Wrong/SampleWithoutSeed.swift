import DiffusionDSL

func draw(_ trained: TrainedDiffusion) throws -> Rows {
  try trained.sample(10)
  // expected-error@-1 {{'sample' is unavailable: results can be had again, so a seed has no default: write seed: 1, say}}
}
