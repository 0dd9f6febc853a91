import DiffusionDSL

func query(_ trained: TrainedDiffusion, _ species: Category<String>) -> Posterior {
  trained.posterior {
    !(species == "Adelie")
    // expected-error@-1 {{'!' is unavailable: write the opposite comparison, such as != or <=, instead of '!'}}
  }
}
