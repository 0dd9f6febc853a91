import DiffusionDSL

let diffusion = Diffusion {
  // expected-error@-1 {{'buildFinalResult' is unavailable: the schedule and the ReverseNetwork are missing: write ConstantErasure(steps:) and ReverseNetwork { ... } after the kernel}}
  GaussianKernel(dimensions: 2)
}
