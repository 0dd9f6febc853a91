import CTileProbe
import Foundation

/// The functions of `tile_math.h`, each with its double-precision reference and its stated errors.
enum ElementaryFunction: String, CaseIterable {
  case exp, expm1, log, log1p, tanh, sigmoid, softplus, sin, cos, sqrt

  /// Stated in the table of `tile_math.h`, in units in the last place: for float from the exact value, for double from
  /// the correctly rounded one.
  var largestError: (float: Double, double: Double) {
    switch self {
    case .exp: (1.3, 1)
    case .expm1: (1.4, 1)
    case .log: (1.1, 1)
    case .log1p: (1.6, 1)
    case .tanh: (2.6, 2)
    case .sigmoid: (2.5, 2)
    case .softplus: (2.2, 1)
    case .sin: (1.6, 2)
    case .cos: (1.6, 2)
    case .sqrt: (0.50, 0)
    }
  }

  func loop(in table: tile_probe) -> tile_probe_elementwise {
    switch self {
    case .exp: table.exp
    case .expm1: table.expm1
    case .log: table.log
    case .log1p: table.log1p
    case .tanh: table.tanh
    case .sigmoid: table.sigmoid
    case .softplus: table.softplus
    case .sin: table.sin
    case .cos: table.cos
    case .sqrt: table.sqrt
    }
  }

  func reference(_ x: Double) -> Double {
    switch self {
    case .exp: Foundation.exp(x)
    case .expm1: Foundation.expm1(x)
    case .log: Foundation.log(x)
    case .log1p: Foundation.log1p(x)
    case .tanh: Foundation.tanh(x)
    case .sigmoid: 1 / (1 + Foundation.exp(-x))
    case .softplus: x > 0 ? x + Foundation.log1p(Foundation.exp(-x)) : Foundation.log1p(Foundation.exp(x))
    case .sin: Foundation.sin(x)
    case .cos: Foundation.cos(x)
    case .sqrt: x.squareRoot()
    }
  }

  /// Whether the stated error holds at x.
  func covers(_ x: Double) -> Bool { self == .sin || self == .cos ? abs(x) <= 1e6 : true }

  /// Whether a result below the normal range may be 0.
  var flushes: Bool { self == .exp || self == .sigmoid || self == .softplus }
}

/// The distance of a result from the reference in units in the last place of the reference; 0 where both are NaN or the
/// same infinity, infinite where one is alone in that.
func errorInUlps<Scalar: TileScalar>(_ result: Scalar, _ reference: Double, flushes: Bool) -> Double {
  if reference.isNaN || result.isNaN { return reference.isNaN && result.isNaN ? 0 : .infinity }
  let rounded = Scalar(reference)
  if rounded.isInfinite || result.isInfinite { return rounded == result ? 0 : .infinity }
  if flushes, abs(reference) < Double(Scalar.leastNormalMagnitude), result == 0 { return 0 }
  let magnitude = abs(reference)
  let exponent = Swift.max(
    magnitude == 0 ? Int(Scalar.leastNormalMagnitude.exponent) : Int(magnitude.exponent),
    Int(Scalar.leastNormalMagnitude.exponent))
  let ulp = Foundation.scalbn(1.0, exponent - Scalar.significandBitCount)
  return abs(Double(result) - reference) / ulp
}
