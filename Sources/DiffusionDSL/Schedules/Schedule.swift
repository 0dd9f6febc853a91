import Foundation

/// How fast the forward process forgets: beta_t for t = 1 ... T, the variance of step t in scaled units.
///
/// This is a schedule as a value, as it stands in a definition and in a saved model; `ConstantErasure`, `Linear`,
/// `Cosine`, `Geometric`, `Fixed` and `LearnedSchedule` declare one. Values out of range (no steps, a beta outside
/// (0, 1)) are reported with the definition's other faults, in a `DefinitionError`, when the definition is compiled.
public enum ScheduleDefinition: Codable, Hashable, Sendable {
  /// See `ConstantErasure`.
  case constantErasure(steps: Int)
  /// See `Linear`; 20 steps or more.
  case linear(steps: Int)
  /// See `Cosine`.
  case cosine(steps: Int)
  /// See `Geometric`; 0 < firstVariance < lastVariance < 1.
  case geometric(steps: Int, firstVariance: Double, lastVariance: Double)
  /// See `Fixed`; beta_t at index t - 1.
  case fixed([Double])
  /// See `LearnedSchedule`; 0 < firstVariance < 0.995.
  case learned(steps: Int, firstVariance: Double)

  /// T.
  public var steps: Int {
    switch self {
    case .constantErasure(let steps), .linear(let steps), .cosine(let steps), .geometric(let steps, _, _),
      .learned(let steps, _):
      steps
    case .fixed(let betas): betas.count
    }
  }

  /// Whether training changes it.
  public var isLearned: Bool {
    if case .learned = self { true } else { false }
  }

  /// beta_1 ... beta_T, T numbers; for a learned schedule, those that training starts from. Empty for a number of steps
  /// that no schedule has.
  public var betas: [Double] {
    guard (1...SizeLimit.steps).contains(steps) else { return [] }
    switch self {
    case .constantErasure(let steps):
      return (1...steps).map { 1 / Double(steps - $0 + 1) }
    case .linear(let steps):
      // The endpoints are for T = 1000; fewer steps are larger ones.
      let scale = 1_000 / Double(steps)
      let (first, last) = (1e-4 * scale, 0.02 * scale)
      if steps == 1 { return [last] }
      return (0..<steps).map { t in
        // Rounded, the last of 20 would not be 1.
        t == steps - 1 ? last : first + (last - first) * Double(t) / Double(steps - 1)
      }
    case .cosine(let steps):
      func signal(_ t: Int) -> Double {
        let angle = (Double(t) / Double(steps) + 0.008) / 1.008 * Double.pi / 2
        return cos(angle) * cos(angle)
      }
      return (1...steps).map { min(0.999, 1 - signal($0) / signal($0 - 1)) }
    case .geometric(let steps, let first, let last):
      return ScheduleDefinition.geometricBetas(steps: steps, first: first, last: last)
    case .fixed(let betas): return betas
    case .learned(let steps, let first):
      return ScheduleDefinition.geometricBetas(steps: steps, first: first, last: 0.995)
    }
  }

  /// 1 - abar_t grows by the same factor at every step.
  private static func geometricBetas(steps: Int, first: Double, last: Double) -> [Double] {
    if steps == 1 { return [first] }
    let variances = (0..<steps).map { t in
      exp(log(first) + (log(last) - log(first)) * Double(t) / Double(steps - 1))
    }
    var betas = [first]
    for t in 1..<steps { betas.append((variances[t] - variances[t - 1]) / (1 - variances[t - 1])) }
    return betas
  }

  var faults: [String] {
    var faults: [String] = []
    if steps < 1 { return ["a schedule of \(steps) steps is none: give 1 or more"] }
    if steps > SizeLimit.steps {
      return ["a schedule of \(steps) steps is too long: give \(SizeLimit.steps) or fewer"]
    }
    switch self {
    case .geometric(_, let first, let last):
      if !(first > 0 && first < last && last < 1) {
        faults.append("a geometric schedule needs 0 < firstVariance < lastVariance < 1, not \(first) and \(last)")
      }
    case .learned(_, let first):
      if !(first > 0 && first < 0.995) {
        faults.append("firstVariance is beta_1 and lies between 0 and 0.995, not \(first)")
      }
    case .fixed(let betas):
      for (index, beta) in betas.enumerated() where !(beta > 0 && (beta < 1 || (beta == 1 && index == betas.count - 1)))
      {
        faults.append("beta_\(index + 1) is \(beta); each lies between 0 and 1, and only the last may be 1")
      }
    case .linear(let steps):
      if steps < 20 {
        faults.append(
          "Linear needs 20 steps or more, or its last beta passes 1; \(steps) were given: choose Cosine or ConstantErasure"
        )
      }
    case .constantErasure, .cosine: break
    }
    return faults
  }
}

/// A schedule that stands in a definition.
public protocol DiffusionSchedule: Sendable {
  /// The schedule as a value.
  var definition: ScheduleDefinition { get }
}

/// A schedule whose betas are given: any kernel takes it.
public protocol GivenSchedule: DiffusionSchedule {}

/// beta_t = 1 / (T - t + 1): a constant fraction of the original signal is erased at each step.
///
/// Sohl-Dickstein et al. 2015, section 2.4.1. The last beta is 1: nothing of x_0 is left in x_T.
public struct ConstantErasure: GivenSchedule, Hashable {
  /// The schedule as a value.
  public let definition: ScheduleDefinition

  /// - Parameter steps: T, 1 or more.
  public init(steps: Int) { definition = .constantErasure(steps: steps) }
}

/// beta_t even from 1e-4 to 0.02, both times 1000 / T (Ho, Jain, Abbeel 2020).
public struct Linear: GivenSchedule, Hashable {
  /// The schedule as a value.
  public let definition: ScheduleDefinition

  /// - Parameter steps: T, 20 or more; with fewer the last beta would pass 1, which it is with 20.
  public init(steps: Int) { definition = .linear(steps: steps) }
}

/// abar_t = f(t) / f(0), f(t) = cos^2((t / T + 0.008) / 1.008 pi / 2), beta_t at most 0.999 (Nichol, Dhariwal 2021).
public struct Cosine: GivenSchedule, Hashable {
  /// The schedule as a value.
  public let definition: ScheduleDefinition

  /// - Parameter steps: T, 1 or more.
  public init(steps: Int) { definition = .cosine(steps: steps) }
}

/// 1 - abar_t even in its logarithm, from beta_1 to 1 - abar_T: the same loss of detail at every step.
public struct Geometric: GivenSchedule, Hashable {
  /// The schedule as a value.
  public let definition: ScheduleDefinition

  /// - Parameters:
  ///   - steps: T, 1 or more.
  ///   - firstVariance: beta_1 = 1 - abar_1, above 0.
  ///   - lastVariance: 1 - abar_T, above `firstVariance` and below 1.
  public init(steps: Int, firstVariance: Double, lastVariance: Double = 0.9999) {
    definition = .geometric(steps: steps, firstVariance: firstVariance, lastVariance: lastVariance)
  }
}

/// beta_1 ... beta_T as given; each in (0, 1), the last may be 1.
public struct Fixed: GivenSchedule, Hashable {
  /// The schedule as a value.
  public let definition: ScheduleDefinition

  /// - Parameter betas: beta_t at index t - 1; their number is T.
  public init(_ betas: [Double]) { definition = .fixed(betas) }
}

/// beta_2 ... beta_T learned with the reverse function, by gradients through the bound with its noise frozen.
///
/// Sohl-Dickstein et al. 2015, section 2.4.1 and appendix B. beta_1 stays fixed, or the bound would grow without end.
/// Training starts from a geometric schedule.
public struct LearnedSchedule: DiffusionSchedule, Hashable {
  /// The schedule as a value.
  public let definition: ScheduleDefinition

  /// - Parameters:
  ///   - steps: T, 1 or more.
  ///   - firstVariance: beta_1, in (0, 0.995).
  public init(steps: Int, firstVariance: Double) {
    definition = .learned(steps: steps, firstVariance: firstVariance)
  }
}
