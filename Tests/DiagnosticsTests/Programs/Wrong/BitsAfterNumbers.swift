import DiffusionDSL

let diffusion = Diffusion {
  // expected-error@-1 {{'buildPartialBlock(accumulated:next:)' is unavailable: a Diffusion has one kernel, as its first line: remove the other}}
  GaussianKernel(dimensions: 2)
  BinomialKernel(bits: 20)
  ConstantErasure(steps: 40)
  ReverseNetwork { Readout(.bumps(10)) }
}
