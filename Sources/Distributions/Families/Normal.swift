internal import CGSL
import Foundation

/// The normal distribution N(mean, standardDeviation^2).
public struct Normal: ClosedFormDivergence {
  /// The mean.
  public let mean: Double
  /// The standard deviation, positive.
  public let standardDeviation: Double

  /// - Throws: `DistributionError` unless the mean is finite and the standard deviation finite and positive.
  public init(mean: Double = 0, standardDeviation: Double = 1) throws(DistributionError) {
    let check = ParameterCheck(subject: "Normal")
    try check.finite(mean, "mean")
    try check.positive(standardDeviation, "standardDeviation")
    self.mean = mean
    self.standardDeviation = standardDeviation
  }

  public var support: Support { .interval(lower: -.infinity, upper: .infinity) }

  public func logDensity(at value: Double) -> Double {
    let z = (value - mean) / standardDeviation
    return -z * z / 2 - log(standardDeviation) - SpecialFunctions.halfLogTwoPi
  }

  public func sample(using stream: inout RandomStream) -> Double {
    mean + stream.withGSL { gsl_ran_gaussian_ziggurat($0, standardDeviation) }
  }

  public var variance: Double { standardDeviation * standardDeviation }

  public var entropy: Double { 0.5 + SpecialFunctions.halfLogTwoPi + log(standardDeviation) }

  public func klDivergence(to other: Normal) -> Double {
    let shift = (mean - other.mean) / other.standardDeviation
    return SpecialFunctions.normalDeviance(standardDeviation, other.standardDeviation) + shift * shift / 2
  }
}
