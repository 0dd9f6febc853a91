internal import CGSL
import Foundation

/// The continuous uniform distribution on [lower, upper].
///
/// ```swift
/// let angle = try Uniform(lower: -Double.pi, upper: Double.pi)
/// let entropy = angle.entropy
/// ```
public struct Uniform: ClosedFormDivergence {
  /// The lower end.
  public let lower: Double
  /// The upper end, above the lower.
  public let upper: Double

  /// A distribution between the given ends; from 0 to 1 by default.
  ///
  /// - Throws: `DistributionError` unless both ends are finite, `upper` is above `lower`, and their distance is finite.
  public init(lower: Double = 0, upper: Double = 1) throws(DistributionError) {
    let check = ParameterCheck(subject: "Uniform")
    try check.finite(lower, "lower")
    try check.finite(upper, "upper")
    guard upper > lower, (upper - lower).isFinite else {
      throw check.error("upper", upper, "give a number above lower, \(lower), at a finite distance")
    }
    self.lower = lower
    self.upper = upper
  }

  /// The interval between the ends.
  public var support: Support { .interval(lower: lower, upper: upper) }

  /// Minus the log of the width within the ends, minus infinity beyond; at the ends it is within.
  public func logDensity(at value: Double) -> Double {
    support.contains(value) ? -log(upper - lower) : -.infinity
  }

  /// A number between the ends, which may be the lower one.
  public func sample(using stream: inout RandomStream) -> Double {
    // Rounding may lead to the upper end, never past it.
    min(upper, stream.withGSL { gsl_ran_flat($0, 0, 1) } * (upper - lower) + lower)
  }

  /// The middle.
  public var mean: Double { lower / 2 + upper / 2 }

  /// The width squared, over 12.
  public var variance: Double {
    let width = upper - lower
    return width * width / 12
  }

  /// The differential entropy in nats: the log of the width.
  public var entropy: Double { log(upper - lower) }

  /// The log of the ratio of the widths, in nats; infinite unless `other` covers this.
  public func klDivergence(to other: Uniform) -> Double {
    guard other.lower <= lower, upper <= other.upper else { return .infinity }
    return log((other.upper - other.lower) / (upper - lower))
  }
}
