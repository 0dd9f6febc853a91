internal import CGSL
import Foundation

/// Independent normals, one for each coordinate.
///
/// ```swift
/// let position = try DiagonalNormal(mean: [0, 1], standardDeviations: [1, 0.5])
/// let atMean = position.logDensity(at: [0, 1])
/// ```
public struct DiagonalNormal: ClosedFormDivergence {
  /// The mean of each coordinate.
  public let mean: [Double]
  /// The standard deviation of each coordinate, positive.
  public let standardDeviations: [Double]

  /// A distribution with the given mean and standard deviation of each coordinate.
  ///
  /// - Throws: `DistributionError` unless there are as many finite means as finite positive standard deviations, and
  ///   at least one.
  public init(mean: [Double], standardDeviations: [Double]) throws(DistributionError) {
    let check = ParameterCheck(subject: "DiagonalNormal")
    guard !mean.isEmpty else { throw check.error("mean", "empty", "give at least one coordinate") }
    guard mean.count == standardDeviations.count else {
      throw check.error(
        "the number of standardDeviations", standardDeviations.count, "give \(mean.count), as many as means")
    }
    for (index, value) in mean.enumerated() { try check.finite(value, "mean[\(index)]") }
    for (index, value) in standardDeviations.enumerated() {
      try check.positive(value, "standardDeviations[\(index)]")
    }
    self.mean = mean
    self.standardDeviations = standardDeviations
  }

  /// All vectors of as many coordinates.
  public var support: Support { .vectors(dimensions: mean.count) }

  /// The log density at a vector of as many coordinates; minus infinity at any other.
  public func logDensity(at value: [Double]) -> Double {
    guard value.count == mean.count else { return -.infinity }
    var total = 0.0
    for index in mean.indices {
      let z = (value[index] - mean[index]) / standardDeviations[index]
      total -= z * z / 2 + log(standardDeviations[index]) + SpecialFunctions.halfLogTwoPi
    }
    return total
  }

  /// A vector, by GSL's ziggurat.
  public func sample(using stream: inout RandomStream) -> [Double] {
    stream.withGSL { generator in
      mean.indices.map { mean[$0] + gsl_ran_gaussian_ziggurat(generator, standardDeviations[$0]) }
    }
  }

  /// The squares of the standard deviations.
  public var variance: [Double] { standardDeviations.map { $0 * $0 } }

  /// The differential entropy in nats: the sum over coordinates of (1 + log(2 pi)) / 2 + log of the deviation.
  public var entropy: Double {
    standardDeviations.reduce(0) { $0 + 0.5 + SpecialFunctions.halfLogTwoPi + log($1) }
  }

  /// The divergence in nats: the sum of the coordinates'.
  ///
  /// - Throws: `DistributionError` if the two differ in dimensions.
  public func klDivergence(to other: DiagonalNormal) throws(DistributionError) -> Double {
    guard other.mean.count == mean.count else {
      throw DistributionError(
        of: "DiagonalNormal.klDivergence", parameter: "the number of other's dimensions", value: other.mean.count,
        remedy: "give a distribution of \(mean.count) dimensions")
    }
    var total = 0.0
    for index in mean.indices {
      let shift = (mean[index] - other.mean[index]) / other.standardDeviations[index]
      total +=
        SpecialFunctions.normalDeviance(standardDeviations[index], other.standardDeviations[index])
        + shift * shift / 2
    }
    return total
  }
}
