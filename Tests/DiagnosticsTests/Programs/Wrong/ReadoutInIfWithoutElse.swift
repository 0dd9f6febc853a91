import DiffusionDSL

let diffusion = Diffusion {
  GaussianKernel(dimensions: 2)
  ConstantErasure(steps: 40)
  ReverseNetwork {
    let shared = true
    Dense(8, activation: .tanh)
    if shared {
      // expected-error@-1 {{'buildOptional' is unavailable: a Readout inside 'if' has another in the 'else': add it, or move the Readout out of the 'if'}}
      Readout(.shared)
    }
  }
}
