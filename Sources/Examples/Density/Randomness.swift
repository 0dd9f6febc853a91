import DiffusionDSL

/// The random numbers of the example, one stream for each seed and purpose.
func generator(seed: UInt64, purpose: UInt64) -> RandomStream {
  RandomStream(seed: seed, purpose: Purpose("density \(purpose)"))
}

extension RandomNumberGenerator {
  /// Uniform on (-1/2, 1/2).
  mutating func centred() -> Double {
    Double.random(in: -0.5..<0.5, using: &self)
  }
}

extension RandomStream {
  /// A standard normal value.
  mutating func normal() -> Double { Double(nextNormal()) }
}
