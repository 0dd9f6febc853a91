internal import CGSL
import Foundation

/// The binomial distribution: the number of successes in independent trials.
///
/// ```swift
/// let successes = try Binomial(trials: 10, probability: 0.3)
/// let none = exp(successes.logDensity(at: 0))  // 0.7^10
/// ```
public struct Binomial: ClosedFormDivergence {
  /// How many trials, 0 or more.
  public let trials: Int
  /// The probability of a success, from 0 to 1.
  public let probability: Double

  /// The number of successes in the given number of trials, each a success with the given probability.
  ///
  /// - Throws: `DistributionError` unless there are 0 to `Int32.max` trials and the probability is from 0 to 1.
  public init(trials: Int, probability: Double) throws(DistributionError) {
    let check = ParameterCheck(subject: "Binomial")
    guard trials >= 0, trials <= Int(Int32.max) else {
      throw check.error("trials", trials, "give a number from 0 to \(Int32.max)")
    }
    try check.probability(probability, "probability")
    self.trials = trials
    self.probability = probability
  }

  /// 0 to the number of trials.
  public var support: Support { .integers(lower: 0, upper: trials) }

  /// The log probability of `value` successes, in nats; minus infinity below 0 and above the number of trials.
  ///
  /// By deviances and Stirling's remainders (Loader 2000), to about 1e-13 relative for any number of trials.
  public func logDensity(at value: Int) -> Double {
    guard support.contains(value) else { return -.infinity }
    return SpecialFunctions.logBinomial(
      Double(value), Double(trials - value), p: probability, q: 1 - probability)
  }

  /// A number of successes, by GSL's sampler.
  public func sample(using stream: inout RandomStream) -> Int {
    Int(stream.withGSL { gsl_ran_binomial($0, probability, UInt32(trials)) })
  }

  /// n p.
  public var mean: Double { Double(trials) * probability }

  /// n p (1 - p).
  public var variance: Double { Double(trials) * probability * (1 - probability) }

  /// The entropy in nats.
  ///
  /// Summed over all values that matter; from a variance of 1e6 on by its expansion in the inverse variance, with an
  /// error of about 1e-12.
  public var entropy: Double {
    let v = variance
    if v > 1e6 {
      return 0.5 + SpecialFunctions.halfLogTwoPi + log(v) / 2 + (4 * probability * (1 - probability) - 1) / (12 * v)
    }
    return entropyBySumming([window(mean: mean, variance: v, lower: 0, upper: trials)], logDensity: logDensity)
  }

  /// The divergence in nats, n times that of one trial.
  ///
  /// - Throws: `DistributionError` if the numbers of trials differ, for which there is no closed form.
  public func klDivergence(to other: Binomial) throws(DistributionError) -> Double {
    guard other.trials == trials else {
      throw DistributionError(
        of: "Binomial.klDivergence", parameter: "other's trials", value: other.trials,
        remedy: "give a distribution of \(trials) trials")
    }
    // The divergence of one trial, times the number of trials.
    guard trials > 0 else { return 0 }
    return Double(trials)
      * (SpecialFunctions.deviance(probability, other.probability)
        + SpecialFunctions.deviance(1 - probability, 1 - other.probability))
  }
}
