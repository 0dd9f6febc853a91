import DiffusionDSL

let diffusion = Diffusion {
  // expected-error@-1 {{'buildPartialBlock(accumulated:next:)' is unavailable: the schedule is missing: write ConstantErasure(steps:), Cosine(steps:) or LearnedSchedule(steps:firstVariance:) between the kernel and the ReverseNetwork}}
  GaussianKernel(dimensions: 2)
  ReverseNetwork {
    Dense(8, activation: .tanh)
    Readout(.bumps(10))
  }
}
