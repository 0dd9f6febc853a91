import Expressions

/// One of K classes, as K indicators; made of one uniform number.
struct CategoryStates: StateDistribution {
  /// Of each class, adding up to 1; shape [K].
  let probabilities: Formula

  var mean: Formula { probabilities }

  // A class of probability 0 (a point has them) is never met, so its logarithm only has to be finite.
  private var logs: Formula { log(max(probabilities, 1e-36)) }

  func draw(_ noise: Formula) -> Formula {
    let classes = probabilities.shape.count
    guard classes > 1 else { return probabilities * 0 + 1 }
    // Running sums by a triangle of ones; the last is 1 whatever rounding says.
    let triangle = (0..<classes - 1).flatMap { row in (0..<classes).map { $0 <= row ? 1.0 : 0.0 } }
    let reached =
      affine(Formula(triangle, shape: [classes - 1, classes]), probabilities)
      .> noise[0].broadcast(to: [classes - 1], stage: .row)
    return concatenate([reached, Formula([1])]) - concatenate([Formula([0]), reached])
  }

  func logDensities(_ x: Formula) -> Formula { sum(x * logs).reshaped(to: [1]) }
  var entropy: Formula { -sum(probabilities * logs) }

  func divergences(to other: any StateDistribution) -> Formula {
    guard let other = other as? CategoryStates else { return .noDivergence }
    return sum(probabilities * (logs - other.logs)).reshaped(to: [1])
  }
}
