import Formulas

// q(x_0 | x_t) where x_0 is one of n rows whose class was replaced by a draw from pi with some chance
// (Docs/Mathematics.md, section 4).

extension CategoricalTransitions {
  public func nearness(_ regression: KernelRegression) -> (name: String, start: Double) {
    ("replacementLogit", regression.replacementLogit)
  }

  public func regressionLogWeights(_ x: Formula, _ rows: Formula, nearness: Formula) -> Formula {
    let replacement = sigmoid(nearness)
    let kept = alphaBarNow * (1 - replacement)
    let drawn = noiseNow + alphaBarNow * replacement
    return affine(rows, log(x * kept + sum(x * Formula(shares)) * drawn))
  }

  public func regressed(_ x: Formula, _ rows: Formula, _ weights: Formula, nearness: Formula) -> CategoryStates {
    let replacement = sigmoid(nearness)
    // q(x_t | x_0 = k), and the same averaged over pi, which is pi's share of x_t.
    let share = sum(x * Formula(shares))
    let density = x * alphaBarNow + share * noiseNow
    let evidence = density * (1 - replacement) + share * replacement
    let ratio = affineTransposed(rows, weights) / evidence
    let kept = ratio * density * (1 - replacement)
    return reverse(
      probabilities: kept + Formula(shares) * density * (sum(ratio) * replacement), .data, x)
  }
}
