import DiffusionDSL

func query(_ trained: TrainedDiffusion, _ bill: Continuous) -> Posterior {
  trained
    * Factor { row in
      if row[bill] > 40 { 0 } else { -1 }
      // expected-error@-1 {{'>' is unavailable: a formula has no value yet: write a .> b, and select(a .> b, x, y) for a choice}}
    }
}
