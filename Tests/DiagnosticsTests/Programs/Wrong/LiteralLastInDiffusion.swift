import DiffusionDSL

let diffusion = Diffusion {
  GaussianKernel(dimensions: 2)
  ConstantErasure(steps: 40)
  ReverseNetwork {
    Dense(8, activation: .tanh)
    Readout(.bumps(10))
  }
  "tanh"
  // expected-error@-1 {{'buildExpression' is unavailable: this is no part of a Diffusion: write a kernel, a schedule, then a ReverseNetwork with the layers inside}}
}
