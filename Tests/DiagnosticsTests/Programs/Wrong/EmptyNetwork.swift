import DiffusionDSL

let diffusion = Diffusion {
  GaussianKernel(dimensions: 2)
  ConstantErasure(steps: 40)
  ReverseNetwork {
    // expected-error@-1 {{'buildBlock()' is unavailable: the ReverseNetwork is empty: write layers, such as Dense(50, activation: .tanh), and then a Readout, such as Readout(.bumps(10))}}
  }
}
