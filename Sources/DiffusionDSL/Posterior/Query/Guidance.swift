import Foundation

/// How r acts along the trajectory: psi_t, what a state x_t is weighed by before x_0 is known.
///
/// The posterior that particles find does not depend on it, where it is valid; their number does. Where `carried` has
/// no closed form (a general `Factor`, another model), those factors are tempered, raised to a power that rises to 1
/// (a `Factor`'s is tuned); the answer says so.
public enum Guidance: Sendable {
  /// r seen through what is left of the diffusion: psi_t(x_t) = integral of r(x_0) T_pi(x_0 | x_t; 1 - abar_t).
  case carried
  /// r^((T - t) / T).
  case annealed
  /// r itself at every step: Sohl-Dickstein et al. 2015, eq. 23. For r > 0 everywhere.
  case constant
  /// r to a power from 0 or more, as a function of t and T; 1 at t = 0 whatever it says.
  case exponent(@Sendable (_ t: Int, _ steps: Int) -> Double)
  /// r at the model's own estimate of x_0, widened by what is left of the diffusion (Wu et al. 2023).
  case twisted

  /// What messages call it.
  public var name: String {
    switch self {
    case .carried: "carried"
    case .annealed: "annealed"
    case .constant: "constant"
    case .exponent: "exponent"
    case .twisted: "twisted"
    }
  }

  /// Whether psi depends on the model's estimate of x_0.
  var isTwisted: Bool { if case .twisted = self { true } else { false } }

  /// Whether the user's exponents can be taken.
  ///
  /// - Throws: `PosteriorError.invalidExponent`.
  func check(steps: Int) throws(PosteriorError) {
    guard case .exponent(let function) = self else { return }
    for t in 1...max(1, steps) {
      let exponent = function(t, steps)
      guard exponent >= 0, exponent <= Guidance.mostExponent else { throw .invalidExponent(step: t, value: exponent) }
    }
  }

  private static let mostExponent = 1e6

  /// Whether psi_t of a factor that is 0 somewhere is above 0 everywhere, for t >= 1.
  var isPositive: Bool {
    switch self {
    case .carried, .twisted: true
    case .annealed, .constant, .exponent: false
    }
  }
}

extension GuidanceTables {
  init(_ guidance: Guidance, betas: [Double], isLastStepLearned: Bool) {
    let (clock, steps) = (ErasureClock(betas), betas.count)
    // The forward kernel from t to 0 twice over, instead of once: psi is wider by a share of its own width, near t = 0
    // too. For the reverse process is not quite the reversal of the forward kernel where the last step is learned, and
    // an estimate of x_0 has the model's error; and a psi that is too narrow loses the particles that count.
    let isFlattened = guidance.isTwisted || isLastStepLearned
    for t in 0...steps {
      let alphaBar = t == 0 ? 1 : clock.alphaBars[t]
      let kept = isFlattened ? alphaBar * alphaBar : alphaBar
      let noise = t == 0 ? 0 : isFlattened ? clock.noises[t] * (1 + alphaBar) : clock.noises[t]
      var power = Double(steps - t) / Double(steps)
      switch guidance {
      case .carried, .twisted:
        append(root: kept.squareRoot(), noise: noise, kept: kept, exponent: 1)
      case .annealed:
        append(root: 1, noise: 0, kept: 1, exponent: power)
      case .constant:
        power = 1
        append(root: 1, noise: 0, kept: 1, exponent: 1)
      case .exponent(let function):
        power = t == 0 ? 1 : function(t, steps)
        append(root: 1, noise: 0, kept: 1, exponent: power)
      }
      powers.append(power)
    }
  }
}
