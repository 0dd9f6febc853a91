import Formulas

/// An independent readout for each step: parameters of shape [T, ...] (Sohl-Dickstein et al. 2015, appendix D.1).
struct PerStepReadout: ReadoutTime {
  static let typeName = "perStep"
  var sourceText: String { ".perStep" }
  var needsStepFeatures: Bool { false }

  func faults(steps: Int) -> [String] { [] }

  func parameter(_ name: String, shape: Shape, _ tables: GaussianTables, _ registry: ParameterRegistry) -> Formula {
    registry.parameter(name, shape: Shape([tables.steps] + shape.axes), .constant(0)).atStep(offset: -1)
  }

  func shares(_ schedule: AnySchedule) -> [[Double]]? { nil }
}
