import DiffusionDSL

let diffusion = Diffusion {
  GaussianKernel(dimensions: 2)
  ConstantErasure(steps: 40)
  ReverseNetwork {
    Chain {
      // expected-error@-1 {{'buildBlock()' is unavailable: there are no layers here: write Dense, RadialBasis, Convolution, MultiScaleConvolution, PerPixel, DensePerPixel, Parallel, Chain or Residual}}
    }
    Readout(.bumps(10))
  }
}
