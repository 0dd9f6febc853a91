import Foundation

/// A probability distribution over values of one type: a value itself, whose parameters were checked when it was made.
///
/// Logarithms are natural: densities, entropies and divergences are in nats.
///
/// A distribution of one's own is one type with these members, and goes into a ``Mixture`` like those that are here:
///
/// ```swift
/// struct Exponential: Distribution {
///   let mean: Double
///   var support: Support { .interval(lower: 0, upper: .infinity) }
///   func logDensity(at value: Double) -> Double { value < 0 ? -.infinity : -value / mean - log(mean) }
///   func sample(using stream: inout RandomStream) -> Double { -mean * log(Double(stream.nextUniform())) }
///   var variance: Double { mean * mean }
///   var entropy: Double { 1 + log(mean) }
/// }
/// ```
public protocol Distribution: Hashable, Sendable {
  /// What is drawn: `Double`, `Int`, or `[Double]` for vectors.
  associatedtype Value: Hashable & Sendable
  /// What means and variances are: `Double`, or `[Double]` for vectors.
  associatedtype Moment: MomentValue

  /// Where values can lie.
  var support: Support { get }

  /// The log density in nats, or log probability of a discrete value; minus infinity outside the support.
  func logDensity(at value: Value) -> Double

  /// One value, by GSL's samplers, from a stream, which moves on.
  func sample(using stream: inout RandomStream) -> Value

  /// The mean, coordinate by coordinate for vectors, in the units of values.
  var mean: Moment { get }

  /// The variance, coordinate by coordinate for vectors, in squared units of values.
  var variance: Moment { get }

  /// The entropy in nats; the differential one where values are continuous.
  ///
  /// - Throws: where there is neither a closed form nor a sum or integral that converges (mixtures).
  var entropy: Double { get throws }
}

/// A distribution whose divergence from another of its family has a closed form.
public protocol ClosedFormDivergence: Distribution {
  /// The Kullback-Leibler divergence KL(self || other) in nats, never negative; infinite where `other` excludes what
  /// `self` allows.
  ///
  /// - Throws: `DistributionError` if the two are of different sizes.
  func klDivergence(to other: Self) throws -> Double
}

/// Where a distribution's values can lie.
///
/// ```swift
/// let positive = Support.interval(lower: 0, upper: .infinity)
/// let isPositive = positive.contains(2.5)
/// ```
public enum Support: Hashable, Sendable {
  /// Real numbers; an end may be infinite.
  case interval(lower: Double, upper: Double)
  /// Integers; `Int.max` stands for no upper end.
  case integers(lower: Int, upper: Int)
  /// All vectors of the given number of coordinates.
  case vectors(dimensions: Int)

  /// Whether a real number lies there.
  public func contains(_ value: Double) -> Bool {
    guard case .interval(let lower, let upper) = self else { return false }
    return value >= lower && value <= upper && value.isFinite
  }

  /// Whether an integer lies there.
  public func contains(_ value: Int) -> Bool {
    guard case .integers(let lower, let upper) = self else { return false }
    return value >= lower && value <= upper
  }

  /// Whether a vector lies there.
  public func contains(_ value: [Double]) -> Bool {
    guard case .vectors(let dimensions) = self else { return false }
    return value.count == dimensions && value.allSatisfy(\.isFinite)
  }
}

/// A number, or a list of numbers, that a mean or a variance can be.
public protocol MomentValue: Hashable, Sendable {
  /// The value with these coordinates; a number has one.
  init(coordinates: [Double])
  /// The numbers that the value is made of.
  var coordinates: [Double] { get }
}

extension Double: MomentValue {
  /// The first coordinate; NaN where there is none.
  public init(coordinates: [Double]) { self = coordinates.first ?? .nan }
  /// The number itself.
  public var coordinates: [Double] { [self] }
}

extension Array: MomentValue where Element == Double {
  /// The coordinates themselves.
  public init(coordinates: [Double]) { self = coordinates }
  /// The numbers themselves.
  public var coordinates: [Double] { self }
}

/// Checks of parameters, each with the sentence that says what to give instead.
struct ParameterCheck {
  let subject: String

  func finite(_ value: Double, _ parameter: String) throws(DistributionError) {
    guard value.isFinite else { throw error(parameter, value, "give a finite number") }
  }

  func positive(_ value: Double, _ parameter: String) throws(DistributionError) {
    guard value > 0, value.isFinite else { throw error(parameter, value, "give a finite number above 0") }
  }

  /// A shape whose logarithms and reciprocals stay within Double.
  func shape(_ value: Double, _ parameter: String) throws(DistributionError) {
    guard value >= 1e-300, value <= 1e300 else { throw error(parameter, value, "give a number from 1e-300 to 1e300") }
  }

  func probability(_ value: Double, _ parameter: String) throws(DistributionError) {
    guard value >= 0, value <= 1 else { throw error(parameter, value, "give a number from 0 to 1") }
  }

  /// The probabilities, rescaled to sum to 1 in Double.
  func distribution(_ values: [Double], _ parameter: String) throws(DistributionError) -> [Double] {
    guard !values.isEmpty else { throw error(parameter, "empty", "give at least one probability") }
    for (index, value) in values.enumerated() { try probability(value, "\(parameter)[\(index)]") }
    let sum = values.reduce(0, +)
    guard abs(sum - 1) <= 1e-6 else {
      throw error("the sum of \(parameter)", sum, "give probabilities that sum to 1 within 1e-6")
    }
    return values.map { $0 / sum }
  }

  func error(_ parameter: String, _ value: some Sendable, _ remedy: String) -> DistributionError {
    DistributionError(of: subject, parameter: parameter, value: value, remedy: remedy)
  }
}

/// The entropy of a distribution over integers by summing over the given windows, which are to hold all of its mass
/// but what rounding loses anyway.
func entropyBySumming(_ windows: [ClosedRange<Int>], logDensity: (Int) -> Double) -> Double {
  var total = 0.0
  for window in windows {
    for value in window {
      let logarithm = logDensity(value)
      // exp of less is zero; 0 times minus infinity would not be.
      if logarithm > -745 { total -= logarithm * exp(logarithm) }
    }
  }
  return total
}

/// Twelve standard deviations and forty values around the mean: beyond lies less than 1e-20 of a binomial or Poisson.
func window(mean: Double, variance: Double, lower: Int, upper: Int) -> ClosedRange<Int> {
  let reach = 12 * variance.squareRoot() + 40
  let first = max(lower, Int(exactly: (mean - reach).rounded(.down)) ?? lower)
  let last = min(upper, Int(exactly: (mean + reach).rounded(.up)) ?? upper)
  return min(first, last)...max(first, last)
}
