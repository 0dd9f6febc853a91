/// beta_t = 1 / (T - t + 1): a constant fraction of the original signal is erased at each step.
///
/// Sohl-Dickstein et al. 2015, section 2.4.1. The last beta is 1: nothing of x_0 is left in x_T.
public struct ConstantErasure: GivenSchedule {
  public static let typeName = "constantErasure"
  /// T.
  public let steps: Int

  /// - Parameter steps: T, 1 or more.
  public init(steps: Int) { self.steps = steps }

  public var betas: [Double] { (1...steps).map { 1 / Double(steps - $0 + 1) } }
  public var faults: [String] { [] }
  public var sourceText: String { "ConstantErasure(steps: \(steps))" }
}
