/// A value that a program computes: a node of an immutable graph, of one number or of a vector, matrix or higher shape.
///
/// A model's user meets formulas in reverse steps and factors that are written by hand; they combine with +, -, *, / and
/// functions such as `exp`, `tanh` and `sum`, as numbers do:
///
/// ```swift
/// let weights = Formula([1, 2, 3])
/// let mean = sum(weights * weights) / 3
/// let tail = softplus(weights[1..<3] - mean)
/// ```
///
/// Networks, bounds and log r(x) are formulas too. Operators cannot throw, so a formula whose shapes do not fit carries
/// its `fault`, and whoever compiles it (the enclosing builder) reports it.
public struct Formula: Sendable {
  package let node: Node

  package init(node: Node) {
    self.node = node
  }

  /// The extent of the value for one row.
  public var shape: Shape { node.shape }

  /// How often the value must be computed anew.
  public var stage: Stage { node.stage }

  /// What is wrong with the formula or one that it is made of; nil where nothing is.
  public var fault: FormulaFault? { node.fault }

  /// A formula that is a mistake, for functions that make formulas and cannot throw.
  ///
  /// What is made of it carries the same fault, and the definition that it ends in is refused with the message:
  ///
  /// ```swift
  /// func halves(of x: Formula) -> [Formula] {
  ///   guard x.shape.count.isMultiple(of: 2) else {
  ///     return [.faulty("halves are of an even count of numbers, not of \(x.shape)")]
  ///   }
  ///   let half = x.shape.count / 2
  ///   return [x[0..<half], x[half..<2 * half]]
  /// }
  /// ```
  ///
  /// - Parameters:
  ///   - message: one sentence that names what was given and the remedy.
  ///   - shape: of the value that it stands for, so that no other fault follows from it.
  public static func faulty(_ message: String, shape: Shape = .scalar) -> Formula {
    Formula(node: Node(.constant([]), [], shape: shape, fault: FormulaFault(message)))
  }
}

extension Formula: CustomStringConvertible {
  /// The outermost operation, the shape, how often it is computed, and the fault if there is one:
  /// "Formula(add, [2], for each row)".
  public var description: String {
    let frequency =
      switch stage {
      case .constant: "constant"
      case .shared: "for all rows"
      case .step: "for each step"
      case .row: "for each row"
      }
    let summary = "Formula(\(node.operation.name), \(shape), \(frequency))"
    return fault.map { "\(summary): \($0)" } ?? summary
  }
}

/// A mistake in an expression, found when it was built.
public struct FormulaFault: Error, Hashable, Sendable, CustomStringConvertible {
  /// One sentence that names the operation, the shapes and the remedy.
  public let message: String

  /// A fault with its sentence.
  public init(_ message: String) {
    self.message = message
  }

  /// The message.
  public var description: String { message }
}

/// A node is reached by reference and never changes, so graphs share their common parts.
package final class Node: Sendable {
  package let operation: Operation
  package let operands: [Node]
  package let shape: Shape
  package let stage: Stage
  package let fault: FormulaFault?
  /// The layer or term that the node belongs to, for messages.
  package let label: String?
  package let depth: Int

  /// Nodes end recursively, so a chain as long as a user's loop would overflow a thread's stack.
  static let maximumDepth = 1_000

  package init(
    _ operation: Operation, _ operands: [Node], shape: Shape, stage: Stage? = nil, fault: FormulaFault? = nil,
    label: String? = nil
  ) {
    self.operation = operation
    self.operands = operands
    self.shape = shape
    self.stage = stage ?? operands.map(\.stage).max() ?? .constant
    self.label = label
    self.depth = (operands.map(\.depth).max() ?? 0) + 1
    let inherited = operands.lazy.compactMap(\.fault).first
    if depth > Node.maximumDepth {
      self.fault =
        inherited
        ?? FormulaFault(
          "an expression nests \(depth) operations deep, more than the \(Node.maximumDepth) allowed; "
            + "write long sums with sum(_:) over a vector")
    } else {
      self.fault = inherited ?? fault
    }
  }
}
