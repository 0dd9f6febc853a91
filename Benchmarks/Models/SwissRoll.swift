import DiffusionDSL
import Foundation

/// The swiss roll without noise, in the plane or in space.
public enum SwissRoll {
  /// Rows of the roll, not standardised: training does that.
  ///
  /// - Parameters:
  ///   - dimensions: 2 for the plane, 3 for a roll with a width.
  ///   - purpose: with the seed names the random numbers; other names give other rows.
  public static func rows(
    _ count: Int, dimensions: Int = 2, seed: UInt64 = 0, purpose: Purpose = "benchmark data"
  ) throws -> Dataset {
    var flat: [Double] = []
    let source = NoiseSource(seed: seed, purpose: purpose)
    for row in 0..<count {
      var stream = source.stream(chain: UInt64(row), step: 0)
      let angle = 1.5 * Double.pi * (1 + 2 * Double(stream.nextUniform()))
      flat += [angle * cos(angle), angle * sin(angle), Double(stream.nextUniform())].prefix(dimensions)
    }
    return try Dataset(complete: flat, dimensions: dimensions)
  }

  /// The paper's network for it; the peers' programs run the same arithmetic.
  public static let paper = Diffusion {
    GaussianKernel(dimensions: 2)
    LearnedSchedule(steps: 40, firstVariance: 1e-3)
    ReverseNetwork(mean: .forwardMean) {
      RadialBasis(units: 16)
      Readout(.perStep)
    }
  }
}
