import DiffusionDSL

func query(_ trained: TrainedDiffusion, _ limit: Double) -> Posterior {
  trained * Factor { row in limit > 40 }
  // expected-error@-1 {{'init(_:)' is unavailable: a factor is log r(x), a formula, and no Bool: write select(row[field] .> 40, 0, -1e30) for a condition}}
}
