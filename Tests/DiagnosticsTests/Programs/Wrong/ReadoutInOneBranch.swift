import DiffusionDSL

let diffusion = Diffusion {
  GaussianKernel(dimensions: 2)
  ConstantErasure(steps: 40)
  ReverseNetwork {
    let shared = true
    Dense(8, activation: .tanh)
    if shared {
      Readout(.shared)
    } else {
      // expected-error@-1 {{'buildEither(second:)' is unavailable: another branch ends with a Readout, this one does not: write a Readout in each branch, or none and one after the 'if'}}
      Dense(8)
    }
  }
}
