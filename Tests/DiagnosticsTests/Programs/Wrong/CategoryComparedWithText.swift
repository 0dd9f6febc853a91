import DiffusionDSL

enum Island: CaseIterable { case biscoe, dream }

func query(_ trained: TrainedDiffusion, _ island: Category<Island>) -> Posterior {
  trained.posterior {
    island == "dream"
    // expected-error@-1 {{'==' is unavailable: the field's values are cases of an enumeration: write field == .case, or Named(name) == label}}
  }
}
