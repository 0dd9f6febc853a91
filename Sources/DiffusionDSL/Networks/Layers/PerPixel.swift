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

  /// - Parameters:
  ///   - units: channels of the output, 1 or more (else a fault of the definition).
  ///   - activation: what is done with each number.
  public init(_ units: Int, activation: Activation = .identity) {
    self.units = units
    self.activation = activation
  }

  public var inside: [Placed<AnyLayer>] { [] }
  public var sourceText: String { "PerPixel(\(units)\(activation.argumentText))" }

  public func output(of input: Formula, in network: LayerContext) -> Formula {
    guard let image = network.image(input, channels: units, kernel: 1, of: name) else { return input }
    let (weight, bias) = network.convolution(from: image.shape.axes[0], to: units, kernel: 1, activation)
    return activation(convolution(weight, image, bias: bias).labelled(network.label))
  }
}
