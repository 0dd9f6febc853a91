import Foundation

/// Normalised radial basis functions: exp(-e^{s_j} |x - c_j|^2), divided by their sum over j; output [units].
///
/// Centres c_j, parameter `centres` of shape [units x inputs], and log scales s_j, parameter `logScales` of shape
/// [units], are learned. As the first layer its centres start at rows of the data. Sohl-Dickstein et al. 2015, appendix
/// D.1.1.
public struct RadialBasis: NetworkLayer {
  public static let typeName = "radialBasis"
  /// How many functions.
  public let units: Int

  /// - Parameter units: how many functions, 1 or more (else a fault of the definition).
  public init(units: Int) { self.units = units }

  public var inside: [Placed<AnyLayer>] { [] }
  public var sourceText: String { "RadialBasis(units: \(units))" }

  public func output(of input: Formula, in network: LayerContext) -> Formula {
    if let fault = network.fault(units: units, of: name) { return network.fault(fault, input) }
    let x = input.flattened
    let inputs = x.shape.count
    let centres = network.parameter(
      "centres", shape: [units, inputs], network.isState ? .dataRows : .normal(standardDeviation: 1))
    // Neighbouring functions overlap at first, both for data of unit variance and for hidden units, whose squared
    // distance from a centre grows with their number.
    let start = network.isState ? 1.5 : -Foundation.log(Double(max(1, inputs)))
    let scales = network.parameter("logScales", shape: [units], .constant(start))
    return softmax(squaredDistance(x, centres: centres) * -exp(scales))
  }
}
