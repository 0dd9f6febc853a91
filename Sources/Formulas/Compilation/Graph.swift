/// An expression graph being compiled: nodes by number, each distinct value once.
///
/// Formulas are brought in, differentiated and simplified here; operands always have smaller numbers than the
/// nodes that use them, so the order of the numbers is an order of computation.
///
/// Simplification happens where a vertex is inserted, by rules that look at its operands only. A rule inserts what it
/// makes, so that the rules apply to that too; this ends, since each removes an operation, turns one of two operands
/// into one of one, or moves a spreading outwards. Rules keep values up to rounding, NaN included: none turns x * 0
/// into 0. A vertex that no rule names stays as it is.
///
/// Rejected: a pass over the finished graph. Gradients are inserted after values, and would miss what it found.
struct Graph {
  typealias ID = Int

  struct Vertex: Sendable {
    var operation: Operation
    var operands: [ID]
    var shape: Shape
    var stage: Stage
    var label: String?
  }

  /// Parameters that get no gradient.
  var frozen: Set<String> = []

  private struct Key: Hashable {
    var operation: Operation
    var operands: [ID]
    var shape: Shape
    var stage: Stage
    /// The bits of an operation's numbers where one is -0: it equals 0, and its reciprocal does not.
    var bits: [UInt64]

    init(_ operation: Operation, _ operands: [ID], shape: Shape, stage: Stage) {
      self.operation = operation
      self.operands = operands
      self.shape = shape
      self.stage = stage
      let numbers: [Double] =
        switch operation {
        case .constant(let values): values
        case .scale(let number), .shift(let number): [number]
        default: []
        }
      bits = numbers.contains { $0 == 0 && $0.sign == .minus } ? numbers.map(\.bitPattern) : []
    }
  }

  private(set) var vertices: [Vertex] = []
  private var known: [Key: ID] = [:]
  private var imported: [ObjectIdentifier: ID] = [:]
  // Holds the imported nodes, whose identity would otherwise be reused.
  private var held: [Node] = []

  subscript(id: ID) -> Vertex { vertices[id] }

  /// Brings an expression in; throws its fault if it has one.
  mutating func add(_ expression: Formula) throws(FormulaFault) -> ID {
    if let fault = expression.fault { throw fault }
    var stack = [(expression.node, false)]
    while let (node, expanded) = stack.popLast() {
      let key = ObjectIdentifier(node)
      if imported[key] != nil { continue }
      if expanded {
        let operands = node.operands.map { imported[ObjectIdentifier($0)] ?? 0 }
        imported[key] =
          node.operation == .gradient
          ? gradient(of: operands[0], at: operands[1])
          : insert(node.operation, operands, shape: node.shape, stage: node.stage, label: node.label)
        held.append(node)
      } else {
        stack.append((node, true))
        for operand in node.operands.reversed() { stack.append((operand, false)) }
      }
    }
    return imported[ObjectIdentifier(expression.node)] ?? 0
  }

  /// The gradient of a scalar at a vertex that it is made of; zeros where it is not.
  private mutating func gradient(of root: ID, at variable: ID) -> ID {
    let (shape, stage) = (vertices[variable].shape, max(vertices[variable].stage, vertices[root].stage))
    let one = insert(
      .broadcast, [insert(.constant([1]), [], shape: .scalar)], shape: .scalar, stage: vertices[root].stage)
    let found = adjoints(seeds: [(root, one)], scope: .vertices([variable])).first?.adjoint
    let zero = insert(.constant([0]), [], shape: .scalar)
    return insert(.broadcast, [found ?? zero], shape: shape, stage: stage)
  }

  /// The vertex of an operation on others: an equal one that is there already, a simpler one, or a new one.
  mutating func insert(
    _ operation: Operation, _ operands: [ID], shape: Shape, stage: Stage? = nil, label: String? = nil
  ) -> ID {
    let stage = stage ?? operands.map { vertices[$0].stage }.max() ?? .constant
    if let simpler = simplified(operation, operands, shape: shape, stage: stage) { return simpler }
    let key = Key(operation, operands, shape: shape, stage: stage)
    if let id = known[key] { return id }
    vertices.append(Vertex(operation: operation, operands: operands, shape: shape, stage: stage, label: label))
    known[key] = vertices.count - 1
    return vertices.count - 1
  }

  /// Makes a vertex the constant that it was found to be.
  mutating func replace(_ id: ID, byConstant values: [Double]) {
    vertices[id].operation = .constant(values)
    vertices[id].operands = []
  }

  /// A symbol that neither rows nor tiles give and nothing has replaced.
  func openSymbol(tileInputs: Set<String>) -> String? {
    for vertex in vertices where vertex.stage < .row {
      if case .input(let name) = vertex.operation, vertex.stage < .step || !tileInputs.contains(name) { return name }
    }
    return nil
  }

  /// The value that a constant spread over a shape repeats.
  func repeatedConstant(_ id: ID) -> Double? {
    let vertex = vertices[id]
    if case .constant(let values) = vertex.operation { return values.count == 1 ? values[0] : nil }
    guard vertex.operation == .broadcast || vertex.operation == .reshape else { return nil }
    return repeatedConstant(vertex.operands[0])
  }

  private mutating func simplified(_ operation: Operation, _ operands: [ID], shape: Shape, stage: Stage) -> ID? {
    switch operation {
    case .broadcast:
      let inner = vertices[operands[0]]
      if inner.shape == shape && inner.stage == stage { return operands[0] }
      if inner.operation == .broadcast {
        return insert(.broadcast, inner.operands, shape: shape, stage: stage)
      }
    case .reshape:
      let inner = vertices[operands[0]]
      if inner.shape == shape { return operands[0] }
      if inner.operation == .reshape { return insert(.reshape, inner.operands, shape: shape) }
    case .sum:
      if vertices[operands[0]].shape == .scalar { return operands[0] }
    case .scale(let factor):
      if factor == 1 { return operands[0] }
      let inner = vertices[operands[0]]
      if case .scale(let other) = inner.operation {
        return insert(.scale(factor * other), inner.operands, shape: shape)
      }
      if inner.operation == .unary(.negate) { return insert(.scale(-factor), inner.operands, shape: shape) }
    case .shift(0):
      return operands[0]
    case .unary(.negate):
      let inner = vertices[operands[0]]
      if inner.operation == .unary(.negate) { return inner.operands[0] }
      if case .scale(let factor) = inner.operation { return insert(.scale(-factor), inner.operands, shape: shape) }
    case .binary(let function):
      return simplified(function, operands[0], operands[1], shape: shape)
    case .constant, .parameter, .input, .unary, .leakyReLU, .leakyReLUGradient, .shift, .select, .variable, .gradient,
      .slice, .pad, .concatenate, .atStep, .sumLanes, .sumAll, .cumulativeSum, .reverseCumulativeSum, .affine,
      .affineTransposed, .outer, .weightedSum, .outerProduct, .contractRows, .convolve,
      .convolveTransposed, .convolutionKernel, .pool, .upsample, .sumPlanes, .squaredDistance,
      .squaredDistanceGradientX, .squaredDistanceGradientCentres, .softmax, .softmaxGradient, .logSumExp:
      break
    }
    return nil
  }

  private mutating func simplified(_ function: Operation.Binary, _ left: ID, _ right: ID, shape: Shape) -> ID? {
    switch function {
    case .add:
      if let joined = joinedPads(left, right, shape: shape) { return joined }
      if let value = repeatedConstant(right) { return insert(.shift(value), [left], shape: shape) }
      if let value = repeatedConstant(left) { return insert(.shift(value), [right], shape: shape) }
      if vertices[right].operation == .unary(.negate) {
        return insert(.binary(.subtract), [left, vertices[right].operands[0]], shape: shape)
      }
      if vertices[left].operation == .unary(.negate) {
        return insert(.binary(.subtract), [right, vertices[left].operands[0]], shape: shape)
      }
    case .subtract:
      if let value = repeatedConstant(right) { return insert(.shift(-value), [left], shape: shape) }
      if vertices[right].operation == .unary(.negate) {
        return insert(.binary(.add), [left, vertices[right].operands[0]], shape: shape)
      }
    case .multiply:
      if let value = repeatedConstant(right) { return insert(.scale(value), [left], shape: shape) }
      if let value = repeatedConstant(left) { return insert(.scale(value), [right], shape: shape) }
      if left == right { return insert(.unary(.square), [left], shape: shape) }
      if let spread = multipliedBeforeSpreading(left, right, shape: shape) { return spread }
    case .divide:
      if let value = repeatedConstant(right) { return insert(.scale(1 / value), [left], shape: shape) }
    case .maximum, .minimum, .greater, .tanhGradient, .sigmoidGradient, .softplusGradient:
      break
    }
    return nil
  }

  /// The sum of two parts of one vector that lie side by side is their concatenation.
  private mutating func joinedPads(_ left: ID, _ right: ID, shape: Shape) -> ID? {
    guard case .pad(let first, let total) = vertices[left].operation,
      case .pad(let second, _) = vertices[right].operation
    else { return nil }
    let (early, late, start) = first < second ? (left, right, first) : (right, left, second)
    let (a, b) = (vertices[early].operands[0], vertices[late].operands[0])
    guard start + vertices[a].shape.axes[0] == max(first, second) else { return nil }
    let extent = vertices[a].shape.axes[0] + vertices[b].shape.axes[0]
    // Parts of parts are joined into one concatenation.
    let parts = [a, b].flatMap { vertices[$0].operation == .concatenate ? vertices[$0].operands : [$0] }
    let joined = insert(.concatenate, parts, shape: Shape([extent] + shape.axes.dropFirst()))
    return extent == total ? joined : insert(.pad(before: start, total: total), [joined], shape: shape)
  }

  /// A product of two spread values is cheaper before they are spread.
  private mutating func multipliedBeforeSpreading(_ left: ID, _ right: ID, shape: Shape) -> ID? {
    let (first, second) = (vertices[left], vertices[right])
    guard first.operation == .broadcast, second.operation == .broadcast else { return nil }
    let (a, b) = (first.operands[0], second.operands[0])
    guard vertices[a].shape == vertices[b].shape else { return nil }
    let stage = max(vertices[a].stage, vertices[b].stage)
    let inner = vertices[a].shape
    let wideA = insert(.broadcast, [a], shape: inner, stage: stage)
    let wideB = insert(.broadcast, [b], shape: inner, stage: stage)
    let product = insert(.binary(.multiply), [wideA, wideB], shape: inner)
    return insert(.broadcast, [product], shape: shape, stage: first.stage)
  }
}
