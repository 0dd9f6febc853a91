// Functions of each number of a formula: the result has the argument's shape.
//
// NaN gives NaN in all of them. Errors in units in the last place are in CTileLoops/tile_math.h.

/// e^x, for each number; infinite above 88.7 in Float, 0 below -87.3.
public func exp(_ x: Formula) -> Formula { x.unary(.exp) }
/// The natural logarithm of each number; minus infinity at 0, NaN below.
public func log(_ x: Formula) -> Formula { x.unary(.log) }
/// log(1 + x), for each number, accurate for small x; minus infinity at -1, NaN below.
public func log1p(_ x: Formula) -> Formula { x.unary(.log1p) }
/// e^x - 1, for each number, accurate for small x.
public func expm1(_ x: Formula) -> Formula { x.unary(.expm1) }
/// The square root of each number; NaN below 0. Its gradient at 0 is infinite.
public func sqrt(_ x: Formula) -> Formula { x.unary(.sqrt) }
/// x^n, for each number, by repeated squaring; 1 for n = 0, also where x is 0 or NaN.
public func pow(_ x: Formula, _ exponent: Int) -> Formula {
  if exponent < 0 { return reciprocal(pow(x, -max(exponent, -Int.max))) }
  if exponent == 0 { return Formula(1).broadcast(to: x.shape, stage: x.stage) }
  if exponent == 1 { return x }
  let half = pow(x, exponent / 2)
  return exponent.isMultiple(of: 2) ? square(half) : square(half) * x
}
/// Not available: a power that is no whole number is NaN wherever x is negative.
@available(*, unavailable, message: "write pow(x, 3) with a whole number, or exp(p * log(x)) where x is positive")
public func pow(_ x: Formula, _ exponent: Double) -> Formula { x }
/// x^2, for each number.
public func square(_ x: Formula) -> Formula { x.unary(.square) }
/// 1 / x, for each number; infinite at 0, with the sign of the zero.
public func reciprocal(_ x: Formula) -> Formula { x.unary(.reciprocal) }
/// The hyperbolic tangent of each number.
public func tanh(_ x: Formula) -> Formula { x.unary(.tanh) }
/// 1 / (1 + e^-x), for each number.
public func sigmoid(_ x: Formula) -> Formula { x.unary(.sigmoid) }
/// log(1 + e^x), for each number, without overflow.
public func softplus(_ x: Formula) -> Formula { x.unary(.softplus) }
/// max(x, 0), for each number; its gradient at 0 is 1.
public func relu(_ x: Formula) -> Formula { x.unary(.relu) }
/// x where it is 0 or more, slope times x elsewhere, for each number; its gradient at 0 is 1.
public func leakyReLU(_ x: Formula, slope: Double = 0.01) -> Formula {
  Formula(node: Node(.leakyReLU(slope: slope), [x.node], shape: x.shape))
}
/// x sigmoid(x), for each number.
public func silu(_ x: Formula) -> Formula { x * sigmoid(x) }
/// The sine of each number, in radians; accurate up to 1e6.
public func sin(_ x: Formula) -> Formula { x.unary(.sin) }
/// The cosine of each number, in radians; accurate up to 1e6.
public func cos(_ x: Formula) -> Formula { x.unary(.cos) }
/// The absolute value of each number; its gradient at 0 is 0.
public func abs(_ x: Formula) -> Formula { x.unary(.absolute) }

// MARK: - Choices

/// The greater of two numbers, number by number; NaN where either is NaN, as in IEEE 754-2019's maximum.
///
/// The gradient goes to the greater number, and where they are equal to the second. Zeros are equal whatever their
/// signs, and the second is the result. Shapes as for +.
public func max(_ x: Formula, _ y: Formula) -> Formula { x.binary(.maximum, y) }

/// The lesser of two numbers, number by number; NaN where either is NaN, as in IEEE 754-2019's minimum.
///
/// The gradient goes to the lesser number, and where they are equal to the second. Zeros are equal whatever their
/// signs, and the second is the result. Shapes as for +.
public func min(_ x: Formula, _ y: Formula) -> Formula { x.binary(.minimum, y) }

/// The second number where the condition is not 0, the third elsewhere, number by number.
///
/// The gradient goes to the number chosen, and the other's is 0, even where the other is infinite or NaN. A condition
/// that is NaN is not 0. All three have one shape or are scalars; other shapes are a fault.
public func select(_ condition: Formula, _ value: Formula, _ otherwise: Formula) -> Formula {
  Formula.elementwise(.select, [condition, value, otherwise], name: "select")
}
