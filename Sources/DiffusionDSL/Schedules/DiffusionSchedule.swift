/// How fast the forward process forgets: beta_t for t = 1 ... T, the variance of step t in scaled units.
///
/// A schedule of your own is one type:
///
///     struct Even: GivenSchedule {
///       static let typeName = "even"
///       var steps: Int
///       var beta: Double
///       var betas: [Double] { Array(repeating: beta, count: steps) }
///       var faults: [String] { [] }
///       var sourceText: String { "Even(steps: \(steps), beta: \(beta))" }
///     }
///
/// Values out of range (no steps, a beta outside (0, 1)) are reported with the definition's other faults, in a
/// `DefinitionError`, when the definition is compiled.
public protocol DiffusionSchedule: DefinitionPart {
  /// T.
  var steps: Int { get }
  /// beta_1 ... beta_T, `steps` numbers, each in (0, 1), of which the last may be 1; the same each time. A model asks for them only where
  /// `steps` is a number of steps that a schedule can have; the library's own schedules have none for other numbers.
  /// For a learned schedule: where training starts.
  var betas: [Double] { get }
  /// Whether training changes beta_2 ... beta_T, by gradients through the bound; beta_1 stays, or the bound would grow
  /// without end. Such betas are below 1.
  var isLearned: Bool { get }
  /// What is wrong with the schedule's own values, one sentence each, with the value and the remedy; the number of
  /// steps and the range of the betas are checked for all schedules alike.
  var faults: [String] { get }
}

extension DiffusionSchedule {
  /// The betas that `compute` gives where `steps` is in range; else none.
  ///
  /// Betas may be asked for before a schedule is validated. This keeps a negative number of steps from trapping, and an
  /// excessive one from filling the memory.
  func betas(_ compute: () -> [Double]) -> [Double] { (1...SizeLimit.steps).contains(steps) ? compute() : [] }
}

/// A schedule whose betas are given: any kernel takes it.
public protocol GivenSchedule: DiffusionSchedule {}

extension GivenSchedule {
  /// False: given betas stay as they are.
  public var isLearned: Bool { false }
}
