import Foundation

/// 1 - abar_t even in its logarithm, from beta_1 to 1 - abar_T: the same loss of detail at every step.
public struct Geometric: GivenSchedule {
  public static let typeName = "geometric"
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
  public init(steps: Int, firstVariance: Double, lastVariance: Double = 0.9999) {
    self.steps = steps
    self.firstVariance = firstVariance
    self.lastVariance = lastVariance
  }

  public var betas: [Double] {
    if steps == 1 { return [firstVariance] }
    return betas {
      let (first, last) = (firstVariance, lastVariance)
      // 1 - abar_t grows by the same factor at every step.
      let variances = (0..<steps).map { t in
        exp(log(first) + (log(last) - log(first)) * Double(t) / Double(steps - 1))
      }
      var betas = [first]
      for t in 1..<steps { betas.append((variances[t] - variances[t - 1]) / (1 - variances[t - 1])) }
      return betas
    }
  }

  public var faults: [String] { VarianceRange.faults(of: "a geometric schedule", firstVariance, lastVariance) }

  public var sourceText: String {
    "Geometric(steps: \(steps), firstVariance: \(firstVariance), lastVariance: \(lastVariance))"
  }
}
