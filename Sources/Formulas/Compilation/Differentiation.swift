// Reverse-mode differentiation, from graph to graph.
//
// For a scalar L and each vertex v that it depends on, the adjoint of v is dL/dv. With v = f(a, b, ...) the chain rule
// says what v's adjoint adds to those of its operands, a' += (dv/da)^T v'; all of an operand's uses come behind it in
// the order of the graph, so one walk from L down finds all adjoints. The products (dv/da)^T v' are vertices of the
// same operations as values are: whatever the compiler does for values it does for gradients (constants, common parts,
// fusion), and gradients have gradients.
//
// Invariants:
// - An adjoint has the shape of its vertex.
// - Operands of an elementwise operation have its shape and stage, which `broadcast` gave them. So the sums over
//   features and rows that a spread value's adjoint needs are made in one place, the adjoint of `broadcast`
//   (`reduced`); matrix products and distances, which take weights as they are, sum over rows themselves.
// - Vertices are appended behind those walked over, which stay in order while the graph grows.
//
// Rejected: a gradient method for each layer (each would be a new place for an error, and schedules and formulas of a
// user's would need a second mechanism), and forward mode, whose cost grows with the number of parameters.

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

  /// What a vertex adds to the adjoint of an operand.
  typealias Contribution = (operand: ID, adjoint: ID)

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
      for (operand, contribution) in pulledBack(id, outer) where isActive[operand] {
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

  /// What a vertex adds to its operands' adjoints, given its own (`outer`).
  private mutating func pulledBack(_ id: ID, _ outer: ID) -> [Contribution] {
    let vertex = vertices[id]
    let (operands, shape) = (vertex.operands, vertex.shape)
    switch vertex.operation {
    case .constant, .parameter, .input: return []

    case .unary(let function): return [(operands[0], pulledBack(function, of: operands[0], value: id, outer))]
    case .binary(let function): return pulledBack(function, operands[0], operands[1], value: id, outer)
    case .leakyReLU(let slope):
      return [(operands[0], insert(.leakyReLUGradient(slope: slope), [outer, operands[0]], shape: shape))]
    case .leakyReLUGradient(let slope):
      return [(operands[0], insert(.leakyReLUGradient(slope: slope), [outer, operands[1]], shape: shape))]
    case .scale(let factor): return [(operands[0], insert(.scale(factor), [outer], shape: shape))]
    case .shift: return [(operands[0], outer)]
    case .select: return pulledBackChoice(operands[0], operands[1], operands[2], outer)

    case .broadcast: return [(operands[0], reduced(outer, to: vertices[operands[0]]))]
    case .variable, .gradient: return [(operands[0], outer)]
    case .reshape: return [(operands[0], insert(.reshape, [outer], shape: vertices[operands[0]].shape))]
    case .slice(let start, _):
      let whole = vertices[operands[0]].shape
      return [(operands[0], insert(.pad(before: start, total: whole.axes[0]), [outer], shape: whole))]
    case .pad(let before, _): return [(operands[0], part(of: outer, from: before, like: operands[0]))]
    case .concatenate: return pulledBackParts(operands, outer)
    // A table that is looked into is a leaf: GradientPlan sums these adjoints by step.
    case .atStep: return []

    case .sum, .sumLanes, .sumAll: return [(operands[0], spread(outer, like: operands[0]))]
    case .cumulativeSum: return [(operands[0], insert(.reverseCumulativeSum, [outer], shape: shape))]
    case .reverseCumulativeSum: return [(operands[0], insert(.cumulativeSum, [outer], shape: shape))]

    case .affine(let bias):
      return pulledBackAffine(weights: operands[0], x: operands[1], bias: bias ? operands[2] : nil, outer)
    case .affineTransposed: return pulledBackTransposed(weights: operands[0], y: operands[1], outer)
    case .outer: return pulledBackOuter(y: operands[0], x: operands[1], outer)
    case .weightedSum: return pulledBackWeightedSum(mix: operands[0], weights: operands[1], outer)
    case .outerProduct: return pulledBackOuterProduct(mix: operands[0], slice: operands[1], outer)
    case .contractRows: return pulledBackContraction(weights: operands[0], slice: operands[1], outer)

    case .convolve(let addend): return pulledBackConvolution(addend, operands, outer)
    case .convolveTransposed: return pulledBackConvolutionTransposed(kernel: operands[0], g: operands[1], outer)
    case .convolutionKernel: return pulledBackConvolutionKernel(g: operands[0], image: operands[1], outer)
    case .pool(let mean): return pulledBackPool(mean: mean, operands[0], outer)
    case .upsample(let mean): return pulledBackUpsampling(mean: mean, operands[0], outer)

    case .squaredDistance: return pulledBackDistance(x: operands[0], centres: operands[1], outer)
    case .squaredDistanceGradientX: return pulledBackDistanceGradient(operands[0], operands[1], operands[2], outer)
    // A sum over rows, which only the last differentiation makes: nothing differentiates it again.
    case .squaredDistanceGradientCentres, .sumPlanes: return []
    case .softmax: return [(operands[0], insert(.softmaxGradient, [id, outer], shape: shape))]
    case .softmaxGradient: return pulledBackSoftmaxGradient(operands[0], operands[1], outer)
    case .logSumExp:
      let weights = insert(.softmax, [operands[0]], shape: vertices[operands[0]].shape)
      return [(operands[0], multiply(weights, spread(outer, like: operands[0])))]
    }
  }

  // MARK: - Parts of a value

  private mutating func part(of whole: ID, from start: Int, like model: ID) -> ID {
    let shape = vertices[model].shape
    return insert(.slice(start: start, count: shape.axes[0]), [whole], shape: shape)
  }

  private mutating func pulledBackParts(_ operands: [ID], _ outer: ID) -> [Contribution] {
    var contributions: [Contribution] = []
    var start = 0
    for operand in operands {
      contributions.append((operand, part(of: outer, from: start, like: operand)))
      start += vertices[operand].shape.axes[0]
    }
    return contributions
  }

  // MARK: - What adjoints are made with

  mutating func multiply(_ left: ID, _ right: ID) -> ID {
    insert(.binary(.multiply), [left, right], shape: vertices[left].shape)
  }

  mutating func repeated(_ value: Double, like model: ID) -> ID {
    spread(insert(.constant([value]), [], shape: .scalar), like: model)
  }

  mutating func spread(_ id: ID, like model: ID) -> ID {
    insert(.broadcast, [id], shape: vertices[model].shape, stage: max(vertices[id].stage, vertices[model].stage))
  }

  /// The adjoint of a value before it was spread over features or rows: the sum over those.
  mutating func reduced(_ outer: ID, to target: Vertex) -> ID {
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
