import DiffusionDSL

let diffusion = Diffusion {
  // expected-error@-1 {{'buildPartialBlock(accumulated:next:)' is unavailable: a Diffusion has one kernel, as its first line: remove the other}}
  GaussianKernel(dimensions: 2)
  ConstantErasure(steps: 40)
  GaussianKernel(dimensions: 2)
  ReverseNetwork {
    Dense(8, activation: .tanh)
    Readout(.bumps(10))
  }
}
