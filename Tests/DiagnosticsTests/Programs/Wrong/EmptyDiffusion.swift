import DiffusionDSL

let diffusion = Diffusion {
  // expected-error@-1 {{'buildBlock()' is unavailable: the Diffusion is empty: write GaussianKernel(dimensions:), a schedule such as ConstantErasure(steps:), then ReverseNetwork { ... }}}
}
