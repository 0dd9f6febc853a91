import DiffusionDSL

func query(_ trained: TrainedDiffusion, _ bill: Continuous) -> Posterior {
  trained.posterior {
    bill > 40 && bill < 50
    // expected-error@-1 {{'&&' is unavailable: conditions in a posterior all hold: write each on a line of its own}}
  }
}
