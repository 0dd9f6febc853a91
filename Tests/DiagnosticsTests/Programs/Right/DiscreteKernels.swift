import DiffusionDSL

let heartbeat = Diffusion {
  BinomialKernel(bits: 20, mean: 0.2)
  ConstantErasure(steps: 2_000)
  ReverseNetwork {
    for _ in 0..<3 { Dense(50, activation: .sigmoid) }
    Readout(.bumps(10))
  }
}

func classes(_ isDirect: Bool, _ isLearned: Bool) -> Diffusion {
  Diffusion {
    CategoricalKernel(shares: [0.2, 0.3, 0.5])
    if isDirect { Cosine(steps: 20) } else { Fixed([0.1, 0.5]) }
    ReverseNetwork(probability: isDirect ? .direct : .data, lastStep: isLearned ? .learned() : .paper) {
      Dense(8, activation: .tanh)
      Readout(.shared)
    }
  }
}

func either(_ isDiscrete: Bool) -> Diffusion {
  Diffusion {
    if isDiscrete { BinomialKernel(bits: 3) } else { GaussianKernel(dimensions: 3) }
    ConstantErasure(steps: 10)
    ReverseNetwork { Readout(.perStep) }
  }
}

let byHand = Diffusion {
  BinomialKernel(means: [0.1, 0.9])
  ConstantErasure(steps: 10)
  ReverseFunction(bits: 2) { x, step in BinomialStep(dataProbability: sigmoid(x * 4 - 2)) }
}

let classesByHand = Diffusion {
  CategoricalKernel(classes: 4)
  ConstantErasure(steps: 10)
  ReverseFunction(classes: 4) { x, step in CategoricalStep(probabilities: softmax(x * step.t)) }
}
