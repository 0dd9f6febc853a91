// Gradients as values: what follows a formula's slope, such as a step towards where a factor is large.

extension Formula {
  /// The same value as one that `gradient(of:at:)` can be taken at.
  package var asVariable: Formula { Formula(node: Node(.variable, [node], shape: shape)) }
}

/// The gradient of a scalar at a value that it is made of: df/dx, in the shape of x.
///
/// - Parameter x: what `asVariable` gave, and f was then written with; f does not depend on any other.
package func gradient(of f: Formula, at x: Formula) -> Formula {
  let fault =
    f.shape == .scalar ? nil : FormulaFault("a gradient is one of a scalar, not of a value of shape \(f.shape)")
  return Formula(node: Node(.gradient, [f.node, x.node], shape: x.shape, fault: fault))
}
