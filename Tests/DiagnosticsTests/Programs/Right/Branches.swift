import DiffusionDSL

enum Size { case small, medium, large }

func model(_ size: Size, isLearned: Bool, seesStep: Bool) -> Diffusion {
  Diffusion {
    GaussianKernel(dimensions: 2)
    if isLearned { LearnedSchedule(steps: 40, firstVariance: 1e-3) } else { Cosine(steps: 40) }
    ReverseNetwork {
      if size == .large { RadialBasis(units: 64) }
      if isLearned {
        Dense(8, activation: .tanh)
      } else if seesStep {
        Dense(16)
        Dense(8)
      } else {
        RadialBasis(units: 8)
      }
      switch size {
      case .small: Dense(4)
      case .medium: Dense(8)
      case .large:
        for _ in 0..<2 { Dense(16) }
      }
      Residual {
        if seesStep { Dense(20, activation: .silu) }
        if isLearned { Dense(8) } else { Dense(16) }
      }
      if seesStep {
        Dense(8)
        Readout(.shared)
      } else {
        Readout(.perStep)
      }
    }
  }
}

func reverse(_ isTrained: Bool) -> Diffusion {
  Diffusion {
    GaussianKernel(dimensions: 1)
    ConstantErasure(steps: 10)
    if isTrained {
      ReverseNetwork { Readout(.perStep) }
    } else {
      ReverseFunction(dimensions: 1) { x, step in GaussianStep(mean: x, variance: step.beta) }
    }
  }
}
