import DiffusionDSL

func query(_ trained: TrainedDiffusion) -> Posterior {
  trained.posterior {
    // expected-error@-1 {{'buildBlock()' is unavailable: the posterior is empty: write Observe, Near, Weights, Factor or a comparison of a field with a value}}
  }
}
