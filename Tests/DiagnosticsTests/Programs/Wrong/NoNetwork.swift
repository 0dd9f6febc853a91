import DiffusionDSL

let diffusion = Diffusion {
  // expected-error@-1 {{'buildFinalResult' is unavailable: the ReverseNetwork is missing: write ReverseNetwork { ... } after the schedule}}
  GaussianKernel(dimensions: 2)
  ConstantErasure(steps: 40)
}
