import DiffusionDSL

let closure = Diffusion {
  GaussianKernel(dimensions: 1)
  ConstantErasure(steps: 40)
  ReverseFunction(dimensions: 1) { x, step in
    GaussianStep(mean: x * sqrt(1 - step.beta), variance: step.beta)
  }
}

let longer = Diffusion {
  GaussianKernel(dimensions: 2)
  Cosine(steps: 40)
  ReverseFunction(dimensions: 2, lastStep: .learned(floor: 1e-3)) { x, step in
    let signal = sqrt(step.alphaBar)
    let shrunk = select(x[0] .> 0, x * signal, x / 2)
    return GaussianStep(
      mean: shrunk + 0.1 * step.t, variance: step.beta * step.noiseBefore / step.noise + 1e-6 * step.alphaBarBefore)
  }
}
