import DiffusionDSL

func query(_ trained: TrainedDiffusion, _ bill: Continuous) -> Posterior {
  trained
    * Factor { row in
      -pow(row[bill], 1.5)
      // expected-error@-1 {{'pow' is unavailable: write pow(x, 3) with a whole number, or exp(p * log(x)) where x is positive}}
    }
}
