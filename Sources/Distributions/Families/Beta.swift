internal import CGSL
import Foundation

/// The beta distribution with density x^(alpha-1) (1-x)^(beta-1) / B(alpha, beta) on [0, 1].
///
/// ```swift
/// let share = try Beta(alpha: 2, beta: 5)
/// let density = exp(share.logDensity(at: 0.25))
/// ```
public struct Beta: ClosedFormDivergence {
  /// The exponent of x, plus 1.
  public let alpha: Double
  /// The exponent of 1 - x, plus 1.
  public let beta: Double

  /// A distribution with the given exponents, plus 1.
  ///
  /// - Throws: `DistributionError` unless both are from 1e-300 to 1e300.
  public init(alpha: Double, beta: Double) throws(DistributionError) {
    let check = ParameterCheck(subject: "Beta")
    try check.shape(alpha, "alpha")
    try check.shape(beta, "beta")
    self.alpha = alpha
    self.beta = beta
  }

  /// The interval from 0 to 1.
  public var support: Support { .interval(lower: 0, upper: 1) }

  /// The log density, in nats; minus infinity outside [0, 1].
  ///
  /// At an end infinite for an exponent below 0, finite for 0.
  public func logDensity(at value: Double) -> Double {
    guard support.contains(value) else { return value.isNaN ? .nan : -.infinity }
    if value == 0 { return alpha < 1 ? .infinity : alpha == 1 ? log(beta) : -.infinity }
    if value == 1 { return beta < 1 ? .infinity : beta == 1 ? log(alpha) : -.infinity }
    if min(alpha, beta) < 10 {
      return (alpha - 1) * log(value) + (beta - 1) * log1p(-value) - SpecialFunctions.logBeta(alpha, beta)
    }
    // A binomial probability in disguise, whose large terms cancel in closed form.
    return SpecialFunctions.logBinomial(alpha, beta, p: value, q: 1 - value)
      + log(alpha) + log(beta) - log(alpha + beta) - log(value) - log1p(-value)
  }

  /// A number in [0, 1], by GSL's sampler.
  public func sample(using stream: inout RandomStream) -> Double {
    stream.withGSL { gsl_ran_beta($0, alpha, beta) }
  }

  /// alpha / (alpha + beta).
  public var mean: Double { alpha / (alpha + beta) }

  /// alpha beta / ((alpha + beta)^2 (alpha + beta + 1)).
  public var variance: Double {
    let sum = alpha + beta
    return (alpha / sum) * (beta / sum) / (sum + 1)
  }

  /// The differential entropy in nats, accurate for large exponents too.
  public var entropy: Double {
    // ln B - (alpha-1) psi(alpha) - (beta-1) psi(beta) + (sum-2) psi(sum) with Stirling's leading terms taken out.
    let sum = alpha + beta
    let logarithms = SpecialFunctions.halfLogTwoPi + (log(alpha) + log(beta) - 3 * log(sum)) / 2
    let remainders =
      SpecialFunctions.stirlingRemainder(alpha) + SpecialFunctions.stirlingRemainder(beta)
      - SpecialFunctions.stirlingRemainder(sum)
    let slopes =
      (alpha - 1) * SpecialFunctions.digammaMinusLog(alpha) + (beta - 1) * SpecialFunctions.digammaMinusLog(beta)
      - (sum - 2) * SpecialFunctions.digammaMinusLog(sum)
    return logarithms + remainders - slopes
  }

  /// The divergence in nats, in closed form.
  public func klDivergence(to other: Beta) -> Double {
    SpecialFunctions.logGammaExcess(other.alpha, over: alpha) + SpecialFunctions.logGammaExcess(other.beta, over: beta)
      - SpecialFunctions.logGammaExcess(other.alpha + other.beta, over: alpha + beta)
  }
}
