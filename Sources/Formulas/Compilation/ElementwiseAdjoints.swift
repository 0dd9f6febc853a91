// Adjoints of operations that work number by number, y = f(x): x' = f'(x) y'.
//
// Where f' is a function of y it is written so, since y has been computed: e^x, sqrt, 1/x, tanh, sigmoid, softplus. The
// last three have operations of their own for y' f'(y), whose loops write nothing in between. What f is applied to is
// then used by nothing else, so that the instruction which computes it can apply f (FusionPlan.swift).

extension Graph {
  mutating func pulledBack(_ function: Operation.Unary, of x: ID, value: ID, _ outer: ID) -> ID {
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
    case .softplus: return insert(.binary(.softplusGradient), [outer, value], shape: shape)
    case .relu: return insert(.leakyReLUGradient(slope: 0), [outer, x], shape: shape)
    case .sin: return multiply(outer, insert(.unary(.cos), [x], shape: shape))
    case .cos:
      return insert(.unary(.negate), [multiply(outer, insert(.unary(.sin), [x], shape: shape))], shape: shape)
    case .absolute: return multiply(outer, insert(.unary(.sign), [x], shape: shape))
    case .sign: return repeated(0, like: outer)
    }
  }

  mutating func pulledBack(
    _ function: Operation.Binary, _ left: ID, _ right: ID, value: ID, _ outer: ID
  ) -> [Contribution] {
    let shape = vertices[value].shape
    switch function {
    case .add: return [(left, outer), (right, outer)]
    case .subtract: return [(left, outer), (right, insert(.unary(.negate), [outer], shape: shape))]
    case .multiply:
      var result: [Contribution] = []
      if vertices[left].stage > .constant { result.append((left, multiply(outer, right))) }
      if vertices[right].stage > .constant { result.append((right, multiply(outer, left))) }
      return result
    case .divide:
      // y = a / b: dy/db = -y / b
      let quotient = insert(.binary(.divide), [outer, right], shape: shape)
      return [(left, quotient), (right, insert(.unary(.negate), [multiply(quotient, value)], shape: shape))]
    case .maximum, .minimum:
      // To the number that was taken; to the second where they are equal or one is NaN.
      let (high, low) = function == .maximum ? (left, right) : (right, left)
      return pulledBackChoice(insert(.binary(.greater), [high, low], shape: shape), left, right, outer)
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
    case .softplusGradient:  // g (1 - e^-y)
      let decay = insert(.unary(.exp), [insert(.unary(.negate), [right], shape: shape)], shape: shape)
      return [
        (left, insert(.binary(.softplusGradient), [outer, right], shape: shape)),
        (right, multiply(outer, multiply(left, decay))),
      ]
    }
  }

  /// To the one that a condition chose, and 0 to the other: a product with the condition would make NaN of 0 times an
  /// infinite adjoint.
  mutating func pulledBackChoice(_ condition: ID, _ chosen: ID, _ other: ID, _ outer: ID) -> [Contribution] {
    let zero = repeated(0, like: outer)
    let shape = vertices[outer].shape
    return [
      (chosen, insert(.select, [condition, outer, zero], shape: shape)),
      (other, insert(.select, [condition, zero, outer], shape: shape)),
    ]
  }
}
