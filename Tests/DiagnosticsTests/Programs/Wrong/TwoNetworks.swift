import DiffusionDSL

let diffusion = Diffusion {
  // expected-error@-1 {{'buildPartialBlock(accumulated:next:)' is unavailable: a Diffusion has one ReverseNetwork, ReverseFunction or KernelRegression, as its last line: remove the other}}
  GaussianKernel(dimensions: 2)
  ConstantErasure(steps: 40)
  ReverseNetwork {
    Dense(8, activation: .tanh)
    Readout(.bumps(10))
  }
  ReverseNetwork {
    Dense(8, activation: .tanh)
    Readout(.bumps(10))
  }
}
