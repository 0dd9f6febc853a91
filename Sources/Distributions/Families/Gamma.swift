internal import CGSL
import Foundation

/// The gamma distribution with density x^(shape-1) exp(-x/scale) / (Gamma(shape) scale^shape) for x >= 0.
///
/// ```swift
/// let waiting = try Gamma(shape: 3, scale: 2)
/// let mean = waiting.mean  // 6
/// ```
public struct Gamma: ClosedFormDivergence {
  /// The shape, positive.
  public let shape: Double
  /// The scale, positive, in the units of values.
  public let scale: Double

  /// A distribution of the given shape and scale.
  ///
  /// - Throws: `DistributionError` unless the shape is from 1e-300 to 1e300 and the scale finite and positive.
  public init(shape: Double, scale: Double = 1) throws(DistributionError) {
    let check = ParameterCheck(subject: "Gamma")
    try check.shape(shape, "shape")
    try check.positive(scale, "scale")
    self.shape = shape
    self.scale = scale
  }

  /// 0 and above.
  public var support: Support { .interval(lower: 0, upper: .infinity) }

  /// The log density, in nats; minus infinity below 0.
  ///
  /// At 0 infinite for a shape below 1, `-log(scale)` for shape 1.
  public func logDensity(at value: Double) -> Double {
    guard support.contains(value) else { return value.isNaN ? .nan : -.infinity }
    if value == 0 { return shape < 1 ? .infinity : shape == 1 ? -log(scale) : -.infinity }
    if shape < 10 {
      let power = shape == 1 ? 0 : (shape - 1) * (log(value) - log(scale))
      return power - value / scale - SpecialFunctions.logGamma(shape) - log(scale)
    }
    // A Poisson probability in disguise, whose large terms cancel in closed form.
    return SpecialFunctions.logPoisson(shape, mean: value / scale) + log(shape) - log(value)
  }

  /// A number of 0 or more, by GSL's sampler.
  public func sample(using stream: inout RandomStream) -> Double {
    stream.withGSL { gsl_ran_gamma($0, shape, scale) }
  }

  /// shape times scale.
  public var mean: Double { shape * scale }

  /// shape times scale squared.
  public var variance: Double { shape * scale * scale }

  /// The differential entropy in nats, accurate for large shapes too.
  public var entropy: Double {
    // shape + ln Gamma(shape) + (1 - shape) psi(shape) with Stirling's leading terms taken out.
    0.5 * log(shape) + SpecialFunctions.halfLogTwoPi + SpecialFunctions.stirlingRemainder(shape)
      + (1 - shape) * SpecialFunctions.digammaMinusLog(shape) + log(scale)
  }

  /// The divergence in nats, in closed form.
  public func klDivergence(to other: Gamma) -> Double {
    SpecialFunctions.logGammaExcessBeyondDeviance(other.shape, over: shape)
      + SpecialFunctions.deviance(other.shape, shape * (scale / other.scale))
  }
}
