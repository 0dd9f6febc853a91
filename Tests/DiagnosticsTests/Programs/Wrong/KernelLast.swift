import DiffusionDSL

let diffusion = Diffusion {
  // expected-error@-1 {{'buildPartialBlock(accumulated:next:)' is unavailable: a Diffusion begins with a kernel: write GaussianKernel(dimensions:) first, then the schedule, then the ReverseNetwork}}
  ConstantErasure(steps: 40)
  ReverseNetwork {
    Dense(8, activation: .tanh)
    Readout(.bumps(10))
  }
  GaussianKernel(dimensions: 2)
}
