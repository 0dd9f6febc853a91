import Formulas

/// One readout for all steps, of a network that gets features of t.
struct SharedDependence: StepDependence {
  static let typeName = "shared"
  var sourceText: String { ".shared" }
  var needsStepFeatures: Bool { true }

  func faults(steps: Int, of part: String) -> [String] { [] }

  func parameter(shape: Shape, _ tables: GaussianTables, _ register: (_ shape: Shape) -> Formula) -> Formula {
    register(shape)
  }

  func shares(_ schedule: AnySchedule) -> [[Double]]? { nil }
}
