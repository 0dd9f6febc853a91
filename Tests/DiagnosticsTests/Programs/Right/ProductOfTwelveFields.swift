import DiffusionDSL

let diffusion = Diffusion {
  ProductKernel {
    Category("species", of: ["Adelie", "Chinstrap", "Gentoo"])
    Category("island", of: ["Biscoe", "Dream", "Torgersen"])
    Binary("sex", "female", "male")
    Continuous("bill length")
    Continuous("bill depth")
    Continuous("flipper length")
    Continuous("body mass", mean: 4_200, scale: 800)
    Category("year", of: ["2007", "2008", "2009"])
    Binary("clutch complete", "no", "yes")
    Continuous("delta 15 N")
    Continuous("delta 13 C")
    Category("stage", of: ["egg", "chick", "adult"], shares: .uniform)
  }
  ConstantErasure(steps: 1_000)
  ReverseNetwork {
    Dense(64, activation: .silu)
    Residual { Dense(64, activation: .silu) }
    Readout(.bumps(8))
  }
}
