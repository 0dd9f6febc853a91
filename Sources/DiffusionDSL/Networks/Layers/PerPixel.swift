import Formulas

/// activation(W x + b) at each pixel of an image, by the same weights: a dense layer over a pixel's channels; output
/// [units, height, width].
///
///     PerPixel(20, activation: .tanh)
///
/// W is the parameter `weight` of shape [units x input channels x 1 x 1], b the parameter `bias` of shape [units]. An
/// input that is no image is a fault of the definition.
public struct PerPixel: NetworkLayer {
  public static let typeName = "perPixel"
  /// Channels of the output.
  public let units: Int
  /// What is done with each number of the output.
  public let activation: Activation
  /// What is added before the activation, and how it depends on the step.
  public let bias: Bias

  /// - Parameters:
  ///   - units: channels of the output, 1 or more (else a fault of the definition).
  ///   - activation: what is done with each number.
  ///   - bias: what is added before the activation: the same at every step, or such that depends on it.
  public init(_ units: Int, activation: Activation = .identity, bias: Bias = .constant) {
    self.units = units
    self.activation = activation
    self.bias = bias
  }

  public var inside: [Placed<AnyLayer>] { [] }
  public var sourceText: String { "PerPixel(\(units)\(activation.argumentText)\(bias.argumentText))" }

  public func output(of input: Formula, in network: LayerContext) -> Formula {
    guard let image = network.image(input, channels: units, kernel: 1, of: name) else { return input }
    let (weight, bias) = network.convolution(
      from: image.shape.axes[0], to: units, kernel: 1, activation, bias: bias, of: sourceText)
    return activation(convolution(weight, image, bias: bias).labelled(network.label))
  }
}
