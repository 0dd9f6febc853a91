import DiffusionDSL

func query(_ trained: TrainedDiffusion, _ bill: Continuous, _ wing: Continuous) -> Posterior {
  trained.posterior {
    bill > wing
    // expected-error@-1 {{'>' is unavailable: two fields cannot be compared: write Factor { row in ... } with row[field] of both}}
  }
}
