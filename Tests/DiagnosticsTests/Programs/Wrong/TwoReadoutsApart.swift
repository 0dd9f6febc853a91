import DiffusionDSL

let diffusion = Diffusion {
  GaussianKernel(dimensions: 2)
  ConstantErasure(steps: 40)
  ReverseNetwork {
    // expected-error@-1 {{'buildPartialBlock(accumulated:next:)' is unavailable: a Readout is the last line of a ReverseNetwork: move the layers that follow it to before it}}
    Dense(8, activation: .tanh)
    Readout(.bumps(10))
    Dense(8, activation: .tanh)
    Readout(.bumps(10))
  }
}
