import Formulas

// What of psi has no closed form in a step: formulas of log r(x), tempered or carried as if they were normals of some
// width, and intervals, carried.

extension PosteriorFormulas {
  /// Where a general r is 0, it counts as e to this on the way: a power of 0 would be the wrong limit, and a state from
  /// which one more step leads to what is possible must not lose its particles.
  static let logOfZero = -1.5
  /// Below this log r(x) is that of a 0: far below what a sharp factor has where it is not 0.
  static let leastLog = -1e6

  /// A state in the data's units, column by column.
  func columns(_ x: Formula) -> [Formula] {
    model.parts.flatMap { part in
      part.transitions.values(
        x[part.features], units: part.columns.map { (scaling.mean[$0], scaling.scale[$0]) })
    }
  }

  /// log r(x) of each general factor.
  func logFactors(_ x: Formula) -> [Formula] {
    let input = FactorInput(columns: columns(x), schema: schema)
    return factors.formulas.map { $0.function(input) }
  }

  /// What is wrong with the general factors, by their place.
  var faults: [(Int, String)] {
    logFactors(model.stateInput).enumerated().compactMap { index, formula in
      if let fault = formula.fault { return (index, fault.message) }
      return formula.shape == .scalar
        ? nil : (index, "log r(x) is a scalar, not a value of shape \(formula.shape): add its numbers with sum")
    }
  }

  /// Whether t + offset is 0.
  private func isEnd(_ offset: Int) -> Formula { table([1] + Array(repeating: 0.0, count: model.steps), offset) }

  /// The power that general factors are raised to at t + offset.
  ///
  /// A normal of width w is carried by a normal of variance w^2 + noise around root x: it is, but for a constant, itself
  /// at root x to the power w^2 / (w^2 + noise).
  func power(_ offset: Int) -> Formula {
    guard let square = tuning?.squaredWidth else { return table(tables.powers, offset) }
    return select(isEnd(offset), 1, square / max(square + table(tables.noises, offset), 1e-30))
  }

  /// Where general factors are evaluated at t + offset.
  private func centre(_ x: Formula, _ offset: Int) -> Formula {
    guard tuning != nil else { return x }
    return concatenate(
      model.parts.map { part in
        part.transitions.centred(x[part.features], root: table(tables.roots, offset))
      })
  }

  /// log psi of the formulas, at a state of their own or at an estimate of x_0: log r times a power.
  func tempered(_ x: Formula, _ offset: Int) -> [Formula] {
    logFactors(x).map { formula in
      // At t = 0 r is itself, wherever it is 0.
      select(
        isEnd(offset), formula,
        select(formula .> Formula(PosteriorFormulas.leastLog), formula, Formula(PosteriorFormulas.logOfZero))
          * power(offset))
    }
  }

  /// log psi of what has no closed form in a step, at t + offset.
  ///
  /// - Parameter hasFormulas: whether formulas are among it; with `.twisted` they are a part of the twist before t = 0.
  func general(_ x: Formula, _ offset: Int, hasFormulas: Bool) -> Formula {
    (hasFormulas ? ofFormulas(x, offset) : 0) + ofIntervals(x, offset)
  }

  /// The formulas' part of `general`.
  func ofFormulas(_ x: Formula, _ offset: Int) -> Formula {
    let terms = tempered(centre(x, offset), offset)
    return terms.isEmpty ? Formula(0) : terms.total
  }

  /// The intervals' part of `general`.
  func ofIntervals(_ x: Formula, _ offset: Int) -> Formula {
    var terms: [Formula] = []
    for (index, column) in factors.columns.enumerated() where column.interval != nil {
      terms.append(logInterval(feature(x, index), index, offset))
    }
    return terms.isEmpty ? Formula(0) : terms.total
  }

  /// A continuous column's number in a state, in scaled units.
  func feature(_ x: Formula, _ column: Int) -> Formula {
    for part in model.parts where part.columns.contains(column) {
      return part.transitions.values(x[part.features], units: part.columns.map { _ in (0, 1) })[
        column - part.columns.lowerBound]
    }
    return .fault("there is no column \(column)")
  }

  /// The chance that x_0 lies in the interval, given x_t, were what is left of the diffusion the forward kernel; at t =
  /// 0, whether it does.
  func logInterval(_ x: Formula, _ column: Int, _ offset: Int) -> Formula {
    let slot = factors.intervalSlot(column)
    let (lower, upper) = (number(column, slot), number(column, slot + 1))
    // Never 0 before the end, or the limit would be another.
    let width = sqrt(max(table(tables.noises, offset), 1e-12))
    let centre = x * table(tables.roots, offset)
    let inside = (x .> lower) * (upper .> x)
    let log = PosteriorFormulas.logNormalInterval((lower - centre) / width, (upper - centre) / width)
    return select(isEnd(offset), select(inside, 0, -1e30), log)
  }

  /// log (Phi(b) - Phi(a)), about: Phi as the logistic function of 1.5976 z + 0.07056 z^3, which is off by less than
  /// 1.4e-4 (Bowling, Khasawneh, Kaewkuekool, Cho 2009). psi may be any positive function, so particles lose nothing.
  static func logNormalInterval(_ a: Formula, _ b: Formula) -> Formula {
    func odds(_ z: Formula) -> Formula {
      let z = max(-15, min(15, z))
      return z * (square(z) * 0.07056 + 1.5976)
    }
    // sigmoid(u) - sigmoid(v) = (e^u - e^v) / ((1 + e^u) (1 + e^v))
    let (u, v) = (odds(b), odds(a))
    return u + log(max(-expm1(v - u), 1e-30)) - softplus(u) - softplus(v)
  }
}
