import DiffusionDSL

let diffusion = Diffusion {
  GaussianKernel(dimensions: 3)
  Cosine(steps: 100)
  ReverseNetwork {
    Residual {
      Parallel {
        Chain {
          Dense(8, activation: .relu)
          Residual { Chain { Parallel { Dense(8) } } }
        }
        Residual { Dense(3) }
        RadialBasis(units: 2)
      }
    }
    Readout(.shared)
  }
}
