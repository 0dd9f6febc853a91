internal import CGSL
import Foundation

/// A mixture of distributions of one family: first a component is drawn, then a value from it.
///
/// ```swift
/// let left = try Normal(mean: -2)
/// let right = try Normal(mean: 2)
/// let twoPeaks = try Mixture(weights: [0.4, 0.6], components: [left, right])
/// let between = twoPeaks.logDensity(at: 0)
/// ```
public struct Mixture<Component: Distribution>: Distribution {
  /// What values are drawn from; one weight belongs to each.
  public let components: [Component]
  private let choice: Categorical

  /// A mixture of the components with the given weights.
  ///
  /// - Parameters:
  ///   - weights: One for each component, from 0 to 1; they sum to 1 within 1e-6.
  ///   - components: Of equal dimensions.
  /// - Throws: `DistributionError` for weights that are no probabilities, too few or too many of them, or components
  ///   of different dimensions.
  public init(weights: [Double], components: [Component]) throws(DistributionError) {
    let check = ParameterCheck(subject: "Mixture")
    guard !components.isEmpty else { throw check.error("components", "empty", "give at least one component") }
    guard weights.count == components.count else {
      throw check.error("the number of weights", weights.count, "give \(components.count), one for each component")
    }
    if case .vectors(let dimensions) = components[0].support {
      for (index, component) in components.enumerated() {
        guard case .vectors(let others) = component.support, others != dimensions else { continue }
        throw check.error("the dimension of components[\(index)]", others, "give \(dimensions), as components[0] has")
      }
    }
    self.components = components
    choice = try Categorical(probabilities: try check.distribution(weights, "weights"))
  }

  /// The components' probabilities; they sum to 1.
  public var weights: [Double] { choice.probabilities }

  /// The smallest interval or range that holds every component's.
  public var support: Support {
    components.dropFirst().reduce(components[0].support) { joined, component in
      switch (joined, component.support) {
      case (.interval(let lower, let upper), .interval(let otherLower, let otherUpper)):
        .interval(lower: min(lower, otherLower), upper: max(upper, otherUpper))
      case (.integers(let lower, let upper), .integers(let otherLower, let otherUpper)):
        .integers(lower: min(lower, otherLower), upper: max(upper, otherUpper))
      // Components of one family have one kind of support; vectors have one dimension, as checked.
      case (.vectors, _), (.interval, _), (.integers, _): joined
      }
    }
  }

  /// The log of the weighted sum of the components' densities, in nats, without overflow.
  public func logDensity(at value: Component.Value) -> Double {
    SpecialFunctions.logSumExp(
      zip(weights, components).lazy.filter { $0.0 > 0 }.map { log($0.0) + $0.1.logDensity(at: value) })
  }

  /// A component by its weight, and a value from it.
  public func sample(using stream: inout RandomStream) -> Component.Value {
    components[choice.sample(using: &stream)].sample(using: &stream)
  }

  /// The weighted mean of the components' means.
  public var mean: Component.Moment {
    .init(coordinates: averaged { $0.mean.coordinates })
  }

  /// The weighted mean of the components' variances, plus the variance of their means.
  public var variance: Component.Moment {
    let centre = mean.coordinates
    let coordinates = averaged { component in
      zip(component.variance.coordinates, zip(component.mean.coordinates, centre)).map { variance, means in
        variance + (means.0 - means.1) * (means.0 - means.1)
      }
    }
    return .init(coordinates: coordinates)
  }

  /// The entropy in nats.
  ///
  /// Summed over integers, or integrated over the line piece by piece: to about 1e-9, or where a density is infinite at
  /// an end other than 0, whose neighbourhood Double resolves badly, 1e-5.
  ///
  /// - Throws: `DistributionError` for vectors of more than one coordinate, whose entropy is to be estimated by
  ///   averaging `-logDensity` over samples, and where the density's own integral isn't 1 within 1e-6 (components
  ///   such as a gamma of shape 0.01, with mass below the smallest number); `GSLError` if a quadrature doesn't
  ///   converge.
  public var entropy: Double {
    get throws {
      switch support {
      case .integers:
        return entropyBySumming(windows) { value in (value as? Component.Value).map(logDensity) ?? .nan }
      case .interval:
        return try integratedEntropy { value in (value as? Component.Value).map(logDensity) ?? .nan }
      case .vectors(let dimensions) where dimensions == 1:
        return try integratedEntropy { value in ([value] as? Component.Value).map(logDensity) ?? .nan }
      case .vectors(let dimensions):
        throw DistributionError(
          of: "Mixture.entropy", parameter: "the number of dimensions", value: dimensions,
          remedy: "average -logDensity over samples instead")
      }
    }
  }

  private func averaged(_ property: (Component) -> [Double]) -> [Double] {
    zip(weights, components).reduce([]) { sum, entry in
      let values = property(entry.1)
      guard !sum.isEmpty else { return values.map { $0 * entry.0 } }
      return zip(sum, values).map { $0 + $1 * entry.0 }
    }
  }

  /// The ranges of integers that hold the components' mass, without overlaps.
  private var windows: [ClosedRange<Int>] {
    let all = components.map { component -> ClosedRange<Int> in
      guard case .integers(let lower, let upper) = component.support else { return 0...0 }
      return window(
        mean: component.mean.coordinates[0], variance: component.variance.coordinates[0], lower: lower, upper: upper)
    }
    var joined: [ClosedRange<Int>] = []
    for range in all.sorted(by: { $0.lowerBound < $1.lowerBound }) {
      if let last = joined.last, range.lowerBound <= last.upperBound {
        joined[joined.count - 1] = last.lowerBound...max(last.upperBound, range.upperBound)
      } else {
        joined.append(range)
      }
    }
    return joined
  }

  private func integratedEntropy(_ logDensity: (Double) -> Double) throws -> Double {
    var (lower, upper) = (-Double.infinity, Double.infinity)
    if case .interval(let first, let last) = support { (lower, upper) = (first, last) }
    // Cut where a component starts, ends, peaks or fades, so that no narrow one falls between the nodes.
    var cuts: Set<Double> = []
    for component in components {
      if case .interval(let first, let last) = component.support { cuts.formUnion([first, last]) }
      let (mean, spread) = (component.mean.coordinates[0], component.variance.coordinates[0].squareRoot())
      cuts.formUnion([-40, -12, -5, -2, 0, 2, 5, 12, 40].map { mean + $0 * spread })
    }
    let ends = cuts.filter { $0 >= lower && $0 <= upper }.sorted()
    var (total, mass) = (0.0, 0.0)
    for (start, end) in zip(ends, ends.dropFirst()) {
      // Towards a pole at 0, in the logarithm: x^(shape-1) becomes smooth.
      let isPole = start == 0 && logDensity(start) == .infinity
      let steps = isPole ? [-700, -200, -50, log(end) - 5, log(end)].filter { $0 <= log(end) } : [start, end]
      // Elsewhere Double resolves a pole's neighbourhood only to 1e-16, and its integral to a power of that.
      let isRough = !isPole && max(logDensity(start), logDensity(end)) == .infinity
      func integral(_ weight: (Double) -> Double) throws -> Double {
        try zip(steps, steps.dropFirst()).reduce(0) { sum, piece in
          try sum
            + SpecialFunctions.integrate(
              from: piece.0, to: piece.1, relativeTolerance: isRough ? 1e-6 : 1e-10, absoluteTolerance: 1e-12
            ) { node in
              let x = isPole ? exp(node) : node
              let logarithm = logDensity(x)
              let measure = logarithm + (isPole ? node : 0)
              return measure > -745 && logarithm < .infinity ? weight(logarithm) * exp(measure) : 0
            }.value
        }
      }
      total += try integral { -$0 }
      mass += try integral { _ in 1 }
    }
    guard abs(mass - 1) < 1e-6 else {
      throw DistributionError(
        of: "Mixture.entropy", parameter: "the density's integral", value: mass,
        remedy: "use components whose mass isn't that close to a single point")
    }
    return total
  }
}
