import DiffusionDSL

let diffusion = Diffusion {
  GaussianKernel(dimensions: 2)
  ConstantErasure(steps: 40)
  ReverseNetwork {
    // expected-error@-1 {{'buildPartialBlock(accumulated:next:)' is unavailable: a ReverseNetwork has one Readout, as its last line: remove the other}}
    Dense(8, activation: .tanh)
    Readout(.bumps(10))
    Readout(.bumps(10))
  }
}
