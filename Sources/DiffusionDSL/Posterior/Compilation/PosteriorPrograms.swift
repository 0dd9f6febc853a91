import Formulas
import Foundation

/// One step of a posterior's chains as programs: draws from proposals, which are a model's steps moved towards r, and
/// what the particles weigh for it (Docs/Mathematics.md, section 11).
///
/// With targets gamma_t = pi(x_T) prod p(x_{s-1} | x_s) psi_t(x_t), a particle's weight takes
/// p(x_{t-1} | x_t) psi_{t-1}(x_{t-1}) / [psi_t(x_t) m(x_{t-1} | x_t)], m what it was drawn from. Where psi has a
/// closed form for a column, m is p psi_{t-1}, normalised, and what is left is the normaliser over psi_t(x_t). General
/// factors shift normal steps by their gradient (eq. 61) and move bits and classes by their values; these are weighed by
/// p / m.
struct PosteriorPrograms {
  /// Numbers of the columns' factors: for each column, as many as `CombinedFactors.numbers` gives.
  static let numbers = "factors"
  /// Numbers of factors that are vectors, given for a whole tile: `CombinedFactors.vectorNumbers`.
  static let vectors = "vector factors"
  /// log r(x) at each value of the bits and classes, less that at the state itself.
  static let tilts = "tilts"

  /// x_T from pi psi_T: the state and its log weight.
  let start: SharedValues
  /// x_{t-1} from x_t, for t >= 2, and from x_1 at t = 1: the state, and its log weight without what `twist` gives.
  let step: SharedValues
  let last: SharedValues
  /// log psi_t(x_t) where it depends on the model; nil where it does not.
  let twist: SharedValues?
  /// log r(x) of all general factors, one by one; nil where there is none.
  let general: SharedValues?
  /// Whether steps need the general factors' values at each bit and class.
  let needsTilts: Bool

  init(
    _ trained: TrainedDiffusion, _ factors: CombinedFactors, _ guidance: Guidance, options: ComputeOptions
  ) throws {
    let formulas = PosteriorFormulas(trained, factors, guidance)
    if let (index, fault) = formulas.faults.first {
      throw PosteriorError.invalidFormula(factor: factors.formulas[index].description, message: fault)
    }
    func compile(_ outputs: [Formula]) throws(DefinitionError) -> SharedValues {
      try trained.compile(
        outputs, tileInputs: [PosteriorPrograms.vectors], precision: options.precision, level: options.vectorLevel)
    }
    let model = trained.model
    start = try compile(formulas.start)
    step = try compile(formulas.step(model.reverse(of: formulas.state), isLast: false))
    last = try compile(
      formulas.step(
        model.isLastStepLearned ? model.reverse(of: formulas.state) : model.forwardSteps, isLast: true))
    twist = try formulas.isTwisted ? compile([formulas.twist]) : nil
    general = try factors.formulas.isEmpty ? nil : compile(formulas.logFactors(model.stateInput))
    needsTilts =
      !factors.formulas.isEmpty && !formulas.isTwisted && model.parts.contains { !$0.transitions.probes.isEmpty }
  }

  /// Rows of a tile for which all programs run well, at most `rows`.
  func tileRows(_ rows: Int) -> Int {
    [start, step, last, twist, general].compactMap { $0?.program.tileRows(rows) }.min() ?? rows
  }
}
