import Formulas

/// How weights of a network depend on the step t.
protocol StepDependence: DefinitionPart {
  /// Whether the network gets features of t beside x_t.
  var needsStepFeatures: Bool { get }

  /// What is wrong with it for T steps, one sentence each.
  ///
  /// - Parameter part: what they stand in, as it would be written.
  func faults(steps: Int, of part: String) -> [String]

  /// The weights at the row's step, of a shape.
  ///
  /// - Parameter register: gives the parameter of a shape that they come from.
  func parameter(shape: Shape, _ tables: GaussianTables, _ register: (_ shape: Shape) -> Formula) -> Formula

  /// Where the weights at step t are a mixture of several copies of the weights, and nothing else depends on t: the
  /// share of each copy at each step of a given schedule, [T][copies], those of t = 1 first. Nil for any other kind.
  func shares(_ schedule: AnySchedule) -> [[Double]]?
}

/// Over what the centres of bumps are spread evenly.
public enum BumpSpacing: String, Codable, CaseIterable, Hashable, Sendable {
  /// t from 0 to T: the paper's (Sohl-Dickstein et al. 2015, eq. 63).
  case time
  /// log(abar_t / (1 - abar_t)) from its value at T to that at 1, kept within +-20: the first steps, which few of the
  /// bumps over t tell apart and where most of the bits of images are, get as many as the later ones.
  case signalToNoise
}
