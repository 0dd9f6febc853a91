import DiffusionDSL

let diffusion = Diffusion {
  ProductKernel {
    // expected-error@-1 {{'buildBlock()' is unavailable: the ProductKernel is empty: write fields, such as Continuous("bill"), Binary("sex", "female", "male") or Category("species", of: [...]), or kernels}}
  }
  ConstantErasure(steps: 40)
  ReverseNetwork { Readout(.shared) }
}
