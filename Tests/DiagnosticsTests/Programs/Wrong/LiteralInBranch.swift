import DiffusionDSL

let diffusion = Diffusion {
  GaussianKernel(dimensions: 2)
  ConstantErasure(steps: 40)
  ReverseNetwork {
    let wide = true
    if wide {
      50
      // expected-error@-1 {{'buildExpression' is unavailable: this is no layer: write Dense, RadialBasis, Convolution, MultiScaleConvolution, PerPixel, DensePerPixel, Parallel, Chain, Residual or, as the last line, Readout}}
    } else {
      Dense(8)
    }
    Readout(.bumps(10))
  }
}
