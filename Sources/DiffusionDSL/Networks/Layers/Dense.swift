/// activation(W x + b): W of shape [units x inputs], b and the output of shape [units]; an image is taken as one
/// vector.
///
/// The parameters are named `weight` and `bias` behind the layer's place, for instance `network.1.weight`.
public struct Dense: NetworkLayer {
  public static let typeName = "dense"
  /// How many outputs.
  public let units: Int
  /// What is done with each of them.
  public let activation: Activation
  /// What is added before the activation, and how it depends on the step.
  public let bias: Bias

  /// - Parameters:
  ///   - units: how many outputs, 1 or more (else a fault of the definition).
  ///   - activation: what is done with each of them.
  ///   - bias: what is added before the activation: the same at every step, or such that depends on it.
  public init(_ units: Int, activation: Activation = .identity, bias: Bias = .constant) {
    self.units = units
    self.activation = activation
    self.bias = bias
  }

  public var inside: [Placed<AnyLayer>] { [] }
  public var sourceText: String {
    "Dense(\(units)\(activation.argumentText)\(bias.argumentText))"
  }

  public func output(of input: Formula, in network: LayerContext) -> Formula {
    if let fault = network.fault(units: units, of: name) { return network.fault(fault, input) }
    let x = input.flattened
    let inputs = x.shape.count
    let scale = activation.gain / Double(max(1, inputs)).squareRoot()
    let weight = network.parameter("weight", shape: [units, inputs], .normal(standardDeviation: scale))
    let bias = self.bias.formula(units, of: sourceText, in: network)
    return activation(affine(weight, x, bias: bias).labelled(network.label))
  }
}
