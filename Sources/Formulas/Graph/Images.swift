// Images: values of shape [channels, height, width].

/// A convolution of an image by a kernel that is the same for all rows, with zeros beside the image:
///
/// z[o, y, x] = b[o] + sum over c, k, l of w[o, c, k, l] image[c, y + k - K/2, x + l - L/2].
///
/// - Parameters:
///   - kernel: w, [outputs x channels x K x L], K and L odd.
///   - image: [channels x height x width].
///   - bias: b, [outputs].
/// - Returns: [outputs x height x width]; other shapes are a fault.
public func convolution(_ kernel: Formula, _ image: Formula, bias: Formula? = nil) -> Formula {
  convolution(kernel, image, bias: bias, coarse: nil)
}

/// The same, to which an image of half the height and width, rounded up, is added, each of its pixels to up to four.
///
/// - Parameter coarse: [outputs x (height + 1) / 2 x (width + 1) / 2].
package func convolution(_ kernel: Formula, _ image: Formula, coarse: Formula) -> Formula {
  convolution(kernel, image, bias: nil, coarse: coarse)
}

private func convolution(_ kernel: Formula, _ image: Formula, bias: Formula?, coarse: Formula?) -> Formula {
  let addend = bias ?? coarse
  let operation = Operation.convolve(bias != nil ? .bias : coarse != nil ? .coarse : .nothing)
  let operands = [kernel, image] + (addend.map { [$0] } ?? [])
  let (w, x) = (kernel.shape.axes, image.shape.axes)
  let shape = Shape([w.first ?? 1] + (x.count == 3 ? [x[1], x[2]] : [1, 1]))
  func fault(_ message: String) -> Formula { Formula.fault(operation, operands, shape: shape, message) }
  guard w.count == 4, x.count == 3, w[1] == x[0], w[2] % 2 == 1, w[3] % 2 == 1, x[1] > 0, x[2] > 0 else {
    return fault(
      "a convolution takes a kernel [outputs x channels x height x width] of odd height and width and an image "
        + "[channels x height x width], but got \(kernel.shape) and \(image.shape)")
  }
  if kernel.stage == .row || bias?.stage == .row {
    return fault("a convolution's kernel and bias cannot vary by row")
  }
  if let bias, bias.shape != [w[0]] {
    return fault("a bias for \(w[0]) channels has shape [\(w[0])], not \(bias.shape)")
  }
  if let coarse, coarse.shape != shape.halved {
    return fault("the image that is added to one of \(shape) has shape \(shape.halved), not \(coarse.shape)")
  }
  var nodes = [kernel.node, image.broadcast(to: image.shape, stage: .row).node]
  if let bias { nodes.append(bias.node) }
  if let coarse { nodes.append(coarse.broadcast(to: coarse.shape, stage: .row).node) }
  return Formula(node: Node(operation, nodes, shape: shape))
}

/// An image of half the height and width, rounded up: the means of two by two pixels; where the height or width is odd,
/// the last means are of the pixels that are there.
///
/// - Parameter image: [channels x height x width]; another shape is a fault.
public func meanPooled(_ image: Formula) -> Formula {
  guard image.shape.axes.count == 3 else {
    return Formula.fault(
      .pool(mean: true), [image], shape: [1, 1, 1],
      "pooling takes an image [channels x height x width], but got \(image.shape)")
  }
  let wide = image.broadcast(to: image.shape, stage: .row)
  return Formula(node: Node(.pool(mean: true), [wide.node], shape: image.shape.halved))
}

/// An image of twice the height and width: each pixel of it is that of the image at half its position.
///
/// - Parameters:
///   - image: [channels x height x width]; another shape is a fault.
///   - height: of the result, 2 height or 2 height - 1 of the image's; else a fault.
///   - width: of the result, likewise.
public func upsampled(_ image: Formula, height: Int, width: Int) -> Formula {
  let shape = Shape([image.shape.axes.first ?? 1, height, width])
  guard image.shape.axes.count == 3, height > 0, width > 0, shape.halved == image.shape else {
    return Formula.fault(
      .upsample(mean: false), [image], shape: Shape(shape.axes.map { max(1, $0) }),
      "upsampling to \(height) x \(width) takes an image [channels x \((height + 1) / 2) x \((width + 1) / 2)], "
        + "but got \(image.shape)")
  }
  let wide = image.broadcast(to: image.shape, stage: .row)
  return Formula(node: Node(.upsample(mean: false), [wide.node], shape: shape))
}

extension Shape {
  /// The shape of an image of half the height and width, rounded up.
  package var halved: Shape { [axes[0], (axes[1] + 1) / 2, (axes[2] + 1) / 2] }
}
