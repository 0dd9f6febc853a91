import DiffusionDSL

let diffusion = Diffusion {
  // expected-error@-1 {{'buildFinalResult' is unavailable: a Diffusion begins with a kernel: write GaussianKernel(dimensions:) first, then the schedule, then the ReverseNetwork}}
  ConstantErasure(steps: 40)
}
