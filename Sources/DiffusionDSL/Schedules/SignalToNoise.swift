import Foundation

/// The logarithm of the signal-to-noise ratio abar_t / (1 - abar_t) even in t, from that of beta_1 to that of abar_T
/// (the linear schedule of Kingma et al. 2021, section 3.2, in discrete time).
///
/// As many steps are spent where little of the signal is left, and the whole of a picture is decided, as where little
/// noise is left, and its details are. The first variance may be as small as one likes, other than that of
/// ``ConstantErasure``.
public struct SignalToNoise: GivenSchedule {
  public static let typeName = "signalToNoise"
  /// T.
  public let steps: Int
  /// beta_1 = 1 - abar_1.
  public let firstVariance: Double
  /// 1 - abar_T.
  public let lastVariance: Double

  /// - Parameters:
  ///   - steps: T, 1 or more.
  ///   - firstVariance: beta_1 = 1 - abar_1, above 0.
  ///   - lastVariance: 1 - abar_T, above `firstVariance` and below 1.
  public init(steps: Int, firstVariance: Double, lastVariance: Double = 0.9985) {
    self.steps = steps
    self.firstVariance = firstVariance
    self.lastVariance = lastVariance
  }

  public var betas: [Double] {
    if steps == 1 { return [firstVariance] }
    return betas {
      func logOdds(_ variance: Double) -> Double { log(variance / (1 - variance)) }
      let (first, last) = (logOdds(firstVariance), logOdds(lastVariance))
      // abar_t and 1 - abar_t each by itself: neither is lost to rounding where it is small.
      let odds = (0..<steps).map { exp(first + (last - first) * Double($0) / Double(steps - 1)) }
      var betas = [firstVariance]
      for t in 1..<steps {
        // 1 - abar_t / abar_{t-1}, abar = 1 / (1 + odds).
        betas.append((odds[t] - odds[t - 1]) / (1 + odds[t]))
      }
      return betas
    }
  }

  public var faults: [String] { VarianceRange.faults(of: "a signal-to-noise schedule", firstVariance, lastVariance) }

  public var sourceText: String {
    "SignalToNoise(steps: \(steps), firstVariance: \(firstVariance), lastVariance: \(lastVariance))"
  }
}
