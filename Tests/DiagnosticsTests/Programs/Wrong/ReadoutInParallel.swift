import DiffusionDSL

let diffusion = Diffusion {
  GaussianKernel(dimensions: 2)
  ConstantErasure(steps: 40)
  ReverseNetwork {
    Parallel {
      Dense(8, activation: .tanh)
      Readout(.bumps(10))
      // expected-error@-1 {{'buildExpression' is unavailable: a Readout is the last line of a ReverseNetwork and of nothing inside it: move it out of Parallel, Chain or Residual}}
    }
    Readout(.bumps(10))
  }
}
