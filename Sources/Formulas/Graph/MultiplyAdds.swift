// What a formula costs.

extension Formula {
  /// The multiply-adds of one row: of matrix products, convolutions and squared distances, which are nearly all of a
  /// network's work. What is computed number by number counts nothing, nor does what rows share.
  ///
  /// - Parameter inputs: formulas whose own work is left out.
  package func multiplyAdds(behind inputs: [Formula] = []) -> Int {
    var seen = Set(inputs.map { ObjectIdentifier($0.node) })
    var waiting = [node]
    var total = 0
    while let node = waiting.popLast() {
      guard seen.insert(ObjectIdentifier(node)).inserted else { continue }
      if node.stage == .row { total += node.multiplyAdds }
      waiting += node.operands
    }
    return total
  }
}

extension Node {
  fileprivate var multiplyAdds: Int {
    switch operation {
    case .affine, .affineTransposed, .squaredDistance, .weightedSum, .contractRows: operands[0].extent(or: operands[1])
    // Each of a kernel's numbers meets each pixel; taps beside the image, which are zeros, are counted too.
    case .convolve, .convolveTransposed:
      saturatingProduct([operands[0].shape.count] + shape.axes.dropFirst())
    default: 0
    }
  }

  /// The numbers of the larger of two operands: of a product's matrix.
  private func extent(or other: Node) -> Int { max(shape.count, other.shape.count) }
}
