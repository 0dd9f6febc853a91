// Formulas as values that are stored and compared: a list of operations, operands before what is made of them.
//
// Decoding goes through the same functions as a user's code, so a damaged file cannot make an ill-shaped formula.

/// One operation of a stored formula.
private struct Entry: Codable, Hashable {
  var operation: String
  var operands: [Int]?
  var name: String?
  var numbers: [Double]?
  var shape: [Int]?
  var stage: Int?
}

extension Formula: Codable, Hashable {
  /// Stores the formula as a list of operations.
  ///
  /// - Throws: `FormulaFault` for an operation that has no stored form, and what the encoder throws.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(try entries())
  }

  /// A stored formula.
  ///
  /// - Throws: `DecodingError` where the list of operations does not make a formula.
  public init(from decoder: any Decoder) throws {
    let entries = try decoder.singleValueContainer().decode([Entry].self)
    var formulas: [Formula] = []
    for entry in entries {
      let formula = try Formula.decode(entry, formulas, decoder)
      if let fault = formula.fault { throw Formula.corrupted(decoder, fault.message) }
      // Parts that are joined again and again would soon be more than can be counted.
      guard formula.shape.count <= 1 << 24 else {
        throw Formula.corrupted(decoder, "'\(entry.operation)' gives \(formula.shape), more than 16777216 numbers")
      }
      formulas.append(formula)
    }
    guard let last = formulas.last else { throw Formula.corrupted(decoder, "a stored formula is empty") }
    self = last
  }

  /// Whether two formulas are the same operations on the same operands; algebra is not applied.
  public static func == (left: Formula, right: Formula) -> Bool {
    if left.node === right.node { return true }
    guard let left = try? left.entries(), let right = try? right.entries() else { return false }
    return left == right
  }

  /// A hash of the shape and the outermost operation.
  public func hash(into hasher: inout Hasher) {
    hasher.combine(shape)
    hasher.combine(node.operation)
  }

  /// The same formula with symbols replaced by other formulas.
  package func substituting(_ values: [String: Formula]) -> Formula {
    var replaced: [ObjectIdentifier: Formula] = [:]
    for node in nodes() {
      let operands = node.operands.compactMap { replaced[ObjectIdentifier($0)] }
      if case .input(let name) = node.operation, let value = values[name] {
        // What was built around the symbol holds for its shape and stage only.
        let fits = value.shape == node.shape && value.stage <= node.stage
        replaced[ObjectIdentifier(node)] =
          fits
          ? value
          : Formula.fault(
            .reshape, [value], shape: node.shape,
            "the symbol '\(name)' has shape \(node.shape), where a value of shape \(value.shape) is put in that may "
              + "vary more often: declare it as it is used")
      } else if node.operands.isEmpty {
        replaced[ObjectIdentifier(node)] = Formula(node: node)
      } else {
        // Stages change with what is put in, so the spreading over rows is redone.
        replaced[ObjectIdentifier(node)] = Formula.rebuilt(node, operands)
      }
    }
    return replaced[ObjectIdentifier(node)] ?? self
  }

  /// What the formula is made of that has a name: symbols, inputs and parameters.
  package var named: [(name: String, formula: Formula)] {
    nodes().compactMap { node in
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

  /// All nodes, operands first, each once.
  private func nodes() -> [Node] {
    var order: [Node] = []
    var done: Set<ObjectIdentifier> = []
    var stack = [(node, false)]
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

  private func entries() throws -> [Entry] {
    var index: [ObjectIdentifier: Int] = [:]
    var entries: [Entry] = []
    for node in nodes() {
      var entry = Entry(operation: "", operands: node.operands.compactMap { index[ObjectIdentifier($0)] })
      switch node.operation {
      case .constant(let values): (entry.operation, entry.numbers, entry.shape) = ("constant", values, node.shape.axes)
      case .input(let name):
        (entry.operation, entry.name, entry.shape) = ("symbol", name, node.shape.axes)
        entry.stage = node.stage.rawValue
      case .unary(let function): entry.operation = function.rawValue
      case .binary(let function): entry.operation = function.rawValue
      case .leakyReLU(let slope): (entry.operation, entry.numbers) = ("leakyReLU", [slope])
      case .scale(let factor): (entry.operation, entry.numbers) = ("scale", [factor])
      case .shift(let amount): (entry.operation, entry.numbers) = ("shift", [amount])
      case .slice(let start, let count):
        (entry.operation, entry.numbers) = ("slice", [Double(start), Double(count)])
      case .broadcast:
        (entry.operation, entry.shape, entry.stage) = ("broadcast", node.shape.axes, node.stage.rawValue)
      case .reshape: (entry.operation, entry.shape) = ("reshape", node.shape.axes)
      case .select, .concatenate, .sum, .affine, .squaredDistance, .softmax, .logSumExp:
        entry.operation = node.operation.name
      default:
        throw FormulaFault("a formula with '\(node.operation.name)' cannot be stored")
      }
      if entry.operands?.isEmpty == true { entry.operands = nil }
      index[ObjectIdentifier(node)] = entries.count
      entries.append(entry)
    }
    return entries
  }

  private static func corrupted(_ decoder: any Decoder, _ message: String) -> DecodingError {
    .dataCorrupted(.init(codingPath: decoder.codingPath, debugDescription: message))
  }

  private static func decode(_ entry: Entry, _ earlier: [Formula], _ decoder: any Decoder) throws -> Formula {
    let operands = try (entry.operands ?? []).map { index -> Formula in
      guard earlier.indices.contains(index) else {
        throw corrupted(decoder, "operand \(index) does not stand before its use")
      }
      return earlier[index]
    }
    func take(_ count: Int) throws {
      guard operands.count == count else {
        throw corrupted(decoder, "'\(entry.operation)' takes \(count) operands, not \(operands.count)")
      }
    }
    func number(_ index: Int) throws -> Double {
      guard let numbers = entry.numbers, numbers.indices.contains(index) else {
        throw corrupted(decoder, "'\(entry.operation)' lacks a number")
      }
      return numbers[index]
    }
    let axes = entry.shape ?? []
    // An extent of 0 is as good as none to operations that divide by it; the product must not overflow.
    guard axes.allSatisfy({ (1...1 << 24).contains($0) }), axes.count <= 4,
      axes.reduce(1.0, { $0 * Double($1) }) <= 0x1p24
    else { throw corrupted(decoder, "\(axes) is no shape: extents of 1 or more, 16777216 numbers in all") }
    let shape = Shape(axes)
    let stage = Stage(rawValue: entry.stage ?? 0) ?? .constant
    switch entry.operation {
    case "constant": return Formula(entry.numbers ?? [], shape: shape)
    case "symbol": return .symbol(entry.name ?? "", shape: shape, stage: stage)
    case "leakyReLU":
      try take(1)
      return leakyReLU(operands[0], slope: try number(0))
    case "scale":
      try take(1)
      return operands[0] * (try number(0))
    case "shift":
      try take(1)
      return operands[0] + (try number(0))
    case "slice":
      try take(1)
      guard let start = Int(exactly: try number(0)), let count = Int(exactly: try number(1)), start >= 0,
        (1...1 << 24).contains(count), start <= 1 << 24
      else { throw corrupted(decoder, "a slice has no extent") }
      return operands[0][start..<start + count]
    case "broadcast":
      try take(1)
      return operands[0].broadcast(to: shape, stage: stage)
    case "reshape":
      try take(1)
      return operands[0].reshaped(to: shape)
    case "select":
      try take(3)
      return select(operands[0], operands[1], operands[2])
    case "concatenate": return concatenate(operands)
    case "sum":
      try take(1)
      return sum(operands[0])
    case "softmax":
      try take(1)
      return softmax(operands[0])
    case "logSumExp":
      try take(1)
      return logSumExp(operands[0])
    case "affine":
      guard operands.count == 2 || operands.count == 3 else {
        throw corrupted(decoder, "'affine' takes 2 or 3 operands")
      }
      return affine(operands[0], operands[1], bias: operands.count == 3 ? operands[2] : nil)
    case "squaredDistance":
      try take(2)
      return squaredDistance(operands[0], centres: operands[1])
    default:
      if let function = Operation.Unary(rawValue: entry.operation) {
        try take(1)
        return operands[0].unary(function)
      }
      if let function = Operation.Binary(rawValue: entry.operation) {
        try take(2)
        return operands[0].binary(function, operands[1])
      }
      throw corrupted(decoder, "'\(entry.operation)' is no operation")
    }
  }
}
