import DiffusionDSL

let diffusion = Diffusion {
  GaussianKernel(dimensions: 2)
  ConstantErasure(steps: 40)
  ReverseNetwork {
    // expected-error@-1 {{'buildFinalResult' is unavailable: the Readout is missing: write Readout(.perStep), Readout(.bumps(10)) or Readout(.shared) as the ReverseNetwork's last line}}
    Dense(8, activation: .tanh)
  }
}
