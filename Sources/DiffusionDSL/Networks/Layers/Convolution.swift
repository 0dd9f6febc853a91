import Formulas

/// activation(w * x + b): a convolution over an image with zeros beside it, so that the height and width stay; output
/// [channels, height, width].
///
///     Convolution(channels: 20, kernel: 3, activation: .softplus)
///
/// The kernel is the parameter `weight` of shape [channels x input channels x kernel x kernel], b the parameter `bias` of
/// shape [channels]. An input that is no image is a fault of the definition.
public struct Convolution: NetworkLayer {
  public static let typeName = "convolution"
  /// Channels of the output.
  public let channels: Int
  /// Height and width of the kernel, in pixels; odd.
  public let kernel: Int
  /// What is done with each number of the output.
  public let activation: Activation
  /// What is added before the activation, and how it depends on the step.
  public let bias: Bias

  /// - Parameters:
  ///   - channels: of the output, 1 or more (else a fault of the definition).
  ///   - kernel: height and width of the kernel in pixels, odd (else a fault of the definition).
  ///   - activation: what is done with each number.
  ///   - bias: what is added before the activation: the same at every step, or such that depends on it.
  public init(channels: Int, kernel: Int = 3, activation: Activation = .identity, bias: Bias = .constant) {
    self.channels = channels
    self.kernel = kernel
    self.activation = activation
    self.bias = bias
  }

  public var inside: [Placed<AnyLayer>] { [] }
  public var sourceText: String {
    "Convolution(channels: \(channels), kernel: \(kernel)\(activation.argumentText)\(bias.argumentText))"
  }

  public func output(of input: Formula, in network: LayerContext) -> Formula {
    guard let image = network.image(input, channels: channels, kernel: kernel, of: name) else { return input }
    let (weight, bias) = network.convolution(
      from: image.shape.axes[0], to: channels, kernel: kernel, activation, bias: bias, of: sourceText)
    return activation(convolution(weight, image, bias: bias).labelled(network.label))
  }
}
