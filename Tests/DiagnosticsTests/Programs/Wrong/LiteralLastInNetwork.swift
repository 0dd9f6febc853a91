import DiffusionDSL

let diffusion = Diffusion {
  GaussianKernel(dimensions: 2)
  ConstantErasure(steps: 40)
  ReverseNetwork {
    Dense(8, activation: .tanh)
    Readout(.bumps(10))
    10
    // expected-error@-1 {{'buildExpression' is unavailable: this is no layer: write Dense, RadialBasis, Convolution, MultiScaleConvolution, PerPixel, DensePerPixel, Parallel, Chain, Residual or, as the last line, Readout}}
  }
}
