import DiffusionDSL

/// 200 rows of two independent normals (mean 3 and -1, standard deviation 2 and 0.5)
/// from a linear congruential generator: this program has nothing but the product and the standard library.
func gaussianRows(_ count: Int) -> [[Float]] {
  var state: UInt64 = 42
  func uniform() -> Double {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return (Double(state >> 11) + 0.5) / Double(UInt64(1) << 53)
  }
  // The sum of twelve uniforms is close enough to a normal here, and needs no mathematics library.
  func normal() -> Float { Float((0..<12).reduce(-6) { sum, _ in sum + uniform() }) }
  return (0..<count).map { _ in [3 + 2 * normal(), -1 + 0.5 * normal()] }
}

let model = Diffusion {
  GaussianKernel(dimensions: 2)
  Linear(steps: 30)
  ReverseNetwork {
    Dense(8, activation: .tanh)
    Readout(.perStep)
  }
}
let trained = try await model.fit(to: gaussianRows(200), using: .adam(rate: 5e-3), steps: 50, seed: 1)
let bound = try trained.lowerBound(on: gaussianRows(200))
print("bound:", bound.bits, "bits, standard error", bound.standardError)
print("a sample:", try trained.sample(1, seed: 7)[0])
