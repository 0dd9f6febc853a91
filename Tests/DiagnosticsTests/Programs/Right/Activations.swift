import DiffusionDSL

let diffusion = Diffusion {
  GaussianKernel(dimensions: 2)
  ConstantErasure(steps: 40)
  ReverseNetwork {
    Dense(8)
    Dense(8, activation: .identity)
    Dense(8, activation: .sigmoid)
    Dense(8, activation: .tanh)
    Dense(8, activation: .softplus)
    Dense(8, activation: .relu)
    Dense(8, activation: .leakyReLU)
    Dense(8, activation: .silu)
    for activation in Activation.allCases { Dense(8, activation: activation) }
    Readout(.perStep)
  }
}
