import Formulas

/// W x + b from all numbers of the input to so many for each pixel: what a dense layer knows of the whole image, as
/// channels beside those of convolutions (Sohl-Dickstein et al. 2015, appendix D.2.1). Output [channels, height, width].
///
///     Parallel {
///       MultiScaleConvolution(channels: 20, kernel: 3, scales: 3, activation: .softplus)
///       Chain {
///         Dense(100, activation: .tanh)
///         DensePerPixel(4)
///       }
///     }
///
/// The image's height and width are those of x_t, where the model's rows are images; anything else is a fault of the
/// definition. W is the parameter `weight` of shape [channels * height * width x inputs], b the parameter `bias` of shape
/// [channels * height * width].
public struct DensePerPixel: NetworkLayer {
  public static let typeName = "densePerPixel"
  /// Numbers for each pixel.
  public let channels: Int

  /// - Parameter channels: numbers for each pixel, 1 or more (else a fault of the definition).
  public init(_ channels: Int) { self.channels = channels }

  public var inside: [Placed<AnyLayer>] { [] }
  public var sourceText: String { "DensePerPixel(\(channels))" }

  public func output(of input: Formula, in network: LayerContext) -> Formula {
    if let fault = network.fault(units: channels, of: name) { return network.fault(fault, input) }
    guard let (height, width) = network.imageSize else {
      return network.fault(
        "\(name) gives numbers for each pixel, but the kernel's rows are no images; write the kernel over images, as "
          + "in GaussianKernel(image: .init(width: 28, height: 28))", input)
    }
    let outputs = saturatingProduct([channels, height, width])
    if let fault = network.fault(units: outputs, of: name) { return network.fault(fault, input) }
    let x = input.flattened
    let scale = 1 / Double(max(1, x.shape.count)).squareRoot()
    let weight = network.parameter("weight", shape: [outputs, x.shape.count], .normal(standardDeviation: scale))
    let bias = network.parameter("bias", shape: [outputs], .constant(0))
    return affine(weight, x, bias: bias).labelled(network.label).reshaped(to: [channels, height, width])
  }
}
