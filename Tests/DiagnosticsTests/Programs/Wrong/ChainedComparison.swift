import DiffusionDSL

// The first message is the parser's, before it looks for an operator; the second says what to write.
func query(_ trained: TrainedDiffusion, _ bill: Continuous) -> Posterior {
  trained.posterior {
    35 < bill < 45
    // expected-error@-1 {{adjacent operators are in non-associative precedence group 'ComparisonPrecedence'}} expected-error@-1 {{'<' is unavailable: a condition compares once: write (1...2).contains(field) for 1 < field < 2}}
  }
}
