internal import CGSL
import Foundation

/// Special functions in Double, most of them GSL's. Outside a function's domain the result is NaN, beyond the range
/// of Double it is infinite or zero; nothing traps.
///
/// ```swift
/// let tail = SpecialFunctions.normalLogCumulative(-40)  // -804.6, where Phi itself is 0
/// ```
public enum SpecialFunctions {
  /// ln |Gamma(x)|; infinite at 0 and the negative integers.
  public static func logGamma(_ x: Double) -> Double {
    x <= 0 && x == x.rounded() ? .infinity : value(x) { gsl_sf_lngamma_e(x, &$0) }
  }

  /// ln B(a, b) for positive a and b.
  public static func logBeta(_ a: Double, _ b: Double) -> Double { value(a + b) { gsl_sf_lnbeta_e(a, b, &$0) } }

  /// The derivative of ln Gamma(x).
  public static func digamma(_ x: Double) -> Double { value(x) { gsl_sf_psi_e(x, &$0) } }

  /// The error function, 2 / sqrt(pi) times the integral of exp(-u^2) from 0 to x.
  public static func erf(_ x: Double) -> Double { Foundation.erf(x) }

  /// 1 - erf(x), without cancellation for large x.
  public static func erfc(_ x: Double) -> Double { Foundation.erfc(x) }

  /// ln(1 + x), exact to rounding for small x.
  public static func log1p(_ x: Double) -> Double { Foundation.log1p(x) }

  /// exp(x) - 1, exact to rounding for small x.
  public static func expm1(_ x: Double) -> Double { Foundation.expm1(x) }

  /// The standard normal's cumulative function Phi(x), with full relative accuracy in the lower tail.
  public static func normalCumulative(_ x: Double) -> Double { Foundation.erfc(-x * 0.5.squareRoot()) / 2 }

  /// ln Phi(x), finite far below where Phi(x) itself is zero.
  public static func normalLogCumulative(_ x: Double) -> Double {
    if x > 0 { return Foundation.log1p(-normalCumulative(-x)) }
    return value(x) { gsl_sf_log_erfc_e(-x * 0.5.squareRoot(), &$0) } - Foundation.log(2)
  }

  /// The x with Phi(x) = p, for p in [0, 1]; infinite at its ends.
  public static func normalQuantile(_ p: Double) -> Double {
    if p == 0 { return -.infinity }
    if p == 1 { return .infinity }
    return p > 0 && p < 1 ? gsl_cdf_ugaussian_Pinv(p) : .nan
  }

  /// ln of the sum of exp over all terms; minus infinity for none.
  public static func logSumExp(_ terms: some Collection<Double>) -> Double {
    let (largest, sum) = scaledSum(terms)
    return largest + Foundation.log(sum)
  }

  /// ln of the mean of exp over all terms; NaN for none.
  public static func logMeanExp(_ terms: some Collection<Double>) -> Double {
    let (largest, sum) = scaledSum(terms)
    return terms.isEmpty ? .nan : largest + Foundation.log(sum / Double(terms.count))
  }

  /// The largest term, and the sum of exp over all terms in units of its exp, so that nothing overflows; a largest term
  /// that is no finite number stands alone.
  private static func scaledSum(_ terms: some Collection<Double>) -> (largest: Double, sum: Double) {
    guard let largest = terms.max(), !terms.contains(where: \.isNaN) else {
      return (terms.isEmpty ? -.infinity : .nan, 1)
    }
    guard largest.isFinite else { return (largest, 1) }
    return (largest, terms.reduce(0) { $0 + Foundation.exp($1 - largest) })
  }

  /// The probability that chi-square with the given degrees of freedom exceeds `statistic`.
  public static func chiSquareTail(_ statistic: Double, degreesOfFreedom: Double) -> Double {
    guard degreesOfFreedom > 0, !statistic.isNaN else { return .nan }
    return statistic <= 0 ? 1 : gsl_cdf_chisq_Q(statistic, degreesOfFreedom)
  }

  /// Kolmogorov's limiting probability that sqrt(n) sup |F_n - F| exceeds `statistic`.
  ///
  /// Two series of the same function (Feller 1948): above 1 the alternating one, below it its theta transform.
  public static func kolmogorovTail(_ statistic: Double) -> Double {
    guard !statistic.isNaN else { return .nan }
    guard statistic > 0.04 else { return 1 }
    var sum = 0.0
    if statistic > 1 {
      for k in 1...8 {
        let exponent = -2 * Double(k * k) * statistic * statistic
        sum += (k.isMultiple(of: 2) ? -1 : 1) * Foundation.exp(exponent)
      }
      return 2 * sum
    }
    for k in 1...8 {
      let root = Double(2 * k - 1) * Double.pi / statistic
      sum += Foundation.exp(-root * root / 8)
    }
    return 1 - (2 * Double.pi).squareRoot() / statistic * sum
  }

  private static func value(_ argument: Double, _ function: (inout gsl_sf_result) -> Int32) -> Double {
    guard !argument.isNaN else { return .nan }
    var result = gsl_sf_result(val: .nan, err: .nan)
    // The status repeats what the value says: NaN, infinite or zero.
    _ = function(&result)
    return result.val
  }
}

extension SpecialFunctions {
  /// What densities, entropies and divergences are built from so that nothing large cancels.

  /// x ln(x / m) + m - x for x, m >= 0: the deviance of Loader ("Fast and accurate computation of binomial
  /// probabilities", 2000), never negative, accurate where x and m are close.
  static func deviance(_ x: Double, _ m: Double) -> Double { deviance(x, m, difference: m - x) }

  /// The same where m - x is known better than from the rounded m.
  static func deviance(_ x: Double, _ m: Double, difference: Double) -> Double {
    if difference == 0 { return 0 }
    if x == 0 { return m }
    if m == 0 || m == .infinity { return .infinity }
    let excess = difference / x
    guard excess.isFinite else { return m - x - x * (Foundation.log(m) - Foundation.log(x)) }
    if excess < -0.999 { return x * (Foundation.log(x) - Foundation.log(m)) + (m - x) }
    return -x * value(excess) { gsl_sf_log_1plusx_mx_e(excess, &$0) }
  }

  /// The part of the divergence between two normals that their standard deviations make: (r^2 - 1)/2 - ln r.
  static func normalDeviance(_ deviation: Double, _ otherDeviation: Double) -> Double {
    let ratio = deviation / otherDeviation
    if ratio < 1e-5 { return Foundation.log(otherDeviation) - Foundation.log(deviation) - 0.5 + ratio * ratio / 2 }
    return deviance(1, ratio * ratio) / 2
  }

  /// ln Gamma(x) - [(x - 1/2) ln x - x + ln(2 pi) / 2] for x > 0: what Stirling's formula leaves over.
  static func stirlingRemainder(_ x: Double) -> Double {
    if x < 1e-3 {
      return logGamma(x) - (x - 0.5) * Foundation.log(x) + x - halfLogTwoPi
    }
    if x > 1e3 { return (1 - (1.0 / 30 - 1 / (105 * x * x)) / (x * x)) / (12 * x) }
    return Foundation.log(value(x) { gsl_sf_gammastar_e(x, &$0) })
  }

  /// psi(x) - ln x for x > 0, about -1 / 2x.
  static func digammaMinusLog(_ x: Double) -> Double {
    guard x > 50 else { return digamma(x) - Foundation.log(x) }
    let r = 1 / (x * x)
    return -1 / (2 * x) - r * (1.0 / 12 - r * (1.0 / 120 - r * (1.0 / 252 - r / 240)))
  }

  /// ln Gamma(y) - ln Gamma(x) - (y - x) psi(x), never negative.
  static func logGammaExcess(_ y: Double, over x: Double) -> Double {
    deviance(y, x) + logGammaExcessBeyondDeviance(y, over: x)
  }

  static func logGammaExcessBeyondDeviance(_ y: Double, over x: Double) -> Double {
    stirlingRemainder(y) - stirlingRemainder(x) - (Foundation.log(y) - Foundation.log(x)) / 2
      - (y - x) * digammaMinusLog(x)
  }

  /// ln(m^x e^-m / Gamma(x + 1)) for real x >= 0, m >= 0.
  static func logPoisson(_ x: Double, mean m: Double) -> Double {
    if x == 0 { return -m }
    return -deviance(x, m) - halfLogTwoPi - Foundation.log(x) / 2 - stirlingRemainder(x)
  }

  /// ln of (x + y choose x) p^x q^y for real x, y >= 0 and q = 1 - p.
  static func logBinomial(_ x: Double, _ y: Double, p: Double, q: Double) -> Double {
    if x == 0 { return y == 0 ? 0 : y * (q < 0.5 ? Foundation.log(q) : Foundation.log1p(-p)) }
    if y == 0 { return x * (p < 0.5 ? Foundation.log(p) : Foundation.log1p(-q)) }
    let n = x + y
    return stirlingRemainder(n) - stirlingRemainder(x) - stirlingRemainder(y)
      - deviance(x, n * p, difference: (-x).addingProduct(n, p))
      - deviance(y, n * q, difference: (-y).addingProduct(n, q)) - halfLogTwoPi
      + (Foundation.log(n) - Foundation.log(x) - Foundation.log(y)) / 2
  }

  static let halfLogTwoPi = 0.918938533204672741780329736406

  /// - x ln x, with its limit at 0.
  static func surprise(_ x: Double) -> Double { x == 0 ? 0 : -x * Foundation.log(x) }
}
