import DiffusionDSL

let diffusion = Diffusion {
  GaussianKernel(dimensions: 2)
  ConstantErasure(steps: 40)
  ReverseNetwork {
    Parallel {
      Chain {
        Residual {
          Dense(8, activation: .tanh)
          Readout(.shared)
          // expected-error@-1 {{'buildExpression' is unavailable: a Readout is the last line of a ReverseNetwork and of nothing inside it: move it out of Parallel, Chain or Residual}}
        }
      }
      Dense(8, activation: .tanh)
    }
    Readout(.bumps(10))
  }
}
