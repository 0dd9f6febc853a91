import Foundation

/// The random numbers of the example, one generator for each seed and purpose.
func generator(seed: UInt64, purpose: UInt64) -> some RandomNumberGenerator {
  SplitMix64(state: seed &* 0x9E37_79B9_7F4A_7C15 ^ (purpose &+ 1) &* 0xD1B5_4A32_D192_ED03)
}

/// Steele, Lea and Flood's generator (2014).
private struct SplitMix64: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}

extension RandomNumberGenerator {
  /// Uniform on (-1/2, 1/2).
  mutating func centred() -> Double {
    Double.random(in: -0.5..<0.5, using: &self)
  }

  /// A standard normal value, by Box and Muller.
  mutating func normal() -> Double {
    let radius = (-2 * log(1 - Double.random(in: 0..<1, using: &self))).squareRoot()
    return radius * cos(2 * .pi * Double.random(in: 0..<1, using: &self))
  }
}
