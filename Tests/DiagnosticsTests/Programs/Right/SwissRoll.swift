import DiffusionDSL

let swissRoll = Diffusion {
  GaussianKernel(dimensions: 2)
  LearnedSchedule(steps: 40, firstVariance: 1e-3)
  ReverseNetwork {
    RadialBasis(units: 16)
    Readout(.perStep)
  }
}
