import Formulas
import Foundation

// q(x_0 | x_t) where x_0 is one of n rows whose bits were replaced by draws from pi with some chance
// (Docs/Mathematics.md, section 4).

extension BinomialTransitions {
  public func nearness(_ regression: KernelRegression) -> (name: String, start: Double) {
    ("replacementLogit", regression.replacementLogit)
  }

  public func regressionLogWeights(_ x: Formula, _ rows: Formula, nearness: Formula) -> Formula {
    let replacement = sigmoid(nearness)
    let p = Formula(activities)
    // abar_t (1 - replacement), and what is left, as a sum of positive numbers.
    let kept = alphaBarNow * (1 - replacement)
    let drawn = noiseNow + alphaBarNow * replacement
    // How much likelier x_t is from a row with a 1 than from one with a 0.
    let one = log(p * drawn + kept) - log(p * drawn)
    let zero = log((1 - p) * drawn) - log((1 - p) * drawn + kept)
    return affine(rows, select(x, one, zero))
  }

  public func regressed(_ x: Formula, _ rows: Formula, _ weights: Formula, nearness: Formula) -> BitStates {
    let replacement = sigmoid(nearness)
    let p = Formula(activities)
    // q(x_t | x_0) for x_0 = 1 and 0.
    let share = select(x, p, 1 - p) * noiseNow
    let (fromOne, fromZero) = (share + x * alphaBarNow, share + (1 - x) * alphaBarNow)
    // The chance that x_0 is 1, given x_t and a row with a 1, or with a 0.
    func chance(_ one: Formula) -> Formula { one * fromOne / (one * fromOne + (1 - one) * fromZero) }
    let drawn = p * replacement
    let (ofOne, ofZero) = (chance(drawn + (1 - replacement)), chance(drawn))
    let ones = affineTransposed(rows, weights)
    return reverse(probability: ofZero + ones * (ofOne - ofZero), .data, x)
  }
}

extension KernelRegression {
  /// Where the log odds of a replacement start.
  var replacementLogit: Double { Foundation.log(replacement) - log1p(-replacement) }
}
