import Formulas

/// A schedule's consequences for a Gaussian kernel, as tables over t = 1 ... T (index t - 1).
///
/// Products are accumulated as sums of log1p, and 1 - abar comes from expm1, so neither end loses digits. The tables of
/// a given schedule are constants; those of a learned one are formulas of its parameters, always computed in Double.
struct GaussianTables: Sendable {
  let steps: Int
  /// beta_t.
  let beta: Formula
  /// 1 - beta_t, as its logarithm.
  let logAlpha: Formula
  /// log abar_t.
  let logAlphaBar: Formula
  /// log abar_{t-1}, 0 at t = 1.
  let logAlphaBarBefore: Formula

  /// - Parameter logits: of beta_2 ... beta_T where the schedule is learned.
  init(_ schedule: AnySchedule, logits: Formula?) {
    let betas = schedule.betas
    steps = betas.count
    if let logits, steps > 1 {
      let free = sigmoid(logits)
      beta = concatenate([Formula([betas[0]]), free])
      // log(1 - sigmoid(z)) = -softplus(z), also where beta is near 1.
      logAlpha = concatenate([log1p(Formula([-betas[0]])), -softplus(logits)])
    } else {
      beta = Formula(betas)
      logAlpha = log1p(-beta)
    }
    logAlphaBar = cumulativeSum(logAlpha)
    logAlphaBarBefore = steps > 1 ? concatenate([Formula([0]), logAlphaBar[0..<steps - 1]]) : Formula([0])
  }

  var alphaBar: Formula { exp(logAlphaBar) }
  var alphaBarBefore: Formula { exp(logAlphaBarBefore) }
  /// 1 - abar_t.
  var noise: Formula { -expm1(logAlphaBar) }
  /// 1 - abar_{t-1}.
  var noiseBefore: Formula { -expm1(logAlphaBarBefore) }

  /// The coefficient of x_0 in the mean of q(x_{t-1} | x_t, x_0).
  var posteriorOfData: Formula { exp(logAlphaBarBefore * 0.5) * beta / noise }
  /// The coefficient of x_t in the mean of q(x_{t-1} | x_t, x_0).
  var posteriorOfState: Formula { exp(logAlpha * 0.5) * noiseBefore / noise }
  /// The variance of q(x_{t-1} | x_t, x_0); 0 at t = 1.
  var posteriorVariance: Formula { beta * noiseBefore / noise }

  /// The logarithm of the posterior variance at t = 2 ... T, `first` at t = 1 where that variance is 0.
  func logPosteriorVariance(first: Formula) -> Formula {
    guard steps > 1 else { return first.reshaped(to: [1]) }
    let later = log((beta[1..<steps] * noiseBefore[1..<steps]) / noise[1..<steps])
    return concatenate([first, later])
  }

  /// logit beta_t: infinite where beta_t is 1.
  var logitBeta: Formula { log(beta) - logAlpha }

  /// log(abar_t / (1 - abar_t)), kept within +-20.
  var logSignalToNoise: Formula { max(-20, min(20, logAlphaBar - log(noise))) }

  /// A table's entry at the row's step t.
  func now(_ table: Formula) -> Formula { table.atStep(offset: -1) }
}
