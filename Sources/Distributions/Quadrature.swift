internal import CGSL

/// An integral and an estimate of its absolute error.
///
/// ```swift
/// let area = try SpecialFunctions.integrate(from: 0, to: .infinity) { exp(-$0 * $0) }
/// let isAccurate = area.error < 1e-8  // area.value is half the square root of pi
/// ```
public struct Integral: Hashable, Sendable {
  /// The integral.
  public let value: Double
  /// An estimate of its absolute error, usually a generous one.
  public let error: Double
}

extension SpecialFunctions {
  /// The integral of a function over an interval whose ends may be infinite.
  ///
  /// GSL's adaptive Gauss-Kronrod rules with extrapolation (QAGS, QAGI, QAGIU, QAGIL of QUADPACK: Piessens et al.
  /// 1983), which also take singularities at the ends.
  ///
  /// - Parameters:
  ///   - lower: The lower limit; may be minus infinity. Limits in falling order change the integral's sign.
  ///   - upper: The upper limit; may be infinity.
  ///   - relativeTolerance: The error wanted, relative to the value. About 1e-14 at the least.
  ///   - absoluteTolerance: An error that is small enough whatever the value.
  ///   - function: The integrand, finite but for singularities at the ends.
  /// - Throws: `GSLError` if a limit is NaN, or the tolerance isn't reached in 1,000 intervals.
  public static func integrate(
    from lower: Double, to upper: Double, relativeTolerance: Double = 1e-10, absoluteTolerance: Double = 0,
    _ function: (Double) -> Double
  ) throws(GSLError) -> Integral {
    if lower == upper { return Integral(value: 0, error: 0) }
    if lower > upper {
      let reversed = try integrate(
        from: upper, to: lower, relativeTolerance: relativeTolerance, absoluteTolerance: absoluteTolerance, function)
      return Integral(value: -reversed.value, error: reversed.error)
    }
    let interval = "from \(lower) to \(upper)"
    guard lower < upper, lower < .infinity, upper > -.infinity else {
      throw GSLError(
        status: Int(GSL_EDOM), operation: "integrate", value: interval, remedy: "give limits that are numbers")
    }
    let limit = 1_000
    guard let workspace = gsl_integration_workspace_alloc(limit) else {
      throw GSLError(status: Int(GSL_ENOMEM), operation: "integrate", value: interval, remedy: "free some memory")
    }
    defer { gsl_integration_workspace_free(workspace) }
    var value = 0.0
    var error = 0.0
    let (absolute, relative) = (absoluteTolerance, relativeTolerance)
    let status = withoutActuallyEscaping(function) { function in
      var context = Integrand(function: function)
      return withUnsafeMutablePointer(to: &context) { context in
        var integrand = gsl_function(
          function: { x, context in
            context.map { $0.assumingMemoryBound(to: Integrand.self).pointee.function(x) } ?? .nan
          }, params: context)
        return switch (lower.isFinite, upper.isFinite) {
        case (true, true):
          gsl_integration_qags(&integrand, lower, upper, absolute, relative, limit, workspace, &value, &error)
        case (true, false):
          gsl_integration_qagiu(&integrand, lower, absolute, relative, limit, workspace, &value, &error)
        case (false, true):
          gsl_integration_qagil(&integrand, upper, absolute, relative, limit, workspace, &value, &error)
        case (false, false):
          gsl_integration_qagi(&integrand, absolute, relative, limit, workspace, &value, &error)
        }
      }
    }
    guard status == GSL_SUCCESS, value.isFinite else {
      throw GSLError(
        status: status == GSL_SUCCESS ? Int(GSL_EDOM) : Int(status), operation: "integrate", value: interval,
        remedy: "split the interval where the function has a peak, a jump or a pole, or allow a larger tolerance "
          + "than \(relativeTolerance)")
    }
    return Integral(value: value, error: error)
  }
}

private struct Integrand {
  let function: (Double) -> Double
}
