// What formulas begin with: numbers, and values that have a name.

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

  /// A value that is given for each tile, the same for its rows.
  package static func tileInput(_ name: String, shape: Shape) -> Formula {
    Formula(node: Node(.input(name), [], shape: shape, stage: .step))
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
