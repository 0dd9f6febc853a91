import DiffusionDSL

let diffusion = Diffusion {
  // expected-error@-1 {{'buildPartialBlock(accumulated:next:)' is unavailable: a learned schedule needs a kernel that is continuous throughout, for bits and classes give no gradient through the noise: write ConstantErasure(steps:) here}}
  CategoricalKernel(classes: 3)
  LearnedSchedule(steps: 40, firstVariance: 1e-3)
  ReverseNetwork {
    Dense(8, activation: .tanh)
    Readout(.bumps(10))
  }
}
