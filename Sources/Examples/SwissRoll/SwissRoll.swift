import Distributions
import Foundation

/// The swiss roll in the plane: a spiral, standardised and blurred by normal noise.
///
/// u uniform on (0,1), a = 1.5 pi (1 + 2u), point (a cos a, a sin a); each coordinate minus the noise-free curve's mean,
/// over its standard deviation; plus normal noise of standard deviation `noise`; divided by sqrt(1 + noise^2). So each
/// coordinate has mean 0 and variance 1 exactly, whatever the noise.
struct SwissRoll: Equatable, Sendable {
  /// The standard deviation of the noise, in units of the standardised curve.
  let noise: Double

  /// The noise that figures are quoted at.
  static let usualNoise = 0.05

  // E a^2 = 9.75 pi^2 and E a^2 cos 2a = -1/2 for a uniform on (1.5 pi, 4.5 pi).
  static let mean = (x: 2.0, y: 2 / (3 * Double.pi))
  static let deviation = (
    x: (4.875 * Double.pi * Double.pi - 0.25 - mean.x * mean.x).squareRoot(),
    y: (4.875 * Double.pi * Double.pi + 0.25 - mean.y * mean.y).squareRoot()
  )

  /// What the points were divided by to have unit variance.
  private var scale: Double { (1 + noise * noise).squareRoot() }

  /// Rows of two numbers, one row after the other.
  ///
  /// Row i depends on the seed, the purpose and i alone: asking for more rows adds rows.
  func rows(_ count: Int, seed: UInt64, purpose: Purpose) -> [Double] {
    let source = NoiseSource(seed: seed, purpose: purpose)
    var rows: [Double] = []
    rows.reserveCapacity(2 * count)
    for row in 0..<max(0, count) {
      var stream = source.stream(chain: UInt64(row), step: 0)
      let point = SwissRoll.curve(Double.random(in: 0..<1, using: &stream))
      rows.append((point.x + noise * Double(stream.nextNormal())) / scale)
      rows.append((point.y + noise * Double(stream.nextNormal())) / scale)
    }
    return rows
  }

  /// The standardised curve without noise.
  static func curve(_ u: Double) -> (x: Double, y: Double) {
    let angle = 1.5 * .pi * (1 + 2 * u)
    return ((angle * cos(angle) - mean.x) / deviation.x, (angle * sin(angle) - mean.y) / deviation.y)
  }

  /// The density of the data; without noise there is none.
  var density: BlurredSpiral? {
    noise > 0 ? BlurredSpiral(scale: 1 / scale, blur: noise / scale) : nil
  }

  /// L_null in bits, exactly: the mean of the logarithm of a standard normal's density, for data of mean 0 and variance 1.
  static let nullBits = -log2(2 * .pi * M_E)

  /// -H(X_0) in bits; infinite without noise.
  var negativeEntropyBits: Double {
    density.map { -$0.entropy / M_LN2 } ?? .infinity
  }

  /// What no network's bound can pass with the fixed last step p(x_0|x_1) = T_pi(x_0|x_1; beta_1), in bits:
  /// -H(X_1) + E[log pi(x_0) - log pi(x_1)].
  ///
  /// The second part is -beta_1 (E|x_0|^2 - 2) / 2, which is 0 for these data.
  ///
  /// - Parameter firstVariance: beta_1, in (0, 1).
  func ceilingBits(firstVariance: Double) -> Double {
    let kept = 1 - firstVariance
    let spiral = BlurredSpiral(
      scale: kept.squareRoot() / scale, blur: (kept * noise * noise / (scale * scale) + firstVariance).squareRoot())
    return -spiral.entropy / M_LN2
  }
}
