import Formulas
import Foundation

// Proposals of normal steps: the product of two normals is a normal, and a gradient shifts it (Sohl-Dickstein et al.
// 2015, eq. 61).

extension GaussianTransitions {
  public var probes: StateProbes { .none }

  public func centred(_ state: Formula, root: Formula) -> Formula { state * root }

  public func estimate(_ step: NormalStates, _ x: Formula) -> Formula {
    // The mean of q(x_{t-1} | x_t, x_0) is linear in x_0.
    (step.mean - x * tables.now(tables.posteriorOfState)) / tables.now(tables.posteriorOfData)
  }

  public func logTwists(_ estimate: Formula, _ factors: ColumnFactors) -> [Formula] {
    if let whole = factors.logTwists(estimate: estimate) { return [whole] }
    return (0..<dimensions).compactMap { column in
      factors.hasNormal(column) ? factors.logTwist(column, estimate: estimate[column]) : nil
    }
  }

  /// The means and variances of a step times its columns' psi, N(x; mu, sigma) N(y; root x, v) normalised; and the log
  /// weight of that: the normaliser over psi_t(x_t).
  private func multiplied(
    _ step: NormalStates, _ target: TwistedTarget
  ) -> (mean: Formula, variance: Formula, logWeight: Formula) {
    let variance = step.variance.broadcast(to: [step.features], stage: .step)
    if let (drawn, before) = target.normals {
      return multipliedAsVectors(step.mean, variance, drawn, before: before, state: target.state)
    }
    guard !target.isTwistedStep, (0..<dimensions).contains(where: target.factors.hasNormal) else {
      return (step.mean, variance, 0)
    }
    var (means, variances, weights) = ([Formula](), [Formula](), [Formula]())
    for column in 0..<dimensions {
      let (mu, sigma) = (step.mean[column], variance[column])
      guard let psi = target.normal(column) else {
        means.append(mu)
        variances.append(sigma)
        continue
      }
      let total = psi.variance + sigma * square(psi.root)
      let gain = sigma * psi.root / total
      means.append(mu + gain * (psi.target - psi.root * mu))
      variances.append(sigma * psi.variance / total)
      weights.append(ColumnFactors.logNormal(psi.target - psi.root * mu, total) + psi.logConstant)
      if let state = target.state, let before = target.normalOfState(column) {
        weights.append(-before.logPsi(state[column]))
      }
    }
    return (concatenate(means), concatenate(variances), weights.total)
  }

  /// The same for factors that are told as vectors. In a column without a factor the root is 0 and the variance 1, so that
  /// its mean and variance are the step's own to the bit, and its share of the weight is 0. What a step's variance does not
  /// enter depends on t alone, and is computed once for a tile.
  private func multipliedAsVectors(
    _ mu: Formula, _ sigma: Formula, _ psi: ColumnFactors.NormalVector, before: ColumnFactors.NormalVector?,
    state: Formula?
  ) -> (mean: Formula, variance: Formula, logWeight: Formula) {
    let total = sigma * square(psi.root) + psi.variance
    let inverse = 1 / total
    let misfit = psi.target - mu * psi.root
    let pull = misfit * inverse
    // Minus twice the log weight.
    var surprise = sum(misfit * pull)
    var logs = sum(log(total)) - psi.logConstant * 2
    if let before, let state {
      let precision = sqrt(1 / before.variance)
      surprise = surprise - sum(square(before.target * precision - state * (before.root * precision)))
      logs = logs - sum(log(before.variance)) + before.logConstant * 2
    } else {
      logs = logs + psi.count * Foundation.log(2 * Double.pi)
    }
    return (
      mu + sigma * pull * psi.root, sigma * (inverse * psi.variance), (surprise + logs) * -0.5
    )
  }

  public func proposalMean(_ step: NormalStates, _ target: TwistedTarget) -> Formula { multiplied(step, target).mean }

  public func proposal(_ step: NormalStates, _ target: TwistedTarget) -> Proposal {
    let (mean, variance, logWeight) = multiplied(step, target)
    let (noise, deviation) = (target.noise, sqrt(variance))
    guard let gradient = target.gradient else {
      return Proposal(draw: mean + deviation * noise, logWeight: logWeight)
    }
    // Eq. 61, with the shift u clipped to `mostShift`; then log p - log m of the draw, which is (z^2 - (z + u)^2) / 2.
    // A gradient that is NaN, such as that of log(sigmoid(x)) at large -x, counts as 0.
    let wanted = deviation * gradient
    let shift = TwistedTarget.clipped(select(square(wanted) .> -1, wanted, 0), TwistedTarget.mostShift)
    return Proposal(
      draw: mean + deviation * (noise + shift), logWeight: logWeight - sum(shift * (noise + shift * 0.5)))
  }
}
