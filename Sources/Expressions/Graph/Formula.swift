/// A value that a program computes: a node of an immutable graph, of one number or of a vector, matrix or higher shape.
///
/// A model's user meets formulas in reverse steps that are written by hand; they combine with +, -, *, / and functions
/// such as `exp`, `tanh` and `sum`, as numbers do.
///
/// Expressions are what networks, bounds and log r(x) are written in. Operators cannot throw, so an expression whose
/// shapes do not fit carries its `fault`, and whoever compiles it (the enclosing builder) reports it.
public struct Formula: Sendable {
  package let node: Node

  package init(node: Node) {
    self.node = node
  }

  /// The extent of the value for one row.
  public var shape: Shape { node.shape }

  /// How often the value must be computed anew.
  public var stage: Stage { node.stage }

  /// What is wrong with the expression or one that it is made of; nil where nothing is.
  public var fault: FormulaFault? { node.fault }

  /// The same value with a fault.
  package func faulty(_ message: String) -> Formula {
    Formula(node: Node(node.operation, node.operands, shape: shape, stage: stage, fault: FormulaFault(message)))
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
