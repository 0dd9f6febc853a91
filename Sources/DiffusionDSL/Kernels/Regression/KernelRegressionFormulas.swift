import Formulas

// q(x_0 | x_t) where x_0 is near one of n rows, part by part: the log weights of the rows, and, given the weights of
// all parts together, the reverse step (Docs/Mathematics.md, section 4).

/// A part of the kernel with the rows' states of it.
struct RegressionPart: Sendable {
  let transitions: any KernelTransitions
  /// Shape [n, features].
  let rows: Formula
  /// How near to a row x_0 is: the logarithm of a bandwidth, or the log odds of a replacement; a scalar.
  let nearness: Formula

  /// p(x_{t-1} | x_t) of all parts.
  ///
  /// - Parameter excluded: x_0, part by part; a row that is equal to it counts for nothing.
  static func steps(
    _ sides: [RegressionPart], _ parts: [ModelPart], of x: Formula, without excluded: [Formula]?
  ) -> [any PartStep] {
    func sum(_ terms: [Formula]) -> Formula { terms.dropFirst().reduce(terms.first ?? Formula(0), +) }
    var logWeights = sum(
      zip(sides, parts).map { side, part in
        side.transitions.regressionLogWeights(x[part.features], side.rows, nearness: side.nearness)
      })
    if let excluded {
      // Rounding aside: rows were scaled in Double, x_0 in the tiles' precision.
      let distances = sum(zip(sides, excluded).map { squaredDistance($1, centres: $0.rows) })
      logWeights = select(distances .> 1e-10, logWeights, -1e30)
    }
    let weights = softmax(logWeights)
    return zip(sides, parts).map { side, part in
      side.transitions.regressedStep(x[part.features], side.rows, weights, nearness: side.nearness)
    }
  }
}
