internal import CGSL
import Foundation

/// A mixture of distributions of one family: first a component is drawn, then a value from it.
public struct Mixture<Component: Distribution>: Distribution {
  public let components: [Component]
  private let choice: Categorical

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
      default: joined
      }
    }
  }

  public func logDensity(at value: Component.Value) -> Double {
    SpecialFunctions.logSumExp(
      zip(weights, components).lazy.filter { $0.0 > 0 }.map { log($0.0) + $0.1.logDensity(at: value) })
  }

  public func sample(using stream: inout RandomStream) -> Component.Value {
    components[choice.sample(using: &stream)].sample(using: &stream)
  }

  public var mean: Component.Moment {
    .init(coordinates: averaged { $0.mean.coordinates })
  }

  public var variance: Component.Moment {
    let centre = mean.coordinates
    let coordinates = averaged { component in
      zip(component.variance.coordinates, zip(component.mean.coordinates, centre)).map { variance, means in
        variance + (means.0 - means.1) * (means.0 - means.1)
      }
    }
    return .init(coordinates: coordinates)
  }

  /// Summed over integers, or integrated over the line piece by piece, to about 1e-9.
  ///
  /// - Throws: `DistributionError` for vectors of more than one coordinate, whose entropy is to be estimated by
  ///   averaging `-logDensity` over samples; `GSLError` if the quadrature doesn't converge.
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
    let ends = cuts.filter { $0.isFinite && $0 >= lower && $0 <= upper }.sorted()
    return try zip(ends, ends.dropFirst()).reduce(0) { total, piece in
      let integral = try SpecialFunctions.integrate(
        from: piece.0, to: piece.1, relativeTolerance: 1e-10, absoluteTolerance: 1e-12
      ) { value in
        let logarithm = logDensity(value)
        return logarithm > -745 ? -logarithm * exp(logarithm) : 0
      }
      return total + integral.value
    }
  }
}
