import DiffusionDSL

let diffusion = Diffusion {
  GaussianKernel(dimensions: 2)
  ConstantErasure(steps: 40)
  for _ in 0..<2 {
    ReverseNetwork {
      Dense(8, activation: .tanh)
      Readout(.bumps(10))
    }
  }
  // expected-error@-1 {{'buildArray' is unavailable: a Diffusion has one part of each kind: write 'for' inside the ReverseNetwork}}
}
