import Formulas

/// An independent readout for each step: parameters of shape [T, ...] (Sohl-Dickstein et al. 2015, appendix D.1).
struct PerStepDependence: StepDependence {
  static let typeName = "perStep"
  var sourceText: String { ".perStep" }
  var needsStepFeatures: Bool { false }

  func faults(steps: Int, of part: String) -> [String] { [] }

  func parameter(shape: Shape, _ tables: GaussianTables, _ register: (_ shape: Shape) -> Formula) -> Formula {
    register(Shape([tables.steps] + shape.axes)).atStep(offset: -1)
  }

  func shares(_ schedule: AnySchedule) -> [[Double]]? { nil }
}
