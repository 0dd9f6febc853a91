import Formulas

// What layers over images share.

extension LayerContext {
  /// A layer's input as an image, where the layer can be made for it; nil, with the fault reported, where not.
  ///
  /// - Parameters:
  ///   - channels: that the layer gives.
  ///   - kernel: height and width of its kernel.
  ///   - layer: what messages call it.
  func image(_ input: Formula, channels: Int, kernel: Int, of layer: String) -> Formula? {
    if let message = fault(units: channels, of: layer) {
      _ = fault(message, input)
      return nil
    }
    guard kernel >= 1, kernel % 2 == 1, kernel <= SizeLimit.kernel else {
      _ = fault(
        "\(layer) has a kernel of \(kernel) x \(kernel) pixels; give an odd number from 1 to \(SizeLimit.kernel)", input
      )
      return nil
    }
    guard input.shape.axes.count == 3 else {
      _ = fault(
        "\(layer) takes an image [channels x height x width], but gets \(input.shape.count) numbers without places; put "
          + "it before layers that give a vector, over a kernel over images such as GaussianKernel(image: .init(width: "
          + "28, height: 28)), or put DensePerPixel between", input)
      return nil
    }
    return input
  }

  /// The parameters of a convolution: its kernel, and a number for each channel that it gives.
  func convolution(
    from inputs: Int, to outputs: Int, kernel: Int, _ activation: Activation, bias: Bias, of layer: String
  ) -> (weight: Formula, bias: Formula) {
    (
      convolutionWeight("weight", from: inputs, to: outputs, kernel: kernel, activation),
      bias.formula(outputs, of: layer, in: self)
    )
  }

  /// A kernel that keeps the size of a signal that is white over pixels.
  ///
  /// - Parameter terms: how many such convolutions are added.
  func convolutionWeight(
    _ name: String, from inputs: Int, to outputs: Int, kernel: Int, _ activation: Activation, terms: Int = 1
  ) -> Formula {
    let fan = Double(max(1, inputs * kernel * kernel * terms))
    return parameter(
      name, shape: [outputs, inputs, kernel, kernel], .normal(standardDeviation: activation.gain / fan.squareRoot()))
  }
}

extension Activation {
  /// The argument as it would be written, behind others; empty for the identity.
  var argumentText: String { self == .identity ? "" : ", activation: .\(rawValue)" }
}
