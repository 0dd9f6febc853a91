// Arithmetic of formulas, number by number.
//
// Two operands must have the same shape, or one of them be a scalar, which then stands for every number of the other.
//
// The overloads for Double are disfavoured, so that a literal is a formula and nothing is ambiguous.

extension Formula {
  /// The sum, number by number, of two values of one shape, or of a value and a scalar; other shapes are a fault.
  public static func + (left: Formula, right: Formula) -> Formula { left.binary(.add, right) }
  /// The difference, number by number; shapes as for +.
  public static func - (left: Formula, right: Formula) -> Formula { left.binary(.subtract, right) }
  /// The product, number by number; shapes as for +.
  public static func * (left: Formula, right: Formula) -> Formula { left.binary(.multiply, right) }
  /// The quotient, number by number; shapes as for +. A number over 0 is infinite, 0 over 0 is NaN.
  public static func / (left: Formula, right: Formula) -> Formula { left.binary(.divide, right) }
  /// The negative of each number.
  public static prefix func - (operand: Formula) -> Formula { operand.unary(.negate) }

  /// Each number plus a constant.
  @_disfavoredOverload
  public static func + (left: Formula, right: Double) -> Formula {
    Formula(node: Node(.shift(right), [left.node], shape: left.shape))
  }
  /// A constant plus each number.
  @_disfavoredOverload
  public static func + (left: Double, right: Formula) -> Formula { right + left }
  /// Each number less a constant.
  @_disfavoredOverload
  public static func - (left: Formula, right: Double) -> Formula { left + (-right) }
  /// A constant less each number.
  @_disfavoredOverload
  public static func - (left: Double, right: Formula) -> Formula { -right + left }
  /// Each number times a constant.
  @_disfavoredOverload
  public static func * (left: Formula, right: Double) -> Formula {
    Formula(node: Node(.scale(right), [left.node], shape: left.shape))
  }
  /// A constant times each number.
  @_disfavoredOverload
  public static func * (left: Double, right: Formula) -> Formula { right * left }
  /// Each number over a constant: times its reciprocal, which may differ from the quotient in the last digit.
  @_disfavoredOverload
  public static func / (left: Formula, right: Double) -> Formula {
    Formula(node: Node(.scale(Double(1) / right), [left.node], shape: left.shape))
  }
  /// A constant over each number: times its reciprocal, which may differ from the quotient in the last digit.
  @_disfavoredOverload
  public static func / (left: Double, right: Formula) -> Formula { right.unary(.reciprocal) * left }
}

// MARK: - Building nodes

extension Formula {
  /// An operation number by number: its operands are spread over the largest shape and the latest stage among them.
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
