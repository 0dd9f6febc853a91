import DiffusionDSL

let network = ReverseNetwork { Readout(.perStep) }

let all = [
  Diffusion {
    GaussianKernel(dimensions: 2)
    ConstantErasure(steps: 40)
    network
  },
  Diffusion {
    GaussianKernel(dimensions: 2)
    Linear(steps: 1_000)
    network
  },
  Diffusion {
    GaussianKernel(dimensions: 2)
    Cosine(steps: 40)
    network
  },
  Diffusion {
    GaussianKernel(dimensions: 2)
    Geometric(steps: 40, firstVariance: 1e-3)
    network
  },
  Diffusion {
    GaussianKernel(dimensions: 2)
    SignalToNoise(steps: 40, firstVariance: 1e-3, lastVariance: 0.99)
    network
  },
  Diffusion {
    GaussianKernel(dimensions: 2)
    Fixed([0.1, 0.2, 0.5, 1])
    network
  },
  Diffusion {
    GaussianKernel(dimensions: 2)
    LearnedSchedule(steps: 40, firstVariance: 1e-3)
    network
  },
]
