import DiffusionDSL

let texture = Diffusion {
  GaussianKernel(image: .init(width: 32, height: 32, channels: 1))
  ConstantErasure(steps: 1_000)
  ReverseNetwork {
    Parallel {
      Chain { for _ in 0..<4 { Dense(20, activation: .softplus) } }
      Chain {
        Dense(500, activation: .tanh)
        Dense(2)
      }
    }
    Dense(20, activation: .tanh)
    Readout(.bumps(10))
  }
}

let colour = Diffusion {
  GaussianKernel(image: ImageShape(width: 8, height: 4, channels: 3))
  Linear(steps: 1_000)
  ReverseNetwork { Readout(.shared) }
}
