/// beta_2 ... beta_T learned with the reverse function, by gradients through the bound with its noise frozen.
///
/// Sohl-Dickstein et al. 2015, section 2.4.1 and appendix B. beta_1 stays fixed, or the bound would grow without end.
/// Training starts from a geometric schedule.
public struct LearnedSchedule: DiffusionSchedule {
  public static let typeName = "learned"
  /// T.
  public let steps: Int
  /// beta_1.
  public let firstVariance: Double

  private static let lastVariance = 0.995

  /// - Parameters:
  ///   - steps: T, 1 or more.
  ///   - firstVariance: beta_1, in (0, 0.995).
  public init(steps: Int, firstVariance: Double) {
    self.steps = steps
    self.firstVariance = firstVariance
  }

  public var isLearned: Bool { true }

  public var betas: [Double] {
    Geometric(steps: steps, firstVariance: firstVariance, lastVariance: LearnedSchedule.lastVariance).betas
  }

  public var faults: [String] {
    guard !(firstVariance > 0 && firstVariance < LearnedSchedule.lastVariance) else { return [] }
    return ["firstVariance is beta_1 and lies between 0 and 0.995, not \(firstVariance)"]
  }

  public var sourceText: String { "LearnedSchedule(steps: \(steps), firstVariance: \(firstVariance))" }
}
