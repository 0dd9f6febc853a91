import DiffusionDSL

let diffusion = Diffusion {
  GaussianKernel(dimensions: 2)
  ConstantErasure(steps: 40)
  ReverseNetwork {
    Dense(8, activation: .tanh)
    for _ in 0..<2 {
      Readout(.shared)
    }
    // expected-error@-1 {{'buildArray' is unavailable: a ReverseNetwork has one Readout, as its last line: move it out of the 'for'}}
  }
}
