import Formulas

// The part of psi that has no closed form in a step: formulas of log r(x), tempered or carried as if they were normals
// of some width, and intervals, carried.

extension PosteriorFormulas {
  /// log r used for t > 0 where a general r is 0. A psi_t of 0 would have the wrong limit: it would discard particles
  /// at states from which the next step may reach r > 0.
  static let logOfZero = -1.5
  /// A log r(x) below this counts as r = 0. It is far below the values that a sharp factor has where it is not 0.
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
      // At t = 0 the factor is r itself, zeros included.
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

  /// The probability that x_0 lies in the interval, given x_t, if the rest of the diffusion were the forward kernel; at
  /// t = 0, 1 inside the interval and 0 outside.
  func logInterval(_ x: Formula, _ column: Int, _ offset: Int) -> Formula {
    let slot = factors.intervalSlot(column)
    let (lower, upper) = (number(column, slot), number(column, slot + 1))
    // Positive for t > 0, since a psi_t of 0 would have the wrong limit.
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
