// Reverse-mode differentiation, from graph to graph: the adjoints are vertices of the same operations, so whatever
// the compiler does for values it does for gradients, and gradients have gradients.

extension Graph {
  /// Where adjoints end.
  enum Scope {
    /// At what tiles share: values of the shared stage, and slices of tables of that stage.
    case body
    /// At parameters.
    case shared
    /// At chosen vertices.
    case vertices(Set<ID>)
  }

  private func isLeaf(_ id: ID, _ scope: Scope) -> Bool {
    let vertex = vertices[id]
    if case .parameter(let name) = vertex.operation, frozen.contains(name) { return false }
    switch scope {
    case .body:
      if case .atStep = vertex.operation { return vertices[vertex.operands[0]].stage == .shared }
      return vertex.stage == .shared
    case .shared:
      if case .parameter = vertex.operation { return true }
      return false
    case .vertices(let wanted): return wanted.contains(id)
    }
  }

  /// Adjoints of what a root depends on.
  ///
  /// - Parameter seeds: vertices with the adjoints that they start from, of the same shape and stage.
  /// - Returns: the adjoints of the leaves reached.
  mutating func adjoints(seeds: [(vertex: ID, adjoint: ID)], scope: Scope) -> [(leaf: ID, adjoint: ID)] {
    var adjoint: [ID: ID] = [:]
    var leaves: [(leaf: ID, adjoint: ID)] = []
    for (vertex, seed) in seeds { accumulate(seed, into: &adjoint[vertex]) }
    let top = seeds.map(\.vertex).max() ?? -1
    var isActive = [Bool](repeating: false, count: top + 1)
    for id in 0..<top + 1 {
      isActive[id] = isLeaf(id, scope) || (vertices[id].operands.contains { isActive[$0] })
    }
    // Adjoints are appended behind `top`, so the vertices up to it stay in order while the graph grows.
    for id in stride(from: top, through: 0, by: -1) {
      guard let outer = adjoint[id] else { continue }
      if isLeaf(id, scope) {
        leaves.append((id, outer))
        continue
      }
      for (operand, contribution) in pulledBack(id, vertices[id], outer) where isActive[operand] {
        accumulate(contribution, into: &adjoint[operand])
      }
    }
    return leaves
  }

  private mutating func accumulate(_ contribution: ID, into slot: inout ID?) {
    guard let existing = slot else {
      slot = contribution
      return
    }
    slot = insert(.binary(.add), [existing, contribution], shape: vertices[existing].shape)
  }

  /// The operands' adjoints, given that of the result.
  private mutating func pulledBack(_ id: ID, _ vertex: Vertex, _ outer: ID) -> [(ID, ID)] {
    let operands = vertex.operands
    let shape = vertex.shape
    switch vertex.operation {
    case .constant, .parameter, .input:
      return []

    case .unary(let function):
      return [(operands[0], pulledBack(function, of: operands[0], value: id, outer))]
    case .leakyReLU(let slope):
      return [(operands[0], insert(.leakyReLUGradient(slope: slope), [outer, operands[0]], shape: shape))]
    case .leakyReLUGradient(let slope):
      return [(operands[0], insert(.leakyReLUGradient(slope: slope), [outer, operands[1]], shape: shape))]
    case .scale(let factor):
      return [(operands[0], insert(.scale(factor), [outer], shape: shape))]
    case .shift:
      return [(operands[0], outer)]
    case .binary(let function):
      return pulledBack(function, operands[0], operands[1], value: id, outer)
    case .select:
      let zero = repeated(0, like: outer)
      return [
        (operands[1], insert(.select, [operands[0], outer, zero], shape: shape)),
        (operands[2], insert(.select, [operands[0], zero, outer], shape: shape)),
      ]

    case .broadcast:
      return [(operands[0], reduced(outer, to: vertices[operands[0]]))]
    case .variable, .gradient:
      return [(operands[0], outer)]
    case .reshape:
      return [(operands[0], insert(.reshape, [outer], shape: vertices[operands[0]].shape))]
    case .slice(let start, _):
      let whole = vertices[operands[0]].shape
      return [(operands[0], insert(.pad(before: start, total: whole.axes[0]), [outer], shape: whole))]
    case .pad(let before, _):
      let part = vertices[operands[0]].shape
      return [(operands[0], insert(.slice(start: before, count: part.axes[0]), [outer], shape: part))]
    case .concatenate:
      var start = 0
      return operands.map { operand in
        let part = vertices[operand].shape
        let slice = insert(.slice(start: start, count: part.axes[0]), [outer], shape: part)
        start += part.axes[0]
        return (operand, slice)
      }
    case .atStep:
      // A table that is looked into is a leaf: GradientPlan sums these adjoints by step.
      return []

    case .sum:
      return [(operands[0], spread(outer, like: operands[0]))]
    case .sumLanes, .sumAll:
      return [(operands[0], spread(outer, like: operands[0]))]
    case .cumulativeSum:
      return [(operands[0], insert(.reverseCumulativeSum, [outer], shape: shape))]
    case .reverseCumulativeSum:
      return [(operands[0], insert(.cumulativeSum, [outer], shape: shape))]

    case .affine(let bias):
      return pulledBackAffine(weights: operands[0], x: operands[1], bias: bias ? operands[2] : nil, outer)
    case .affineTransposed:
      // z = W^T y: dW = y dz^T, dy = W dz
      return [
        (operands[0], outerSum(operands[1], outer)),
        (operands[1], insert(.affine(bias: false), [operands[0], outer], shape: vertices[operands[1]].shape)),
      ]
    case .weightedSum:
      return [
        (operands[0], insert(.contractRows, [operands[1], outer], shape: vertices[operands[0]].shape)),
        (operands[1], insert(.outerProduct, [operands[0], outer], shape: vertices[operands[1]].shape)),
      ]
    case .outerProduct:
      return [
        (operands[0], insert(.contractRows, [outer, operands[1]], shape: vertices[operands[0]].shape)),
        (operands[1], insert(.weightedSum, [operands[0], outer], shape: vertices[operands[1]].shape)),
      ]
    case .contractRows:
      return [
        (operands[0], insert(.outerProduct, [outer, operands[1]], shape: vertices[operands[0]].shape)),
        (operands[1], insert(.weightedSum, [outer, operands[0]], shape: vertices[operands[1]].shape)),
      ]

    case .squaredDistance:
      let (x, centres) = (operands[0], operands[1])
      return [
        (x, insert(.squaredDistanceGradientX, [x, centres, outer], shape: vertices[x].shape)),
        (
          centres,
          insert(
            .squaredDistanceGradientCentres, [x, centres, outer], shape: vertices[centres].shape, stage: .step)
        ),
      ]
    case .softmax:
      return [(operands[0], insert(.softmaxGradient, [id, outer], shape: shape))]
    case .softmaxGradient:
      // dz = y (u - y.u): with adjoint w, dy = w u - (y.u) w - (y.w) u and du = y (w - y.w)
      let (y, u) = (operands[0], operands[1])
      let yu = spread(insert(.sum, [multiply(y, u)], shape: .scalar), like: y)
      let yw = spread(insert(.sum, [multiply(y, outer)], shape: .scalar), like: y)
      let first = insert(.binary(.subtract), [multiply(outer, u), multiply(yu, outer)], shape: shape)
      return [
        (y, insert(.binary(.subtract), [first, multiply(yw, u)], shape: shape)),
        (u, insert(.softmaxGradient, [y, outer], shape: shape)),
      ]
    case .logSumExp:
      let weights = insert(.softmax, [operands[0]], shape: vertices[operands[0]].shape)
      return [(operands[0], multiply(weights, spread(outer, like: operands[0])))]

    case .outer, .squaredDistanceGradientX, .squaredDistanceGradientCentres:
      return pulledBackGradient(vertex, outer)
    }
  }

  /// Second derivatives, where the result does not depend on sums over rows.
  private mutating func pulledBackGradient(_ vertex: Vertex, _ outer: ID) -> [(ID, ID)] {
    let operands = vertex.operands
    switch vertex.operation {
    case .outer:  // G = y x^T: dy = G' x, dx = G'^T y
      return [
        (operands[0], insert(.affine(bias: false), [outer, operands[1]], shape: vertices[operands[0]].shape)),
        (operands[1], insert(.affineTransposed, [outer, operands[0]], shape: vertices[operands[1]].shape)),
      ]
    case .squaredDistanceGradientX:
      // r = 2 (x sum_j g_j - C^T g): only x and g are passed on; centres are not differentiated twice.
      let (x, centres, g) = (operands[0], operands[1], operands[2])
      let shape = vertices[x].shape
      let total = spread(insert(.sum, [g], shape: .scalar), like: x)
      let dx = insert(.scale(2), [multiply(outer, total)], shape: shape)
      let xw = spread(insert(.sum, [multiply(x, outer)], shape: .scalar), like: g)
      let cw = insert(.affine(bias: false), [centres, outer], shape: vertices[g].shape)
      let dg = insert(
        .scale(2), [insert(.binary(.subtract), [xw, cw], shape: vertices[g].shape)], shape: vertices[g].shape)
      return [(x, dx), (g, dg)]
    default:
      return []
    }
  }

  private mutating func pulledBackAffine(weights: ID, x: ID, bias: ID?, _ outer: ID) -> [(ID, ID)] {
    var result: [(ID, ID)] = []
    if vertices[x].stage > .constant {
      result.append((x, insert(.affineTransposed, [weights, outer], shape: vertices[x].shape)))
    }
    // Where x is the same for all rows but the result is not, W x + b was computed once and the bias made it vary.
    result.append((weights, outerSum(outer, x)))
    if let bias { result.append((bias, reduced(outer, to: vertices[bias]))) }
    return result
  }

  /// y x^T, summed over the rows where they vary.
  private mutating func outerSum(_ y: ID, _ x: ID) -> ID {
    let stage = max(vertices[y].stage, vertices[x].stage)
    let wideY = insert(.broadcast, [y], shape: vertices[y].shape, stage: stage)
    let wideX = insert(.broadcast, [x], shape: vertices[x].shape, stage: stage)
    return insert(
      .outer, [wideY, wideX], shape: [vertices[y].shape.count, vertices[x].shape.count], stage: min(stage, .step))
  }

  private mutating func pulledBack(_ function: Operation.Unary, of x: ID, value: ID, _ outer: ID) -> ID {
    let shape = vertices[value].shape
    switch function {
    case .negate: return insert(.unary(.negate), [outer], shape: shape)
    case .exp: return multiply(outer, value)
    case .log: return insert(.binary(.divide), [outer, x], shape: shape)
    case .log1p:
      return insert(.binary(.divide), [outer, insert(.shift(1), [x], shape: shape)], shape: shape)
    case .expm1: return multiply(outer, insert(.shift(1), [value], shape: shape))
    case .sqrt:
      return insert(.scale(0.5), [insert(.binary(.divide), [outer, value], shape: shape)], shape: shape)
    case .square: return multiply(outer, insert(.scale(2), [x], shape: shape))
    case .reciprocal:
      let squared = insert(.unary(.square), [value], shape: shape)
      return insert(.unary(.negate), [multiply(outer, squared)], shape: shape)
    case .tanh: return insert(.binary(.tanhGradient), [outer, value], shape: shape)
    case .sigmoid: return insert(.binary(.sigmoidGradient), [outer, value], shape: shape)
    case .softplus: return multiply(outer, insert(.unary(.sigmoid), [x], shape: shape))
    case .relu: return insert(.leakyReLUGradient(slope: 0), [outer, x], shape: shape)
    case .sin: return multiply(outer, insert(.unary(.cos), [x], shape: shape))
    case .cos:
      return insert(.unary(.negate), [multiply(outer, insert(.unary(.sin), [x], shape: shape))], shape: shape)
    case .absolute: return multiply(outer, insert(.unary(.sign), [x], shape: shape))
    case .sign: return repeated(0, like: outer)
    }
  }

  private mutating func pulledBack(
    _ function: Operation.Binary, _ left: ID, _ right: ID, value: ID, _ outer: ID
  ) -> [(ID, ID)] {
    let shape = vertices[value].shape
    switch function {
    case .add: return [(left, outer), (right, outer)]
    case .subtract: return [(left, outer), (right, insert(.unary(.negate), [outer], shape: shape))]
    case .multiply:
      var result: [(ID, ID)] = []
      if vertices[left].stage > .constant { result.append((left, multiply(outer, right))) }
      if vertices[right].stage > .constant { result.append((right, multiply(outer, left))) }
      return result
    case .divide:
      let quotient = insert(.binary(.divide), [outer, right], shape: shape)
      return [(left, quotient), (right, insert(.unary(.negate), [multiply(quotient, value)], shape: shape))]
    case .maximum, .minimum:
      let (high, low) = function == .maximum ? (left, right) : (right, left)
      let condition = insert(.binary(.greater), [high, low], shape: shape)
      let zero = repeated(0, like: outer)
      return [
        (left, insert(.select, [condition, outer, zero], shape: shape)),
        (right, insert(.select, [condition, zero, outer], shape: shape)),
      ]
    case .greater: return []
    case .tanhGradient:  // g (1 - y^2)
      let gy = insert(.scale(-2), [multiply(left, right)], shape: shape)
      return [(left, insert(.binary(.tanhGradient), [outer, right], shape: shape)), (right, multiply(outer, gy))]
    case .sigmoidGradient:  // g y (1 - y)
      let slope = insert(.shift(1), [insert(.scale(-2), [right], shape: shape)], shape: shape)
      return [
        (left, insert(.binary(.sigmoidGradient), [outer, right], shape: shape)),
        (right, multiply(outer, multiply(left, slope))),
      ]
    }
  }

  mutating func multiply(_ left: ID, _ right: ID) -> ID {
    insert(.binary(.multiply), [left, right], shape: vertices[left].shape)
  }

  private mutating func repeated(_ value: Double, like model: ID) -> ID {
    spread(insert(.constant([value]), [], shape: .scalar), like: model)
  }

  mutating func spread(_ id: ID, like model: ID) -> ID {
    insert(.broadcast, [id], shape: vertices[model].shape, stage: max(vertices[id].stage, vertices[model].stage))
  }

  /// The adjoint of a value before it was spread over features or rows.
  private mutating func reduced(_ outer: ID, to target: Vertex) -> ID {
    let vertex = vertices[outer]
    let overRows = vertex.stage == .row && target.stage < .row
    let overFeatures = vertex.shape != target.shape
    switch (overRows, overFeatures) {
    case (false, false): return outer
    case (false, true):
      return insert(.reshape, [insert(.sum, [outer], shape: .scalar)], shape: target.shape)
    case (true, false): return insert(.sumLanes, [outer], shape: vertex.shape, stage: .step)
    case (true, true):
      return insert(.reshape, [insert(.sumAll, [outer], shape: .scalar, stage: .step)], shape: target.shape)
    }
  }
}
