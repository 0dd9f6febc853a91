import DiffusionDSL

let widths = [8, 16, 8]

let diffusion = Diffusion {
  GaussianKernel(dimensions: 2)
  ConstantErasure(steps: 40)
  ReverseNetwork {
    for _ in 0..<3 { Dense(50, activation: .sigmoid) }
    for width in widths {
      Dense(width, activation: .tanh)
      for _ in 0..<2 { RadialBasis(units: width) }
    }
    Parallel { for width in widths where width > 8 { Dense(width) } }
    Readout(.bumps(10))
  }
}
