internal import CGSL
import Foundation

/// The normal distribution N(mean, standardDeviation^2).
///
/// ```swift
/// let height = try Normal(mean: 170, standardDeviation: 8)
/// let divergence = height.klDivergence(to: try Normal(mean: 175, standardDeviation: 8))
/// ```
public struct Normal: ClosedFormDivergence {
  /// The mean.
  public let mean: Double
  /// The standard deviation, positive.
  public let standardDeviation: Double

  /// A distribution with the given mean and standard deviation; the standard normal by default.
  ///
  /// - Throws: `DistributionError` unless the mean is finite and the standard deviation finite and positive.
  public init(mean: Double = 0, standardDeviation: Double = 1) throws(DistributionError) {
    let check = ParameterCheck(subject: "Normal")
    try check.finite(mean, "mean")
    try check.positive(standardDeviation, "standardDeviation")
    self.mean = mean
    self.standardDeviation = standardDeviation
  }

  /// All real numbers.
  public var support: Support { .interval(lower: -.infinity, upper: .infinity) }

  /// The log density, in nats.
  public func logDensity(at value: Double) -> Double {
    let z = (value - mean) / standardDeviation
    return -z * z / 2 - log(standardDeviation) - SpecialFunctions.halfLogTwoPi
  }

  /// A number, by GSL's ziggurat.
  public func sample(using stream: inout RandomStream) -> Double {
    mean + stream.withGSL { gsl_ran_gaussian_ziggurat($0, standardDeviation) }
  }

  /// The square of the standard deviation.
  public var variance: Double { standardDeviation * standardDeviation }

  /// The differential entropy in nats: (1 + log(2 pi)) / 2 + log of the deviation.
  public var entropy: Double { 0.5 + SpecialFunctions.halfLogTwoPi + log(standardDeviation) }

  /// The divergence in nats, in closed form.
  public func klDivergence(to other: Normal) -> Double {
    let shift = (mean - other.mean) / other.standardDeviation
    return SpecialFunctions.normalDeviance(standardDeviation, other.standardDeviation) + shift * shift / 2
  }
}
