internal import CGSL
import Foundation

/// The categorical distribution over the classes 0, 1, ..., K - 1.
///
/// ```swift
/// let species = try Categorical(probabilities: [0.5, 0.3, 0.2])
/// var stream = RandomStream(seed: 1, purpose: "species")
/// let drawn = species.sample(using: &stream)  // 0, 1 or 2
/// ```
public struct Categorical: ClosedFormDivergence {
  /// One for each class; they sum to 1.
  public let probabilities: [Double]
  private let cumulative: [Double]

  /// A distribution with the given probabilities.
  ///
  /// - Parameter probabilities: One for each class, from 0 to 1. They are to sum to 1 within 1e-6 and are rescaled to
  ///   do so exactly.
  /// - Throws: `DistributionError` for an empty list, a value out of range, or another sum.
  public init(probabilities: [Double]) throws(DistributionError) {
    let check = ParameterCheck(subject: "Categorical")
    self.probabilities = try check.distribution(probabilities, "probabilities")
    var sum = 0.0
    cumulative = self.probabilities.map { probability in
      sum += probability
      return sum
    }
  }

  /// 0 to K - 1.
  public var support: Support { .integers(lower: 0, upper: probabilities.count - 1) }

  /// The log probability of a class; minus infinity for a number that is none.
  public func logDensity(at value: Int) -> Double {
    probabilities.indices.contains(value) ? log(probabilities[value]) : -.infinity
  }

  /// A class's number.
  ///
  /// By inverting the cumulative probabilities.
  public func sample(using stream: inout RandomStream) -> Int {
    // Below the last partial sum, so that rounding never leads past the last class that can occur.
    let level = stream.withGSL { gsl_rng_uniform($0) } * (cumulative.last ?? 1)
    var (low, high) = (0, cumulative.count - 1)
    while low < high {
      let middle = (low + high) / 2
      if cumulative[middle] > level { high = middle } else { low = middle + 1 }
    }
    return low
  }

  /// The mean of the class's number.
  public var mean: Double { probabilities.enumerated().reduce(0) { $0 + Double($1.offset) * $1.element } }

  /// The variance of the class's number.
  public var variance: Double {
    let centre = mean
    return probabilities.enumerated().reduce(0) { sum, entry in
      let distance = Double(entry.offset) - centre
      return sum + distance * distance * entry.element
    }
  }

  /// The entropy in nats: minus the sum of p log p.
  public var entropy: Double { probabilities.reduce(0) { $0 + SpecialFunctions.surprise($1) } }

  /// The divergence in nats; infinite where `other` excludes a class that can occur.
  ///
  /// - Throws: `DistributionError` if the numbers of classes differ.
  public func klDivergence(to other: Categorical) throws(DistributionError) -> Double {
    guard other.probabilities.count == probabilities.count else {
      throw DistributionError(
        of: "Categorical.klDivergence", parameter: "the number of other's classes", value: other.probabilities.count,
        remedy: "give a distribution over \(probabilities.count) classes")
    }
    return zip(probabilities, other.probabilities).reduce(0) { $0 + SpecialFunctions.deviance($1.0, $1.1) }
  }
}
