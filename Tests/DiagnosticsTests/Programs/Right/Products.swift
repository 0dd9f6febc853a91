import DiffusionDSL

enum Island: CaseIterable, Sendable { case biscoe, dream }
enum Stage: String, CaseIterable, Sendable {
  case adult = "A"
  case juvenile = "J"
}

let mixed = Diffusion {
  ProductKernel {
    Category("species", of: ["Adelie", "Chinstrap", "Gentoo"])
    Category("island", of: Island.self)
    Category("stage", of: Stage.self, shares: .uniform)
    Binary("sex", "female", "male")
    Binary("tagged")
    Continuous("bill")
    Continuous("mass", mean: 4_200, scale: 800)
    BinomialKernel(bits: 8)
    CategoricalKernel(classes: 4)
    GaussianKernel(dimensions: 3)
  }
  ConstantErasure(steps: 40)
  ReverseNetwork {
    Dense(8, activation: .tanh)
    Readout(.bumps(4))
  }
}

let single = Diffusion {
  ProductKernel { Binary("sex", "female", "male") }
  Cosine(steps: 40)
  ReverseNetwork { Readout(.shared) }
}

let alone = Diffusion {
  Continuous("bill")
  LearnedSchedule(steps: 40, firstVariance: 1e-3)
  ReverseNetwork { Readout(.shared) }
}

let continuous = Diffusion {
  ProductKernel {
    Continuous("bill")
    GaussianKernel(dimensions: 2)
    ProductKernel {
      Continuous("depth")
      ProductKernel { Continuous("mass", mean: 4_200, scale: 800) }
    }
    for index in 0..<3 { Continuous("flipper \(index)") }
  }
  LearnedSchedule(steps: 40, firstVariance: 1e-3)
  ReverseNetwork { Readout(.perStep) }
}

func birds() -> ProductKernel<MixedParts> {
  ProductKernel {
    Continuous("bill")
    Binary("sex", "female", "male")
  }
}

func nested(_ hasYear: Bool, _ isIsland: Bool, _ days: [String]) -> Diffusion {
  Diffusion {
    ProductKernel {
      birds()
      if hasYear { Category("year", of: ["2007", "2008", "2009"]) }
      if isIsland {
        Category("island", of: Island.self)
        Continuous("distance")
      } else {
        Continuous("depth")
      }
      for day in days {
        Continuous("mass on \(day)")
        Binary("seen on \(day)")
      }
      ProductKernel {
        if hasYear { Continuous("age") }
        BinomialKernel(bits: 2)
      }
    }
    ConstantErasure(steps: 40)
    ReverseNetwork { Readout(.shared) }
  }
}

func branches(_ hasMass: Bool, _ isDeep: Bool) -> Diffusion {
  Diffusion {
    ProductKernel {
      Continuous("bill")
      if hasMass { Continuous("mass") }
      if isDeep { Continuous("depth") } else { GaussianKernel(dimensions: 2) }
      switch (hasMass, isDeep) {
      case (true, true): Continuous("a")
      case (true, false): Continuous("b")
      default: Continuous("c")
      }
    }
    LearnedSchedule(steps: 40, firstVariance: 1e-3)
    ReverseNetwork { Readout(.shared) }
  }
}
