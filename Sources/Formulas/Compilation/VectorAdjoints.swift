// Adjoints of operations that work on whole vectors and matrices. A prime marks an adjoint: z' is that of the result.

extension Graph {
  // MARK: - Matrix products

  /// z = W x + b: W' = z' x^T, x' = W^T z', b' = z'.
  mutating func pulledBackAffine(weights: ID, x: ID, bias: ID?, _ outer: ID) -> [Contribution] {
    var result: [Contribution] = []
    if vertices[x].stage > .constant {
      result.append((x, insert(.affineTransposed, [weights, outer], shape: vertices[x].shape)))
    }
    // Where x is the same for all rows but the result is not, W x + b was computed once and the bias made it vary.
    result.append((weights, outerSum(outer, x)))
    if let bias { result.append((bias, reduced(outer, to: vertices[bias]))) }
    return result
  }

  /// z = W^T y: W' = y z'^T, y' = W z'.
  mutating func pulledBackTransposed(weights: ID, y: ID, _ outer: ID) -> [Contribution] {
    [
      (weights, outerSum(y, outer)),
      (y, insert(.affine(bias: false), [weights, outer], shape: vertices[y].shape)),
    ]
  }

  /// G = y x^T: y' = G' x, x' = G'^T y.
  mutating func pulledBackOuter(y: ID, x: ID, _ outer: ID) -> [Contribution] {
    [
      (y, insert(.affine(bias: false), [outer, x], shape: vertices[y].shape)),
      (x, insert(.affineTransposed, [outer, y], shape: vertices[x].shape)),
    ]
  }

  /// y x^T, summed over the rows where they vary.
  private mutating func outerSum(_ y: ID, _ x: ID) -> ID {
    let stage = max(vertices[y].stage, vertices[x].stage)
    let wideY = insert(.broadcast, [y], shape: vertices[y].shape, stage: stage)
    let wideX = insert(.broadcast, [x], shape: vertices[x].shape, stage: stage)
    return insert(
      .outer, [wideY, wideX], shape: [vertices[y].shape.count, vertices[x].shape.count], stage: min(stage, .step))
  }

  // MARK: - Mixtures
  //
  // Three operations belong to one form that is linear in each of g, W and m, the sum over j and n of g_j W_jn m_n: each
  // is its derivative by one of the three, so the adjoints of each are the other two.

  /// m_n = sum over j of g_j W_jn.
  private mutating func mixed(_ g: ID, _ weights: ID, like m: ID) -> ID {
    insert(.weightedSum, [g, weights], shape: vertices[m].shape)
  }

  /// W_jn = g_j m_n.
  private mutating func product(_ g: ID, _ m: ID, like weights: ID) -> ID {
    insert(.outerProduct, [g, m], shape: vertices[weights].shape)
  }

  /// g_j = sum over n of W_jn m_n.
  private mutating func contracted(_ weights: ID, _ m: ID, like g: ID) -> ID {
    insert(.contractRows, [weights, m], shape: vertices[g].shape)
  }

  mutating func pulledBackWeightedSum(mix: ID, weights: ID, _ outer: ID) -> [Contribution] {
    [(mix, contracted(weights, outer, like: mix)), (weights, product(mix, outer, like: weights))]
  }

  mutating func pulledBackOuterProduct(mix: ID, slice: ID, _ outer: ID) -> [Contribution] {
    [(mix, contracted(outer, slice, like: mix)), (slice, mixed(mix, outer, like: slice))]
  }

  mutating func pulledBackContraction(weights: ID, slice: ID, _ outer: ID) -> [Contribution] {
    [(weights, product(outer, slice, like: weights)), (slice, mixed(outer, weights, like: slice))]
  }

  // MARK: - Radial bases

  /// z_j = |x - c_j|^2: x' = 2 sum_j z'_j (x - c_j), c_j' = 2 z'_j (c_j - x), summed over rows.
  mutating func pulledBackDistance(x: ID, centres: ID, _ outer: ID) -> [Contribution] {
    [
      (x, insert(.squaredDistanceGradientX, [x, centres, outer], shape: vertices[x].shape)),
      (
        centres,
        insert(.squaredDistanceGradientCentres, [x, centres, outer], shape: vertices[centres].shape, stage: .step)
      ),
    ]
  }

  /// r = 2 (x sum_j g_j - C^T g): x' = 2 r' sum_j g_j, g_j' = 2 (x.r' - c_j.r'). Centres are not differentiated twice:
  /// their adjoint would be a sum over rows of products that no operation has.
  mutating func pulledBackDistanceGradient(_ x: ID, _ centres: ID, _ g: ID, _ outer: ID) -> [Contribution] {
    let shape = vertices[x].shape
    let total = spread(insert(.sum, [g], shape: .scalar), like: x)
    let dx = insert(.scale(2), [multiply(outer, total)], shape: shape)
    let xw = spread(insert(.sum, [multiply(x, outer)], shape: .scalar), like: g)
    let cw = insert(.affine(bias: false), [centres, outer], shape: vertices[g].shape)
    let difference = insert(.binary(.subtract), [xw, cw], shape: vertices[g].shape)
    return [(x, dx), (g, insert(.scale(2), [difference], shape: vertices[g].shape))]
  }

  // MARK: - Softmax

  /// z = y (u - y.u), y the softmax: y' = z' u - (y.u) z' - (y.z') u, u' = y (z' - y.z').
  mutating func pulledBackSoftmaxGradient(_ y: ID, _ u: ID, _ outer: ID) -> [Contribution] {
    let shape = vertices[y].shape
    let yu = spread(insert(.sum, [multiply(y, u)], shape: .scalar), like: y)
    let yw = spread(insert(.sum, [multiply(y, outer)], shape: .scalar), like: y)
    let first = insert(.binary(.subtract), [multiply(outer, u), multiply(yu, outer)], shape: shape)
    return [
      (y, insert(.binary(.subtract), [first, multiply(yw, u)], shape: shape)),
      (u, insert(.softmaxGradient, [y, outer], shape: shape)),
    ]
  }
}
