import DiffusionDSL

func one(_ units: Int) -> Dense { Dense(units, activation: .tanh) }
func hidden(_ units: Int) -> some NetworkLayer { RadialBasis(units: units) }
func either(_ isRadial: Bool) -> any NetworkLayer { isRadial ? RadialBasis(units: 8) : Dense(8) }
func stack(_ units: Int, _ count: Int) -> [Dense] { Array(repeating: Dense(units), count: count) }
func mixture() -> [any NetworkLayer] { [Dense(8), RadialBasis(units: 4), Residual { Dense(4) }] }

func block(_ units: Int) -> Residual {
  Residual {
    Dense(4 * units, activation: .silu)
    Dense(units)
  }
}

@LayerBuilder func trunk(_ depth: Int) -> LayerBuilder.Layers {
  Dense(16)
  for _ in 0..<depth { block(16) }
}

func schedule(_ steps: Int) -> some DiffusionSchedule { Cosine(steps: steps) }
func kernel() -> GaussianKernel { GaussianKernel(dimensions: 2) }
let readout = Readout(.bumps(10))

let network = ReverseNetwork {
  let width = 12
  one(width)
  hidden(width)
  either(true)
  stack(width, 3)
  mixture()
  trunk(2)
  Chain {
    one(width)
    hidden(width)
    either(false)
    stack(width, 3)
    mixture()
    trunk(1)
  }
  readout
}

let diffusion = Diffusion {
  let steps = 40
  kernel()
  schedule(steps)
  network
}
