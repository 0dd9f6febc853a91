/// beta_t even from 1e-4 to 0.02, both times 1000 / T (Ho, Jain, Abbeel 2020).
public struct Linear: GivenSchedule {
  public static let typeName = "linear"
  /// T.
  public let steps: Int

  /// - Parameter steps: T, 20 or more; with 20 the last beta is 1, and with fewer it would be above 1.
  public init(steps: Int) { self.steps = steps }

  public var betas: [Double] {
    // The endpoints are those for T = 1000; with fewer steps, each step is larger.
    let scale = 1_000 / Double(steps)
    let (first, last) = (1e-4 * scale, 0.02 * scale)
    if steps == 1 { return [last] }
    return betas {
      (0..<steps).map { t in
        // The last is set, since by rounding the formula does not give exactly 1 where T = 20.
        t == steps - 1 ? last : first + (last - first) * Double(t) / Double(steps - 1)
      }
    }
  }

  public var faults: [String] {
    guard steps < 20 else { return [] }
    return [
      "Linear needs 20 steps or more, or its last beta passes 1; \(steps) were given: choose Cosine or ConstantErasure"
    ]
  }

  public var sourceText: String { "Linear(steps: \(steps))" }
}
