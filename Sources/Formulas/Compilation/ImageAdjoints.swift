// Adjoints of operations on images. A prime marks an adjoint: z' is that of the result.

extension Graph {
  // A convolution z = w * x is linear in the kernel and in the image. With g in the place of z, three operations belong
  // to the one form sum over o, c, pixels and taps of g w x: the convolution, its transpose, which gives an image like x,
  // and the product that gives a kernel. Each is the form's derivative by one of the three, so the adjoints of each are
  // the other two.

  private mutating func convolved(_ kernel: ID, _ image: ID, like z: ID) -> ID {
    insert(.convolve(.nothing), [kernel, image], shape: vertices[z].shape)
  }

  private mutating func transposed(_ kernel: ID, _ g: ID, like image: ID) -> ID {
    insert(.convolveTransposed, [kernel, g], shape: vertices[image].shape)
  }

  private mutating func product(_ g: ID, _ image: ID, like kernel: ID) -> ID {
    insert(.convolutionKernel, [g, image], shape: vertices[kernel].shape, stage: .step)
  }

  /// z = w * x + a: w' = z' x, x' = w^T z'. A bias is added at all pixels, so b' is the sum over them; each pixel of a
  /// coarser image is added to up to four, whose z' it gets.
  mutating func pulledBackConvolution(_ addend: Operation.Addend, _ operands: [ID], _ outer: ID) -> [Contribution] {
    let (kernel, image) = (operands[0], operands[1])
    var result: [Contribution] = [
      (image, transposed(kernel, outer, like: image)), (kernel, product(outer, image, like: kernel)),
    ]
    switch addend {
    case .nothing: break
    case .bias:
      let bias = operands[2]
      result.append((bias, insert(.sumPlanes, [outer], shape: vertices[bias].shape, stage: .step)))
    case .coarse:
      let coarse = operands[2]
      result.append((coarse, insert(.pool(mean: false), [outer], shape: vertices[coarse].shape)))
    }
    return result
  }

  mutating func pulledBackConvolutionTransposed(kernel: ID, g: ID, _ outer: ID) -> [Contribution] {
    [(g, convolved(kernel, outer, like: g)), (kernel, product(g, outer, like: kernel))]
  }

  mutating func pulledBackConvolutionKernel(g: ID, image: ID, _ outer: ID) -> [Contribution] {
    [(g, convolved(outer, image, like: g)), (image, transposed(outer, g, like: image))]
  }

  /// The sum of up to four pixels goes back to each of them, their mean with the share that each has; and the other way
  /// round.
  mutating func pulledBackPool(mean: Bool, _ x: ID, _ outer: ID) -> [Contribution] {
    [(x, insert(.upsample(mean: mean), [outer], shape: vertices[x].shape))]
  }

  mutating func pulledBackUpsampling(mean: Bool, _ x: ID, _ outer: ID) -> [Contribution] {
    [(x, insert(.pool(mean: mean), [outer], shape: vertices[x].shape))]
  }
}
