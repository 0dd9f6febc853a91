// Walks over formulas that are not compiled yet: what they are made of, and the same formula with symbols replaced.

extension Formula {
  /// The same formula with symbols replaced by other formulas.
  package func substituting(_ values: [String: Formula]) -> Formula {
    rewritten { node, _ in
      guard case .input(let name) = node.operation, let value = values[name] else { return nil }
      // What was built around the symbol holds for its shape and stage only.
      guard value.shape == node.shape, value.stage <= node.stage else {
        return Formula.fault(
          .reshape, [value], shape: node.shape,
          "the symbol '\(name)' has shape \(node.shape), where a value of shape \(value.shape) is put in that may "
            + "vary more often: declare it as it is used")
      }
      return value
    }
  }

  /// The same formula over some of the steps: where this one is at step k, 1 or more, the given one is at step steps[k - 1].
  ///
  /// - Parameter steps: steps for which the formula's tables have an entry.
  package func taking(steps: [Int]) -> Formula {
    rewritten { node, operands in
      guard case .atStep(let offset) = node.operation, let table = operands.first else { return nil }
      return concatenate(steps.map { table[$0 + offset..<$0 + offset + 1] }).atStep(offset: -1)
    }
  }

  /// The same formula with some of its nodes made anew.
  ///
  /// - Parameter change: what is put in a node's place, given what its operands have become; nil for the same operation on
  ///   these.
  private func rewritten(_ change: (_ node: Node, _ operands: [Formula]) -> Formula?) -> Formula {
    var replaced: [ObjectIdentifier: Formula] = [:]
    for node in node.withOperands {
      let operands = node.operands.compactMap { replaced[ObjectIdentifier($0)] }
      // Stages change with what is put in, so the spreading over rows is redone.
      replaced[ObjectIdentifier(node)] =
        change(node, operands) ?? (operands.isEmpty ? Formula(node: node) : Formula.rebuilt(node, operands))
    }
    return replaced[ObjectIdentifier(node)] ?? self
  }

  /// What the formula is made of that has a name: symbols, inputs and parameters.
  package var named: [(name: String, formula: Formula)] {
    node.withOperands.compactMap { node in
      switch node.operation {
      case .input(let name), .parameter(let name): (name, Formula(node: node))
      default: nil
      }
    }
  }

  private static func rebuilt(_ node: Node, _ operands: [Formula]) -> Formula {
    let formula = unlabelled(node, operands)
    return node.label.map { formula.labelled($0) } ?? formula
  }

  private static func unlabelled(_ node: Node, _ operands: [Formula]) -> Formula {
    if node.operation.form == .elementwise {
      return elementwise(node.operation, operands, name: node.operation.name)
    }
    if node.operation == .broadcast {
      return operands[0].broadcast(to: node.shape, stage: node.stage)
    }
    if case .atStep(let offset) = node.operation { return operands[0].atStep(offset: offset) }
    return Formula(
      node: Node(node.operation, operands.map(\.node), shape: node.shape, fault: node.fault, label: node.label))
  }
}

extension Node {
  /// The node and all that it is made of, operands first, each once.
  var withOperands: [Node] {
    var order: [Node] = []
    var done: Set<ObjectIdentifier> = []
    var stack = [(self, false)]
    while let (next, expanded) = stack.popLast() {
      if done.contains(ObjectIdentifier(next)) { continue }
      if expanded {
        done.insert(ObjectIdentifier(next))
        order.append(next)
      } else {
        stack.append((next, true))
        for operand in next.operands.reversed() { stack.append((operand, false)) }
      }
    }
    return order
  }
}
