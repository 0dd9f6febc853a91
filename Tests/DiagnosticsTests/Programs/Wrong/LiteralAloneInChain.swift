import DiffusionDSL

let diffusion = Diffusion {
  GaussianKernel(dimensions: 2)
  ConstantErasure(steps: 40)
  ReverseNetwork {
    Chain {
      50
      // expected-error@-1 {{'buildExpression' is unavailable: this is no layer: write Dense, RadialBasis, Convolution, MultiScaleConvolution, PerPixel, DensePerPixel, Parallel, Chain or Residual}}
    }
    Readout(.bumps(10))
  }
}
