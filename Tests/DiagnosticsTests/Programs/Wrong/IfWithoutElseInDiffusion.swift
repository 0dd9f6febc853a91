import DiffusionDSL

let diffusion = Diffusion {
  let fast = true
  GaussianKernel(dimensions: 2)
  if fast {
    // expected-error@-1 {{'buildOptional' is unavailable: an 'if' in a Diffusion needs an 'else' with a part of the same kind: add it}}
    Cosine(steps: 40)
  }
  ReverseNetwork {
    Dense(8, activation: .tanh)
    Readout(.bumps(10))
  }
}
