// Matrix products and distances. Weights, biases and centres are the same for all rows of a tile, so that a product is
// one of matrices over the tile.

/// W x + b: weights [m x k] and bias [m], the same for all rows, of a vector [k]: [m]. Other shapes are a fault.
public func affine(_ weights: Formula, _ x: Formula, bias: Formula? = nil) -> Formula {
  let outputs = weights.shape.axes.first ?? 0
  let operands = [weights, x] + (bias.map { [$0] } ?? [])
  let operation = Operation.affine(bias: bias != nil)
  guard weights.shape.axes.count == 2, x.shape.axes.count == 1, weights.shape.axes[1] == x.shape.axes[0] else {
    return Formula.fault(
      operation, operands, shape: [outputs],
      "a matrix product takes weights [outputs x inputs] and a vector [inputs], but got \(weights.shape) and \(x.shape)"
    )
  }
  if let bias, bias.shape != [outputs] {
    return Formula.fault(
      operation, operands, shape: [outputs], "a bias for \(outputs) outputs has shape [\(outputs)], not \(bias.shape)")
  }
  if weights.stage == .row || bias?.stage == .row {
    return Formula.fault(operation, operands, shape: [outputs], "weights and biases cannot vary by row")
  }
  return Formula(node: Node(operation, operands.map(\.node), shape: [outputs]))
}

/// W^T y: weights [m x k], the same for all rows, and a vector [m]: [k]. Other shapes are a fault.
public func affineTransposed(_ weights: Formula, _ y: Formula) -> Formula {
  let outputs = weights.shape.axes.last ?? 0
  guard weights.shape.axes.count == 2, y.shape == [weights.shape.axes[0]], weights.stage < .row else {
    return Formula.fault(
      .affineTransposed, [weights, y], shape: [outputs],
      "a transposed matrix product takes weights [m x k] that do not vary by row and a vector [m], "
        + "but got \(weights.shape) and \(y.shape)")
  }
  return Formula(node: Node(.affineTransposed, [weights.node, y.node], shape: [outputs]))
}

/// The sum over j of g_j W_j: weights [j, ...] mixed by a vector [j], neither of which varies by row.
package func weightedSum(_ mix: Formula, _ weights: Formula) -> Formula {
  let slice = Shape(Array(weights.shape.axes.dropFirst()))
  guard let count = weights.shape.axes.first, mix.shape == [count], mix.stage < .row, weights.stage < .row else {
    return Formula.fault(
      .weightedSum, [mix, weights], shape: slice,
      "a weighted sum takes a vector [j] and weights [j x ...] that do not vary by row, "
        + "but got \(mix.shape) and \(weights.shape)")
  }
  return Formula(node: Node(.weightedSum, [mix.node, weights.node], shape: slice))
}

/// |x - c_j|^2 for each of n centres [n x d], the same for all rows, of a vector [d]: [n]. Other shapes are a fault.
public func squaredDistance(_ x: Formula, centres: Formula) -> Formula {
  let count = centres.shape.axes.first ?? 0
  guard centres.shape.axes.count == 2, x.shape.axes.count == 1, centres.shape.axes[1] == x.shape.axes[0],
    centres.stage < .row
  else {
    return Formula.fault(
      .squaredDistance, [x, centres], shape: [count],
      "a squared distance takes a vector [d] and centres [n x d] that do not vary by row, "
        + "but got \(x.shape) and \(centres.shape)")
  }
  return Formula(
    node: Node(.squaredDistance, [x.broadcast(to: x.shape, stage: .row).node, centres.node], shape: [count]))
}
