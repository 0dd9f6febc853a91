import Formulas

/// One readout for all steps, of a network that gets features of t.
struct SharedReadout: ReadoutTime {
  static let typeName = "shared"
  var sourceText: String { ".shared" }
  var needsStepFeatures: Bool { true }

  func faults(steps: Int) -> [String] { [] }

  func parameter(_ name: String, shape: Shape, _ tables: GaussianTables, _ registry: ParameterRegistry) -> Formula {
    registry.parameter(name, shape: shape, .constant(0))
  }

  func shares(_ schedule: AnySchedule) -> [[Double]]? { nil }
}
