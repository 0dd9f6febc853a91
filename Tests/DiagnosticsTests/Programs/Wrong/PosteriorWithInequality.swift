import DiffusionDSL

func query(_ trained: TrainedDiffusion, _ bill: Continuous) -> Posterior {
  trained.posterior {
    bill != 40
    // expected-error@-1 {{'!=' is unavailable: a continuous field differs from any one number as good as surely: leave it out}}
  }
}
