internal import CGSL
import Foundation

/// The Poisson distribution: mean^k e^-mean / k! for k = 0, 1, 2, ...
///
/// ```swift
/// let arrivals = try Poisson(mean: 3.5)
/// let quiet = exp(arrivals.logDensity(at: 0))
/// ```
public struct Poisson: ClosedFormDivergence {
  /// The mean, from 0 to 1e9; also the variance.
  public let mean: Double

  /// A distribution with the given mean.
  ///
  /// - Throws: `DistributionError` unless the mean is from 0 to 1e9, where GSL's sampler ends.
  public init(mean: Double) throws(DistributionError) {
    guard mean >= 0, mean <= 1e9 else {
      throw ParameterCheck(subject: "Poisson").error(
        "mean", mean, "give a number from 0 to 1e9, or use a Normal of the same mean and variance above that")
    }
    self.mean = mean
  }

  /// 0 and above.
  public var support: Support { .integers(lower: 0, upper: .max) }

  /// The log probability of a count; minus infinity below 0.
  ///
  /// By the deviance and Stirling's remainder (Loader 2000), to about 1e-13 relative for any mean.
  public func logDensity(at value: Int) -> Double {
    value < 0 ? -.infinity : SpecialFunctions.logPoisson(Double(value), mean: mean)
  }

  /// A count, by GSL's sampler.
  public func sample(using stream: inout RandomStream) -> Int {
    Int(stream.withGSL { gsl_ran_poisson($0, mean) })
  }

  /// The mean.
  public var variance: Double { mean }

  /// The entropy in nats.
  ///
  /// Summed over all values that matter; from a mean of 1,000 on by its expansion in the inverse mean (Evans and
  /// Boersma 1988), with an error of about 1e-12.
  public var entropy: Double {
    if mean > 1_000 {
      let r = 1 / mean
      return 0.5 + SpecialFunctions.halfLogTwoPi + log(mean) / 2 - r * (1.0 / 12 + r * (1.0 / 24 + r * 19 / 360))
    }
    return entropyBySumming(
      [window(mean: mean, variance: mean, lower: 0, upper: .max)], logDensity: logDensity)
  }

  /// The divergence in nats, in closed form; infinite where `other` has mean 0 and this has not.
  public func klDivergence(to other: Poisson) -> Double {
    SpecialFunctions.deviance(mean, other.mean)
  }
}
