import DiffusionDSL

func query(_ trained: TrainedDiffusion, _ bill: Continuous) -> Posterior {
  trained.posterior {
    35 < bill < 45
    // expected-error@-1 {{adjacent operators are in non-associative precedence group 'ComparisonPrecedence'}}
  }
}
