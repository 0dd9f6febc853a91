import DiffusionDSL

let networks = MeanParameterisation.allCases.flatMap { mean in
  [VarianceParameterisation.learned, .forward, .posterior].map { variance in
    ReverseNetwork(mean: mean, variance: variance, lastStep: .learned(floor: 1e-3)) {
      Dense(8, activation: .tanh)
      Readout(.perStep)
    }
  }
}

let lastSteps = [
  ReverseNetwork(lastStep: .paper) { Readout(.perStep) },
  ReverseNetwork(lastStep: .learned()) { Readout(.perStep) },
]
