import DiffusionDSL

let diffusion = Diffusion {
  ProductKernel {
    3
    // expected-error@-1 {{'buildExpression' is unavailable: this is no part of a ProductKernel: write fields, such as Continuous("bill"), Binary("sex", "female", "male") or Category("species", of: [...]), or kernels}}
  }
  ConstantErasure(steps: 40)
  ReverseNetwork { Readout(.shared) }
}
