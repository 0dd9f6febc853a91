internal import CGSL
import Foundation

/// The Bernoulli distribution: 1 with the given probability, else 0.
public struct Bernoulli: ClosedFormDivergence {
  /// The probability of 1, from 0 to 1.
  public let probability: Double

  /// - Throws: `DistributionError` unless the probability is from 0 to 1.
  public init(probability: Double) throws(DistributionError) {
    try ParameterCheck(subject: "Bernoulli").probability(probability, "probability")
    self.probability = probability
  }

  public var support: Support { .integers(lower: 0, upper: 1) }

  public func logDensity(at value: Int) -> Double {
    switch value {
    case 0: log1p(-probability)
    case 1: log(probability)
    default: -.infinity
    }
  }

  public func sample(using stream: inout RandomStream) -> Int {
    Int(stream.withGSL { gsl_ran_bernoulli($0, probability) })
  }

  public var mean: Double { probability }

  public var variance: Double { probability * (1 - probability) }

  public var entropy: Double {
    SpecialFunctions.surprise(probability)
      - (probability == 1 ? 0 : (1 - probability) * log1p(-probability))
  }

  public func klDivergence(to other: Bernoulli) -> Double {
    SpecialFunctions.deviance(probability, other.probability)
      + SpecialFunctions.deviance(1 - probability, 1 - other.probability)
  }
}
