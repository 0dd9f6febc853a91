// Arithmetic and functions of expressions, as a user writes them.
//
// Two operands must have the same shape, or one of them be a scalar, which then stands for every number of the other.

extension Formula: ExpressibleByFloatLiteral, ExpressibleByIntegerLiteral {
  /// A constant scalar.
  public init(floatLiteral value: Double) { self.init(value) }

  /// A constant scalar.
  public init(integerLiteral value: Int) { self.init(Double(value)) }

  /// A constant scalar.
  public init(_ value: Double) {
    self.init(node: Node(.constant([value]), [], shape: .scalar))
  }

  /// A constant vector, shape [values.count].
  public init(_ values: [Double]) {
    self.init(values, shape: [values.count])
  }

  /// A constant of any shape; the numbers lie in row-major order, as many as the shape has (else the formula carries a
  /// fault).
  public init(_ values: [Double], shape: Shape) {
    let fault =
      values.count == shape.count
      ? nil
      : FormulaFault("a constant of shape \(shape) takes \(shape.count) numbers, but \(values.count) were given")
    self.init(node: Node(.constant(values), [], shape: shape, fault: fault))
  }

  /// A parameter, a value that training changes.
  package static func parameter(_ name: String, shape: Shape) -> Formula {
    Formula(node: Node(.parameter(name), [], shape: shape, stage: .shared))
  }

  /// A value that is given for each row.
  package static func input(_ name: String, shape: Shape) -> Formula {
    Formula(node: Node(.input(name), [], shape: shape, stage: .row))
  }

  /// A value that is put in later, with `substituting`.
  package static func symbol(_ name: String, shape: Shape, stage: Stage) -> Formula {
    Formula(node: Node(.input(name), [], shape: shape, stage: stage))
  }

  /// The same value, with a name for messages about it and what it is made of.
  package func labelled(_ label: String) -> Formula {
    Formula(
      node: Node(
        node.operation, node.operands, shape: shape, stage: stage, fault: fault, label: node.label ?? label))
  }
}

// MARK: - Building nodes

extension Formula {
  static func elementwise(_ operation: Operation, _ operands: [Formula], name: String) -> Formula {
    let stage = operands.map(\.stage).max() ?? .constant
    let shape = operands.map(\.shape).max { $0.count < $1.count || ($0.axes.count < $1.axes.count) } ?? .scalar
    var fault: FormulaFault?
    for operand in operands where operand.shape != shape && operand.shape != .scalar {
      fault = FormulaFault(
        "\(name) takes operands of one shape, or a scalar and any shape, but got "
          + operands.map { "\($0.shape)" }.joined(separator: " and "))
    }
    let spread =
      fault == nil ? operands.map { $0.broadcast(to: shape, stage: stage).node } : operands.map(\.node)
    return Formula(node: Node(operation, spread, shape: shape, stage: stage, fault: fault))
  }

  func unary(_ function: Operation.Unary) -> Formula {
    Formula(node: Node(.unary(function), [node], shape: shape))
  }

  func binary(_ function: Operation.Binary, _ other: Formula) -> Formula {
    Formula.elementwise(.binary(function), [self, other], name: function.rawValue)
  }

  /// The same numbers for a later stage, a scalar repeated to fill a shape.
  package func broadcast(to shape: Shape, stage: Stage) -> Formula {
    let stage = max(stage, self.stage)
    if self.shape == shape && self.stage == stage { return self }
    let fault =
      self.shape == shape || self.shape == .scalar
      ? nil : FormulaFault("only a scalar can be spread over \(shape), but got \(self.shape)")
    return Formula(node: Node(.broadcast, [node], shape: shape, stage: stage, fault: fault))
  }

  static func fault(_ operation: Operation, _ operands: [Formula], shape: Shape, _ message: String) -> Formula {
    Formula(node: Node(operation, operands.map(\.node), shape: shape, fault: FormulaFault(message)))
  }
}

// MARK: - Arithmetic
//
// The overloads for Double are disfavoured so that a literal is an Formula and nothing is ambiguous.

extension Formula {
  /// The sum, number by number, of two values of one shape, or of a value and a scalar; other shapes are a fault.
  public static func + (left: Formula, right: Formula) -> Formula { left.binary(.add, right) }
  /// The difference, number by number; shapes as for +.
  public static func - (left: Formula, right: Formula) -> Formula { left.binary(.subtract, right) }
  /// The product, number by number; shapes as for +.
  public static func * (left: Formula, right: Formula) -> Formula { left.binary(.multiply, right) }
  /// The quotient, number by number; shapes as for +.
  public static func / (left: Formula, right: Formula) -> Formula { left.binary(.divide, right) }
  /// The negative of each number.
  public static prefix func - (operand: Formula) -> Formula { operand.unary(.negate) }

  @_disfavoredOverload
  public static func + (left: Formula, right: Double) -> Formula {
    Formula(node: Node(.shift(right), [left.node], shape: left.shape))
  }
  @_disfavoredOverload
  public static func + (left: Double, right: Formula) -> Formula { right + left }
  @_disfavoredOverload
  public static func - (left: Formula, right: Double) -> Formula { left + (-right) }
  @_disfavoredOverload
  public static func - (left: Double, right: Formula) -> Formula { -right + left }
  @_disfavoredOverload
  public static func * (left: Formula, right: Double) -> Formula {
    Formula(node: Node(.scale(right), [left.node], shape: left.shape))
  }
  @_disfavoredOverload
  public static func * (left: Double, right: Formula) -> Formula { right * left }
  @_disfavoredOverload
  public static func / (left: Formula, right: Double) -> Formula {
    Formula(node: Node(.scale(Double(1) / right), [left.node], shape: left.shape))
  }
  @_disfavoredOverload
  public static func / (left: Double, right: Formula) -> Formula { right.unary(.reciprocal) * left }
}

/// e^x, for each number.
public func exp(_ x: Formula) -> Formula { x.unary(.exp) }
/// The natural logarithm of each number.
public func log(_ x: Formula) -> Formula { x.unary(.log) }
/// log(1 + x), accurate for small x.
public func log1p(_ x: Formula) -> Formula { x.unary(.log1p) }
/// e^x - 1, accurate for small x.
public func expm1(_ x: Formula) -> Formula { x.unary(.expm1) }
/// The square root of each number.
public func sqrt(_ x: Formula) -> Formula { x.unary(.sqrt) }
/// x^n, for each number; 1 for n = 0.
public func pow(_ x: Formula, _ exponent: Int) -> Formula {
  if exponent < 0 { return reciprocal(pow(x, -max(exponent, -Int.max))) }
  if exponent == 0 { return Formula(1).broadcast(to: x.shape, stage: x.stage) }
  if exponent == 1 { return x }
  let half = pow(x, exponent / 2)
  return exponent.isMultiple(of: 2) ? square(half) : square(half) * x
}
@available(*, unavailable, message: "write pow(x, 3) with a whole number, or exp(p * log(x)) where x is positive")
public func pow(_ x: Formula, _ exponent: Double) -> Formula { x }
/// x^2, for each number.
public func square(_ x: Formula) -> Formula { x.unary(.square) }
/// 1 / x, for each number.
public func reciprocal(_ x: Formula) -> Formula { x.unary(.reciprocal) }
/// The hyperbolic tangent of each number.
public func tanh(_ x: Formula) -> Formula { x.unary(.tanh) }
/// 1 / (1 + e^-x), for each number.
public func sigmoid(_ x: Formula) -> Formula { x.unary(.sigmoid) }
/// log(1 + e^x), for each number.
public func softplus(_ x: Formula) -> Formula { x.unary(.softplus) }
/// max(x, 0), for each number.
public func relu(_ x: Formula) -> Formula { x.unary(.relu) }
/// x where it is positive, slope times x elsewhere, for each number.
public func leakyReLU(_ x: Formula, slope: Double = 0.01) -> Formula {
  Formula(node: Node(.leakyReLU(slope: slope), [x.node], shape: x.shape))
}
/// x sigmoid(x), for each number.
public func silu(_ x: Formula) -> Formula { x * sigmoid(x) }
/// The sine of each number, in radians.
public func sin(_ x: Formula) -> Formula { x.unary(.sin) }
/// The cosine of each number, in radians.
public func cos(_ x: Formula) -> Formula { x.unary(.cos) }
/// The absolute value of each number; its gradient at 0 is 0.
public func abs(_ x: Formula) -> Formula { x.unary(.absolute) }
/// The greater of two numbers, number by number; its gradient goes to that one.
public func max(_ x: Formula, _ y: Formula) -> Formula { x.binary(.maximum, y) }
/// The lesser of two numbers, number by number; its gradient goes to that one.
public func min(_ x: Formula, _ y: Formula) -> Formula { x.binary(.minimum, y) }
/// The second number where the condition is not 0, the third elsewhere, number by number; the gradient goes to the
/// number chosen. All have one shape or are scalars.
public func select(_ condition: Formula, _ value: Formula, _ otherwise: Formula) -> Formula {
  Formula.elementwise(.select, [condition, value, otherwise], name: "select")
}

// MARK: - Gradients

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

// MARK: - Vectors

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

/// The sum of all numbers of a value: a scalar.
public func sum(_ x: Formula) -> Formula {
  x.shape == .scalar ? x : Formula(node: Node(.sum, [x.node], shape: .scalar))
}

/// The mean of all numbers of a value: a scalar.
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

/// e^x_j / sum over k of e^x_k, over the numbers of a vector: the same shape.
public func softmax(_ x: Formula) -> Formula {
  Formula(node: Node(.softmax, [x.broadcast(to: x.shape, stage: .row).node], shape: x.shape))
}

/// log sum of e^x_k, over the numbers of a vector: a scalar.
public func logSumExp(_ x: Formula) -> Formula {
  Formula(node: Node(.logSumExp, [x.broadcast(to: x.shape, stage: .row).node], shape: .scalar))
}

// MARK: - Matrices

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
