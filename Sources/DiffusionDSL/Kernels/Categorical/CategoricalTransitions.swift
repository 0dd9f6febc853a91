import Formulas
import Foundation

/// Categorical diffusion of one field with K classes: the binomial process for more than two values.
///
/// q(x_t | x_{t-1}) keeps the class with 1 - beta_t and else draws it anew from pi. A state is K indicators.
public struct CategoricalTransitions: KernelTransitions {
  /// pi of each class.
  let shares: [Double]
  let betas: [Double]
  let probability: ProbabilityParameterisation
  /// abar_0 ... abar_T.
  private let alphaBars: [Double]
  private let noiseShares: [Double]

  init(shares: [Double], betas: [Double], probability: ProbabilityParameterisation) {
    self.shares = shares
    self.betas = betas
    self.probability = probability
    let clock = ErasureClock(betas)
    alphaBars = clock.alphaBars
    noiseShares = clock.noises
  }

  var classes: Int { shares.count }
  public var columns: Int { 1 }
  public var features: Int { classes }
  public var noises: Int { 1 }
  public var noiseKind: NoiseKind { .uniform }
  public var readouts: Int { classes }

  public func encoded(_ row: Formula) -> Formula {
    // 1 where the class is the row's number.
    max(0, 1 - abs(row[0] - Formula((0..<classes).map { Double($0) })))
  }

  public func state(of row: [Double]) -> [Double] { (0..<classes).map { Double($0) == row[0] ? 1 : 0 } }
  public func row(of state: [Double]) -> [Double] { [Double(state.firstIndex(of: 1) ?? 0)] }

  /// The one cell's number, for each of the K indicators.
  public func spread(_ cells: Formula) -> Formula { cells[0].broadcast(to: [features], stage: cells.stage) }
  public func values(_ state: Formula, units: [(mean: Double, scale: Double)]) -> [Formula] { [state] }
  public func scales(ofColumns scales: [Double]) -> [Double] { Array(repeating: 1, count: features) }

  private func now(_ function: (_ t: Int) -> Double) -> Formula {
    Formula((1...betas.count).map(function)).atStep(offset: -1)
  }

  /// abar_t at the row's step.
  var alphaBarNow: Formula { now { alphaBars[$0] } }
  /// 1 - abar_t at the row's step.
  var noiseNow: Formula { now { noiseShares[$0] } }

  public var stationary: CategoryStates { CategoryStates(probabilities: Formula(shares)) }

  /// The state with probability `kept`, and a draw from pi with probability `drawn`.
  private func mixed(_ state: Formula, kept: Formula, drawn: Formula) -> Formula {
    state * kept + drawn * Formula(shares)
  }

  public func forward(_ before: Formula) -> CategoryStates {
    CategoryStates(
      probabilities: mixed(before, kept: now { 1 - betas[$0 - 1] }, drawn: now { betas[$0 - 1] }))
  }

  public func marginal(_ data: Formula) -> CategoryStates {
    CategoryStates(
      probabilities: mixed(data, kept: now { alphaBars[$0] }, drawn: now { noiseShares[$0] }))
  }

  /// Sum over classes i of weights_i q(x_{t-1} | x_t, x_0 = i), for weights that add up to 1.
  ///
  /// q(j | k, i) = q(k | j) q_{t-1}(j | i) / q_t(k | i), and q_t(k | i) = abar_t [i = k] + (1 - abar_t) pi_k.
  private func blended(_ weights: Formula, _ state: Formula) -> Formula {
    let share = sum(state * Formula(shares))
    let arrival = state * now { 1 - betas[$0 - 1] } + share * now { betas[$0 - 1] }
    let evidence = state * now { alphaBars[$0] } + share * now { noiseShares[$0] }
    let ratio = weights / evidence
    return arrival * (ratio * now { alphaBars[$0 - 1] } + Formula(shares) * (sum(ratio) * now { noiseShares[$0 - 1] }))
  }

  public func posterior(_ data: Formula, _ state: Formula) -> CategoryStates {
    CategoryStates(probabilities: blended(data, state))
  }

  public func reverse(_ z: Formula, _ x: Formula) -> CategoryStates {
    let share = sum(x * Formula(shares))
    switch probability {
    case .data:
      // log pi_i + log q_t(x_t | i): what x_0 is, were the data drawn from pi.
      let base = log(x * now { alphaBars[$0] } + share * now { noiseShares[$0] })
      return reverse(probabilities: softmax(z + base + Formula(shares.map { Foundation.log($0) })), .data, x)
    case .direct:
      let base = log(mixed(x, kept: now { 1 - betas[$0 - 1] }, drawn: now { betas[$0 - 1] }))
      return CategoryStates(probabilities: softmax(z + base))
    }
  }

  public func reverse(_ step: StepFormulas, _ x: Formula) -> CategoryStates {
    reverse(probabilities: step[CategoricalStep.formula], step.meaning, x)
  }

  /// From the probabilities of the classes of x_0, or of x_{t-1}.
  func reverse(
    probabilities: Formula, _ meaning: ProbabilityParameterisation, _ x: Formula
  ) -> CategoryStates {
    CategoryStates(
      probabilities: (meaning == .data ? blended(probabilities, x) : probabilities)
        .labelled("the classes' probabilities"))
  }

  public func entropyBounds(_ t: Int, _ clock: ErasureClock, _ data: StateMoments) -> EntropyBounds {
    func mixture(of own: Int, _ kept: Double, _ drawn: Double) -> [Double] {
      shares.indices.map { (own == $0 ? kept : 0) + drawn * shares[$0] }
    }
    func share(_ k: Int, _ s: Int) -> Double { clock.alphaBars[s] * data.means[k] + clock.noises[s] * shares[k] }
    let beta = clock.betas[t - 1]
    var bounds = EntropyBounds(forward: 0, before: 0, now: 0, surpriseFall: 0)
    for k in shares.indices {
      bounds.forward += share(k, t - 1) * entropy(ofChances: mixture(of: k, 1 - beta, beta))
      bounds.before +=
        data.means[k] * entropy(ofChances: mixture(of: k, clock.alphaBars[t - 1], clock.noises[t - 1]))
      bounds.now += data.means[k] * entropy(ofChances: mixture(of: k, clock.alphaBars[t], clock.noises[t]))
      bounds.surpriseFall += (share(k, t) - share(k, t - 1)) * Foundation.log(shares[k])
    }
    return bounds
  }

  /// The data's class looked up in a table of one number for each class; shape [1].
  private func picked(_ data: Formula, _ number: (_ own: Int) -> Double) -> Formula {
    sum(data * Formula(shares.indices.map(number))).reshaped(to: [1])
  }

  public func priorLosses(_ data: Formula) -> Formula {
    let (last, mixed) = (alphaBars[betas.count], noiseShares[betas.count])
    return picked(data) { own in
      shares.indices.reduce(0.0) { total, k in
        let chance = (k == own ? last : 0) + mixed * shares[k]
        return total + (chance > 0 ? chance * Foundation.log(chance / shares[k]) : 0)
      }
    }
  }

  public func lastLosses(_ data: Formula) -> Formula {
    let beta = betas.first ?? 0.5
    let entropyOfPi = entropy(ofChances: shares)
    return picked(data) { own in
      let entropy = entropy(ofChances: shares.indices.map { ($0 == own ? 1 - beta : 0) + beta * shares[$0] })
      // log pi(x_0) - E log pi(x_1) = beta_1 (log pi_{x_0} - sum_k pi_k log pi_k)
      return entropy - beta * (Foundation.log(shares[own]) + entropyOfPi)
    }
  }

  public var expectedLastLoss: Double { 0 }
}
