import Foundation

@testable import DiffusionDSL

/// Two interleaved half circles of radius 1, blurred by normal noise: data whose density is known.
enum TwoMoons {
  /// The standard deviation of the noise.
  static let noise = 0.1

  /// The point at an angle, from 0 to pi, of the upper moon (0) or the lower one (1).
  private static func point(_ angle: Double, of moon: Int) -> [Double] {
    moon == 0 ? [cos(angle), sin(angle)] : [1 - cos(angle), 0.5 - sin(angle)]
  }

  /// Rows of the upper and the lower moon in turn.
  static func rows(_ count: Int, seed: UInt64) -> [[Double]] {
    var stream = RandomStream(seed: seed, purpose: "two moons")
    return (0..<count).map { row in
      let angle = Double.pi * Double(stream.nextUniform())
      return point(angle, of: row % 2).map { $0 + noise * Double(stream.nextNormal()) }
    }
  }

  /// log2 of the density at a row: the mean over both moons and all angles, by the midpoint rule.
  ///
  /// The noise is 19 times as wide as the rule's steps. It is least exact at the moons' ends: to 1e-4 bits.
  static func log2Density(_ row: [Double]) -> Double {
    let count = 600
    let sum = (0..<count).reduce(0.0) { sum, index in
      let angle = Double.pi * (Double(index) + 0.5) / Double(count)
      return (0...1).reduce(sum) { sum, moon in
        let centre = point(angle, of: moon)
        let square = (row[0] - centre[0]) * (row[0] - centre[0]) + (row[1] - centre[1]) * (row[1] - centre[1])
        return sum + exp(-square / (2 * noise * noise))
      }
    }
    return log2(sum / Double(2 * count) / (2 * .pi * noise * noise))
  }
}
