// Parts of vectors, sums over them, and normalisation.

extension Formula {
  /// The number at an index of a vector, counted from 0, or the slice at an index of a first axis; an index out of
  /// range is a fault.
  public subscript(index: Int) -> Formula {
    guard let extent = shape.axes.first, index >= 0, index < extent else {
      return Formula.fault(
        .slice(start: 0, count: 1), [self], shape: .scalar, "there is no element \(index) in \(shape)")
    }
    return self[index..<index + 1].reshaped(to: Shape(Array(shape.axes.dropFirst())))
  }

  /// Elements along the first axis; a range that is empty or leaves it is a fault.
  public subscript(range: Range<Int>) -> Formula {
    guard let extent = shape.axes.first, range.lowerBound >= 0, range.upperBound <= extent, !range.isEmpty else {
      return Formula.fault(
        .slice(start: 0, count: 1), [self], shape: shape,
        "there are no elements \(range.lowerBound)..<\(range.upperBound) in \(shape)")
    }
    if range == 0..<extent { return self }
    return Formula(
      node: Node(
        .slice(start: range.lowerBound, count: range.count), [node],
        shape: Shape([range.count] + shape.axes.dropFirst())))
  }

  /// The same numbers, in row-major order, in another shape of the same count; another count is a fault.
  public func reshaped(to shape: Shape) -> Formula {
    if shape == self.shape { return self }
    let fault =
      shape.count == self.shape.count
      ? nil : FormulaFault("\(self.shape) has \(self.shape.count) numbers and cannot become \(shape)")
    return Formula(node: Node(.reshape, [node], shape: shape, fault: fault))
  }

  /// The slice of a table for the time step that a row is at, shifted by an offset; the first axis counts the steps.
  package func atStep(offset: Int = 0) -> Formula {
    let slice = Shape(Array(shape.axes.dropFirst()))
    if stage > .shared {
      return Formula.fault(.atStep(offset: offset), [self], shape: slice, "a table of steps cannot vary by row")
    }
    return Formula(node: Node(.atStep(offset: offset), [node], shape: slice, stage: .step))
  }
}

/// The sum of all numbers of a value: a scalar; 0 where there are none.
public func sum(_ x: Formula) -> Formula {
  x.shape == .scalar ? x : Formula(node: Node(.sum, [x.node], shape: .scalar))
}

/// The mean of all numbers of a value: a scalar; 0 where there are none.
public func mean(_ x: Formula) -> Formula { sum(x) / Double(Swift.max(1, x.shape.count)) }

/// Values joined along their first axis; a scalar counts as one element. The other axes agree, or it is a fault.
public func concatenate(_ parts: [Formula]) -> Formula {
  let vectors = parts.map { $0.shape == .scalar ? $0.reshaped(to: [1]) : $0 }
  guard let first = vectors.first else {
    return Formula.fault(.concatenate, [], shape: [0], "nothing to concatenate")
  }
  if vectors.count == 1 { return first }
  let rest = first.shape.axes.dropFirst()
  let stage = vectors.map(\.stage).max() ?? .constant
  var fault: FormulaFault?
  for part in vectors where part.shape.axes.dropFirst() != rest {
    fault = FormulaFault(
      "concatenate takes shapes that agree but for the first axis, but got "
        + vectors.map { "\($0.shape)" }.joined(separator: ", "))
  }
  let total = vectors.reduce(0) { $0 + ($1.shape.axes.first ?? 1) }
  return Formula(
    node: Node(
      .concatenate, vectors.map { $0.broadcast(to: $0.shape, stage: stage).node }, shape: Shape([total] + rest),
      fault: fault))
}

/// The running sums of a vector that does not vary by row.
package func cumulativeSum(_ x: Formula) -> Formula {
  if x.stage > .step { return Formula.fault(.cumulativeSum, [x], shape: x.shape, "cumulativeSum is not for rows") }
  return Formula(node: Node(.cumulativeSum, [x.node], shape: x.shape))
}

/// e^x_j / sum over k of e^x_k, over all numbers of a value: the same shape.
///
/// Large numbers do not overflow. Minus infinity has share 0; NaN where a number is infinite or all are minus infinity.
public func softmax(_ x: Formula) -> Formula {
  Formula(node: Node(.softmax, [x.broadcast(to: x.shape, stage: .row).node], shape: x.shape))
}

/// log sum of e^x_k, over all numbers of a value: a scalar.
///
/// Large numbers do not overflow. Minus infinity counts as a share of 0, and is the result where all are.
public func logSumExp(_ x: Formula) -> Formula {
  Formula(node: Node(.logSumExp, [x.broadcast(to: x.shape, stage: .row).node], shape: .scalar))
}
