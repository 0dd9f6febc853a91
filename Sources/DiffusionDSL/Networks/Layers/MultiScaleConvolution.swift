import Formulas

/// Convolutions of an image at several scales, added up, and one activation of the sum: the image is pooled by means to
/// each power of two, convolved there, and brought back by repeating pixels (Sohl-Dickstein et al. 2015, section 3.2 and
/// appendix D.2). Output [channels, height, width].
///
///     MultiScaleConvolution(channels: 20, kernel: 3, scales: 3, activation: .softplus)
///
/// Scale 1 is the image itself. Its kernel is the parameter `weight.1` of shape [channels x input channels x kernel x
/// kernel], that of the image pooled once `weight.2`, and so on; all share one `bias` of shape [channels]. Sides that two
/// does not divide are pooled by the pixels that are there, so every size works.
public struct MultiScaleConvolution: NetworkLayer {
  public static let typeName = "multiScaleConvolution"
  /// Channels of the output.
  public let channels: Int
  /// Height and width of the kernels, in pixels; odd.
  public let kernel: Int
  /// How many scales.
  public let scales: Int
  /// What is done with each number of the sum.
  public let activation: Activation
  /// What is added before the activation, and how it depends on the step.
  public let bias: Bias

  /// - Parameters:
  ///   - channels: of the output, 1 or more (else a fault of the definition).
  ///   - kernel: height and width of the kernels in pixels, odd (else a fault of the definition).
  ///   - scales: how many, 1 to 16 (else a fault of the definition).
  ///   - activation: what is done with each number of the sum.
  ///   - bias: what is added before the activation: the same at every step, or such that depends on it.
  public init(
    channels: Int, kernel: Int = 3, scales: Int = 3, activation: Activation = .softplus, bias: Bias = .constant
  ) {
    self.channels = channels
    self.kernel = kernel
    self.scales = scales
    self.activation = activation
    self.bias = bias
  }

  public var inside: [Placed<AnyLayer>] { [] }
  public var sourceText: String {
    "MultiScaleConvolution(channels: \(channels), kernel: \(kernel), scales: \(scales)\(activation.argumentText)\(bias.argumentText))"
  }

  public func output(of input: Formula, in network: LayerContext) -> Formula {
    guard (1...16).contains(scales) else { return network.fault("\(name) has \(scales) scales; give 1 to 16", input) }
    guard let image = network.image(input, channels: channels, kernel: kernel, of: name) else { return input }
    var images = [image]
    for _ in 1..<scales { images.append(meanPooled(images[images.count - 1])) }
    // From the coarsest scale on, each sum is what the next convolution is added to. The bias is added at the coarsest,
    // from where it reaches all pixels.
    var sum: Formula?
    for (index, image) in images.enumerated().reversed() {
      let weight = network.convolutionWeight(
        "weight.\(index + 1)", from: image.shape.axes[0], to: channels, kernel: kernel, activation, terms: scales)
      sum =
        if let coarse = sum {
          convolution(weight, image, coarse: coarse)
        } else {
          convolution(weight, image, bias: bias.formula(channels, of: sourceText, in: network))
        }
    }
    return activation((sum ?? image).labelled(network.label))
  }
}
