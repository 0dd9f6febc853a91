import DiffusionDSL

func query(_ trained: TrainedDiffusion) -> Posterior {
  trained.posterior {
    Observe(0, equals: 0.3)
    0.5
    // expected-error@-1 {{'buildExpression' is unavailable: this is no factor: write Observe, Near, Weights, Factor, a comparison of a field with a value, or a trained model}}
  }
}
