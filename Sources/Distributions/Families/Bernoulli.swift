internal import CGSL
import Foundation

/// The Bernoulli distribution: 1 with the given probability, else 0.
///
/// ```swift
/// let coin = try Bernoulli(probability: 0.3)
/// let entropy = coin.entropy / log(2)  // bits
/// ```
public struct Bernoulli: ClosedFormDivergence {
  /// The probability of 1, from 0 to 1.
  public let probability: Double

  /// A distribution with the given probability of 1.
  ///
  /// - Throws: `DistributionError` unless the probability is from 0 to 1.
  public init(probability: Double) throws(DistributionError) {
    try ParameterCheck(subject: "Bernoulli").probability(probability, "probability")
    self.probability = probability
  }

  /// 0 and 1.
  public var support: Support { .integers(lower: 0, upper: 1) }

  /// The log probability of 0 or 1; minus infinity for other numbers.
  public func logDensity(at value: Int) -> Double {
    switch value {
    case 0: log1p(-probability)
    case 1: log(probability)
    default: -.infinity
    }
  }

  /// 0 or 1, by GSL's sampler.
  public func sample(using stream: inout RandomStream) -> Int {
    Int(stream.withGSL { gsl_ran_bernoulli($0, probability) })
  }

  /// The probability of 1.
  public var mean: Double { probability }

  /// p (1 - p).
  public var variance: Double { probability * (1 - probability) }

  /// -p log p - (1 - p) log(1 - p), in nats; 0 where p is 0 or 1.
  public var entropy: Double {
    SpecialFunctions.surprise(probability)
      - (probability == 1 ? 0 : (1 - probability) * log1p(-probability))
  }

  /// The divergence in nats; infinite where `other` excludes a value that can occur.
  public func klDivergence(to other: Bernoulli) -> Double {
    SpecialFunctions.deviance(probability, other.probability)
      + SpecialFunctions.deviance(1 - probability, 1 - other.probability)
  }
}
