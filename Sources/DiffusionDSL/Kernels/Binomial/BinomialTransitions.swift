import Formulas
import Foundation

/// Binomial diffusion of bits; Sohl-Dickstein et al. 2015, Table App.1, binomial column, for any activity p of pi.
///
/// q(x_t | x_{t-1}) keeps a bit with 1 - beta_t and else draws it anew from B(p). All tables are computed in Double as
/// products of positive numbers, so the smallest chance of a flip keeps its digits.
public struct BinomialTransitions: KernelTransitions {
  /// p of each bit.
  let activities: [Double]
  let betas: [Double]
  let probability: ProbabilityParameterisation
  /// abar_0 ... abar_T.
  private let alphaBars: [Double]
  /// 1 - abar_0 ... 1 - abar_T.
  private let noiseShares: [Double]

  init(activities: [Double], betas: [Double], probability: ProbabilityParameterisation) {
    self.activities = activities
    self.betas = betas
    self.probability = probability
    let clock = ErasureClock(betas)
    alphaBars = clock.alphaBars
    noiseShares = clock.noises
  }

  public var columns: Int { activities.count }
  public var features: Int { activities.count }
  public var noises: Int { activities.count }
  public var noiseKind: NoiseKind { .uniform }
  public var readouts: Int { activities.count }

  // A state is a row.
  public func encoded(_ row: Formula) -> Formula { row }
  public func state(of row: [Double]) -> [Double] { row }
  public func row(of state: [Double]) -> [Double] { state }
  public func spread(_ cells: Formula) -> Formula { cells }
  public func scales(ofColumns scales: [Double]) -> [Double] { scales.map { _ in 1 } }

  public func values(_ state: Formula, units: [(mean: Double, scale: Double)]) -> [Formula] {
    units.indices.map { state[$0] }
  }

  // MARK: - Chances of a flip

  /// pi's chance of a value.
  private func share(_ value: Int, _ p: Double) -> Double { value == 1 ? p : 1 - p }

  /// The chance that x_{t-1} differs from x_t = value, given whether x_0 differs from x_t.
  private func flipChance(_ t: Int, _ p: Double, value: Int, dataDiffers: Bool) -> Double {
    let (beta, before, after) = (betas[t - 1], alphaBars[t - 1], alphaBars[t])
    let (mixedBefore, mixed) = (noiseShares[t - 1], noiseShares[t])
    let (own, other) = (share(value, p), share(1 - value, p))
    // q(value | 1 - value) q(x_{t-1} = 1 - value | x_0) / q(x_t = value | x_0)
    return dataDiffers
      ? beta * (before + mixedBefore * other) / mixed
      : beta * own * mixedBefore * other / (after + mixed * own)
  }

  /// The log odds that x_0 differs from x_t = value, were the data drawn from pi.
  private func differenceLogOdds(_ t: Int, _ p: Double, value: Int) -> Double {
    let (own, other) = (share(value, p), share(1 - value, p))
    let differs = other * noiseShares[t] * own
    let agrees = own * (alphaBars[t] + noiseShares[t] * own)
    return Foundation.log(differs) - Foundation.log(agrees)
  }

  /// A function of t and p as a table's entry at the row's step: a scalar where all bits share p, else [features].
  private func now(_ function: (_ t: Int, _ p: Double) -> Double) -> Formula {
    let first = activities.first ?? 0.5
    if activities.allSatisfy({ $0 == first }) {
      return Formula((1...betas.count).map { function($0, first) }).atStep(offset: -1)
    }
    let flat = (1...betas.count).flatMap { t in activities.map { function(t, $0) } }
    return Formula(flat, shape: [betas.count, activities.count]).atStep(offset: -1)
  }

  /// abar_t at the row's step.
  var alphaBarNow: Formula { Formula(Array(alphaBars.dropFirst())).atStep(offset: -1) }
  /// 1 - abar_t at the row's step.
  var noiseNow: Formula { Formula(Array(noiseShares.dropFirst())).atStep(offset: -1) }

  /// A function of t, p and the value of a bit.
  private func now(
    _ bits: Formula, _ function: (_ t: Int, _ p: Double, _ value: Int) -> Double
  ) -> Formula {
    select(bits, now { function($0, $1, 1) }, now { function($0, $1, 0) })
  }

  /// A function of each bit's value and p, shape [bits].
  private func each(_ bits: Formula, _ function: (_ p: Double, _ value: Int) -> Double) -> Formula {
    let zeros = activities.map { function($0, 0) }
    let differences = zip(activities, zeros).map { function($0, 1) - $1 }
    if let zero = zeros.first, let difference = differences.first, zeros.allSatisfy({ $0 == zero }),
      differences.allSatisfy({ $0 == difference })
    {
      return bits * difference + zero
    }
    return bits * Formula(differences) + Formula(zeros)
  }

  // MARK: - Distributions

  public var stationary: BitStates {
    BitStates(
      reference: Formula(activities.map { _ in 0 }), flip: Formula(activities),
      logFlip: Formula(activities.map { Foundation.log($0) }),
      logStay: Formula(activities.map { Foundation.log1p(-$0) }))
  }

  /// Bits that are drawn anew from pi with some probability. They differ from before with a smaller probability, since
  /// the new draw may be the old value.
  private func mixed(_ bits: Formula, _ share: @escaping (Int) -> Double) -> BitStates {
    func chance(_ t: Int, _ p: Double, _ value: Int) -> Double { share(t) * self.share(1 - value, p) }
    return BitStates(
      reference: bits, flip: now(bits, chance), logFlip: now(bits) { Foundation.log(chance($0, $1, $2)) },
      logStay: now(bits) { Foundation.log1p(-chance($0, $1, $2)) })
  }

  public func forward(_ before: Formula) -> BitStates { mixed(before) { betas[$0 - 1] } }
  public func marginal(_ data: Formula) -> BitStates { mixed(data) { noiseShares[$0] } }

  public func posterior(_ data: Formula, _ state: Formula) -> BitStates {
    let differs = square(data - state)
    func choose(_ function: (Double) -> Double) -> Formula {
      select(
        differs, now(state) { function(flipChance($0, $1, value: $2, dataDiffers: true)) },
        now(state) { function(flipChance($0, $1, value: $2, dataDiffers: false)) })
    }
    // At t = 1 the chances are 0 and 1: a point, whose entropy is 0.
    return BitStates(
      reference: state, flip: choose { $0 }, logFlip: choose { $0 > 0 ? Foundation.log($0) : 0 },
      logStay: choose { $0 < 1 ? Foundation.log1p(-$0) : 0 })
  }

  public func reverse(_ z: Formula, _ x: Formula) -> BitStates {
    // The readout moves the log odds of a 1; those of a difference from x_t move the other way where x_t is 1.
    let turned = z * (1 - x * 2)
    switch probability {
    case .data:
      let base = now(x) { differenceLogOdds($0, $1, value: $2) }
      return reverse(dataDiffers: sigmoid(turned + base), x)
    case .direct:
      // Without a readout: the reversal of bits from pi, which by detailed balance is the forward step.
      let base = now(x) { t, p, value in
        let chance = betas[t - 1] * share(1 - value, p)
        return Foundation.log(chance) - Foundation.log1p(-chance)
      }
      return BitStates(reference: x, flip: sigmoid(turned + base))
    }
  }

  public func reverse(_ step: StepFormulas, _ x: Formula) -> BitStates {
    reverse(
      probability: step[BinomialStep.formula].broadcast(to: [features], stage: .row), step.meaning, x)
  }

  /// From the probability that a bit of x_0, or of x_{t-1}, is 1.
  func reverse(
    probability: Formula, _ meaning: ProbabilityParameterisation, _ x: Formula
  ) -> BitStates {
    let differs = select(x, 1 - probability, probability)
    return meaning == .data ? reverse(dataDiffers: differs, x) : BitStates(reference: x, flip: differs)
  }

  /// The sum over x_0 of s(x_0) q(x_{t-1} | x_t, x_0).
  private func reverse(dataDiffers: Formula, _ x: Formula) -> BitStates {
    let same = now(x) { flipChance($0, $1, value: $2, dataDiffers: false) }
    let different = now(x) { flipChance($0, $1, value: $2, dataDiffers: true) }
    return BitStates(
      reference: x, flip: (same + dataDiffers * (different - same)).labelled("the chance of a flip"))
  }

  public func entropyBounds(_ t: Int, _ clock: ErasureClock, _ data: StateMoments) -> EntropyBounds {
    func h(_ chance: Double) -> Double { entropy(ofChances: [chance, 1 - chance]) }
    let beta = clock.betas[t - 1]
    var bounds = EntropyBounds(forward: 0, before: 0, now: 0, surpriseFall: 0)
    for (p, activity) in zip(activities, data.means) {
      // The chance that x_{t-1} is 1.
      let active = p + clock.alphaBars[t - 1] * (activity - p)
      bounds.forward += active * h(beta * (1 - p)) + (1 - active) * h(p * beta)
      func given(_ noise: Double) -> Double { activity * h((1 - p) * noise) + (1 - activity) * h(p * noise) }
      bounds.before += given(clock.noises[t - 1])
      bounds.now += given(clock.noises[t])
      bounds.surpriseFall -=
        (Foundation.log(p) - Foundation.log1p(-p)) * beta * clock.alphaBars[t - 1] * (activity - p)
    }
    return bounds
  }

  // MARK: - The ends of the bound

  public func priorLosses(_ data: Formula) -> Formula {
    let (last, mixed) = (alphaBars[betas.count], noiseShares[betas.count])
    return each(data) { p, value in
      // kl(r || p) for the chance r that x_T is 1.
      let one = (value == 1 ? last : 0) + mixed * p
      let zero = (value == 0 ? last : 0) + mixed * (1 - p)
      return (one > 0 ? one * Foundation.log(one / p) : 0) + (zero > 0 ? zero * Foundation.log(zero / (1 - p)) : 0)
    }
  }

  public func lastLosses(_ data: Formula) -> Formula {
    let beta = betas.first ?? 0.5
    return each(data) { p, value in
      let flip = beta * share(1 - value, p)
      let entropy = -flip * Foundation.log(flip) - (1 - flip) * Foundation.log1p(-flip)
      // log pi(x_0) - E log pi(x_1) = beta_1 logit(p) (x_0 - p)
      return entropy - beta * (Foundation.log(p) - Foundation.log1p(-p)) * (Double(value) - p)
    }
  }

  public var expectedLastLoss: Double { 0 }
}
