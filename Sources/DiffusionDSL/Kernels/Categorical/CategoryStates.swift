import Formulas

/// A categorical distribution over K classes. A draw is K indicators, made of one uniform random number.
public struct CategoryStates: StateDistribution {
  /// Of each class, adding up to 1; shape [K].
  let probabilities: Formula

  public var mean: Formula { probabilities }

  // A class of probability 0 (a point has such classes) is never drawn, so its logarithm only has to be finite.
  private var logs: Formula { log(max(probabilities, 1e-36)) }

  public func draw(_ noise: Formula) -> Formula {
    let classes = probabilities.shape.count
    guard classes > 1 else { return probabilities * 0 + 1 }
    // Running sums by a triangle of ones; the last is 1 whatever rounding says.
    let triangle = (0..<classes - 1).flatMap { row in (0..<classes).map { $0 <= row ? 1.0 : 0.0 } }
    let reached =
      affine(Formula(triangle, shape: [classes - 1, classes]), probabilities)
      .> noise[0].broadcast(to: [classes - 1], stage: .row)
    return concatenate([reached, Formula([1])]) - concatenate([Formula([0]), reached])
  }

  public func logDensities(_ x: Formula) -> Formula { sum(x * logs).reshaped(to: [1]) }
  public var entropy: Formula { -sum(probabilities * logs) }

  public func divergences(to other: CategoryStates) -> Formula {
    sum(probabilities * (logs - other.logs)).reshaped(to: [1])
  }
}
