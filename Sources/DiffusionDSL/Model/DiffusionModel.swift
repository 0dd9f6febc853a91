import Formulas
import Foundation

/// A definition as formulas of x_t, x_0, noise and parameters.
///
/// The kernel's parts share one clock and one network; the bound is the sum of theirs. Everything is in the scaled
/// data's units and in nats.
struct DiffusionModel: Sendable {
  /// Inputs: a state x_t [features], a row of data [dimensions], and the noise that draws are made of.
  static let state = "x"
  static let data = "x0"
  /// 1 where a cell of the row is observed, 0 where it is missing [dimensions].
  static let observed = "observed"
  /// Where in its level a number of the row lies, from 0 to 1 [dimensions].
  static let levels = "level"
  static let normals = "noise"
  static let uniforms = "uniform"

  let definition: Diffusion
  /// How many numbers a row has.
  let dimensions: Int
  let steps: Int
  let tables: GaussianTables
  /// The tables that a reverse function knows: of the whole chain, where the schedule has some of its steps.
  let wholeTables: GaussianTables
  let parts: [ModelPart]
  /// How many numbers a state, normal noise and uniform noise have.
  let features: Int
  let normalCount: Int
  let uniformCount: Int
  let parameters: [ParameterSpecification]
  /// p(x_{t-1} | x_t) of each part, given x_t; and, in training, x_0 part by part: a kept row that is equal to it is
  /// not used.
  let reverse: Reverse

  /// The width of a level of each column in scaled units, where the rows are levels; nil where they are numbers.
  var levelWidths: [Double]?

  typealias Reverse = @Sendable (_ state: Formula, _ excluded: [Formula]?) -> [any PartStep]

  /// - Parameter allowsUndetermined: whether pi may still have to be estimated from data; a placeholder is then used.
  /// - Throws: `DefinitionError` with all faults of the definition.
  init(_ definition: Diffusion, allowsUndetermined: Bool = false) throws(DefinitionError) {
    self.definition = definition
    dimensions = definition.dimensions
    steps = definition.steps
    var faults = DiffusionModel.forwardFaults(definition, allowsUndetermined: allowsUndetermined)
    // Faulty kernels and schedules are replaced by placeholders, so that the network's faults are found too.
    let isSound = faults.isEmpty
    let schedule = isSound ? definition.schedule : AnySchedule(Fixed([0.5]))
    let kernel =
      isSound
      ? definition.kernel
      : GaussianKernel(dimensions: Swift.min(Swift.max(1, definition.dimensions), SizeLimit.extent)).definition

    let registry = ParameterRegistry()
    wholeTables = DiffusionModel.tables(schedule.whole, registry)
    let strided = schedule.schedule as? Strided
    tables = strided == nil ? wholeTables : GaussianTables(schedule, logits: nil)
    if case .learned(let floor) = definition.reverse.lastStep, !(floor >= 0 && floor.isFinite) {
      faults.append(
        DefinitionFault(
          "the floor of a learned last step's variance is \(floor); give 0 or more, and finite",
          at: definition.reversePart.location))
    }
    parts = DiffusionModel.parts(kernel, definition.reverse, betas: schedule.betas, tables)
    if strided != nil, parts.contains(where: { !($0.transitions is any ComposableTransitions) }) {
      faults.append(
        DefinitionFault(
          "a Strided schedule needs a kernel that is Gaussian throughout: take all steps of this one",
          at: definition.schedulePart.location))
    }
    if let strided, strided.at.first != 1, definition.reverse.lastStep.isLearned {
      // What a learned step to x_0 would be, from a later state, no part of the chain says.
      faults.append(
        DefinitionFault(
          "with a learned last step a Strided chain keeps step 1: let its steps begin with it",
          at: definition.schedulePart.location))
    }
    let wholeParts =
      strided == nil
      ? parts : DiffusionModel.parts(kernel, definition.reverse, betas: schedule.whole.betas, wholeTables)
    features = parts.last?.features.upperBound ?? 0
    normalCount = DiffusionModel.noises(parts, .normal)
    uniformCount = DiffusionModel.noises(parts, .uniform)

    let found: [DefinitionFault]
    let whole: Reverse
    switch definition.reverse {
    case .network(let network):
      (whole, found) = DiffusionModel.reverse(
        network, of: kernel.stateShape, wholeParts, wholeTables, registry, at: definition.reversePart.location)
    case .function(let function):
      found = function.faults(kernel: definition.kernel).map {
        DefinitionFault($0, at: definition.reversePart.location)
      }
      whole = { [wholeTables] x, _ in function.partSteps(wholeParts, of: x, wholeTables) }
    case .regression(let regression):
      (whole, found) = DiffusionModel.reverse(
        regression, wholeParts, registry, allowsUndetermined: allowsUndetermined, at: definition.reversePart.location)
    }
    faults += found
    if let strided {
      reverse = DiffusionModel.composed(whole, wholeParts, parts, at: strided.at)
    } else {
      reverse = whole
    }
    let isTooLarge = registry.specifications.contains { $0.shape.count > SizeLimit.parameters }
    if faults.isEmpty, isTooLarge || registry.specifications.map(\.shape.count).reduce(0, +) > SizeLimit.parameters {
      faults.append(
        DefinitionFault(
          "the model has more than \(SizeLimit.parameters) parameters; give its layers fewer units",
          at: definition.reversePart.location))
    }
    if !faults.isEmpty { throw DefinitionError(faults) }
    parameters = registry.specifications
  }

  /// What is wrong with the kernel and the schedule.
  private static func forwardFaults(_ definition: Diffusion, allowsUndetermined: Bool) -> [DefinitionFault] {
    var faults = definition.kernel.faults.map {
      DefinitionFault($0.message, at: $0.location ?? definition.kernelPart.location)
    }
    if faults.isEmpty, !allowsUndetermined, definition.kernel.isUndetermined {
      faults.append(
        DefinitionFault(
          "pi of the kernel is to be taken from data, and there are none here: train the model, call adapted(to:), or "
            + "give the means and shares", at: definition.kernelPart.location))
    }
    faults += definition.schedule.faults.map { DefinitionFault($0, at: definition.schedulePart.location) }
    if definition.schedule.isLearned, definition.kernel.isDiscrete {
      faults.append(
        DefinitionFault(
          "a learned schedule needs a kernel that is Gaussian throughout: write ConstantErasure(steps:) for this one",
          at: definition.schedulePart.location))
    }
    if faults.isEmpty, definition.kernel.tableCount(steps: definition.steps) > SizeLimit.table {
      faults.append(
        DefinitionFault(
          "a kernel over \(definition.kernel) with \(definition.steps) steps takes tables of more than "
            + "\(SizeLimit.table) numbers: give fewer bits, classes or steps",
          at: definition.kernelPart.location))
    }
    return faults
  }

  /// The schedule's tables; of a learned one formulas of its logits, which are parameters.
  private static func tables(_ schedule: AnySchedule, _ registry: ParameterRegistry) -> GaussianTables {
    guard schedule.isLearned, schedule.steps > 1 else { return GaussianTables(schedule, logits: nil) }
    let start = schedule.betas.dropFirst().map { log($0) - log1p(-$0) }
    return GaussianTables(
      schedule, logits: registry.parameter("schedule.logits", shape: [schedule.steps - 1], .values(start)))
  }

  /// The reverse steps of a network, and what is wrong with it.
  private static func reverse(
    _ network: ReverseNetwork, of shape: Shape, _ parts: [ModelPart], _ tables: GaussianTables,
    _ registry: ParameterRegistry, at location: SourceLocation?
  ) -> (Reverse, [DefinitionFault]) {
    let state = Formula.input(DiffusionModel.state, shape: [parts.last?.features.upperBound ?? 0])
    var faults: [DefinitionFault] = []
    let z = network.output(
      of: state.reshaped(to: shape), outputs: parts.last?.readouts.upperBound ?? 0, tables, registry, &faults)
    if faults.isEmpty, let fault = z.fault { faults.append(DefinitionFault(fault.message, at: location)) }
    let reverse: Reverse = { x, _ in
      let z = z.substituting([DiffusionModel.state: x])
      return parts.map { $0.transitions.reverseStep(z[$0.readouts], x[$0.features]) }
    }
    return (reverse, faults)
  }

  /// The reverse steps of a regression over rows, and what is wrong with it.
  private static func reverse(
    _ regression: KernelRegression, _ parts: [ModelPart], _ registry: ParameterRegistry, allowsUndetermined: Bool,
    at location: SourceLocation?
  ) -> (Reverse, [DefinitionFault]) {
    var faults = regression.faults.map { DefinitionFault($0, at: location) }
    let rows = faults.isEmpty ? regression.rows ?? 2 : 2
    if regression.rows == nil, !allowsUndetermined {
      faults.append(
        DefinitionFault(
          "the rows of KernelRegression are to be taken from data, and there are none here: train the model, or call "
            + "adapted(to:)", at: location))
    }
    let sides = parts.enumerated().map { index, part in
      let nearness = part.transitions.nearness(regression)
      return RegressionPart(
        transitions: part.transitions,
        rows: registry.parameter(
          "regression.\(index + 1).rows", shape: [rows, part.features.count], source: .regressionRows(part: index),
          isTrained: false),
        nearness: registry.parameter(
          "regression.\(index + 1).\(nearness.name)", shape: [1], .constant(nearness.start))[0])
    }
    return ({ x, excluded in RegressionPart.steps(sides, parts, of: x, without: excluded) }, faults)
  }

  /// The reverse steps of a chain that has some steps of another.
  private static func composed(
    _ whole: @escaping Reverse, _ wholeParts: [ModelPart], _ parts: [ModelPart], at steps: [Int]
  ) -> Reverse {
    { x, excluded in
      // Tables are taken apart before x_t is put in: what it is made of is this chain's already.
      let state = Formula.input(DiffusionModel.state, shape: x.shape)
      func taken(_ formula: Formula) -> Formula {
        formula.taking(steps: steps).substituting([DiffusionModel.state: x])
      }
      return zip(zip(parts, wholeParts), whole(state, excluded)).map { pair, step in
        let (part, wholePart) = pair
        let composed = (part.transitions as? any ComposableTransitions)?.composedStep(
          step, of: wholePart.transitions, taken: taken, state: x[part.features])
        // Families that cannot do this have been refused.
        return composed ?? step
      }
    }
  }

  private static func parts(
    _ kernel: KernelDefinition, _ reverse: ReverseDefinition, betas: [Double], _ tables: GaussianTables
  ) -> [ModelPart] {
    let settings = KernelSettings(
      betas: betas, mean: reverse.mean, variance: reverse.variance, probability: reverse.probability,
      lastStep: reverse.lastStep, tables: tables)
    var parts: [ModelPart] = []
    var ends: [NoiseKind: Int] = [:]
    for transitions in kernel.transitions(settings) {
      let last = parts.last
      let noise = ends[transitions.noiseKind, default: 0]
      parts.append(
        ModelPart(
          transitions: transitions, columns: (last?.columns.upperBound ?? 0).followed(by: transitions.columns),
          features: (last?.features.upperBound ?? 0).followed(by: transitions.features),
          noises: noise.followed(by: transitions.noises),
          readouts: (last?.readouts.upperBound ?? 0).followed(by: transitions.readouts)))
      ends[transitions.noiseKind] = noise + transitions.noises
    }
    return parts
  }

  private static func noises(_ parts: [ModelPart], _ kind: NoiseKind) -> Int {
    parts.filter { $0.transitions.noiseKind == kind }.map(\.transitions.noises).reduce(0, +)
  }

  /// What messages and tables call the parts: fields by their name, others by what they are.
  var partNames: [String] {
    definition.kernel.parts.map { $0.column?.name ?? $0.kernel.description }
  }

  /// The parameters' places in one array.
  var layout: ParameterLayout {
    var layout = ParameterLayout()
    for parameter in parameters { layout.append(parameter.name, shape: parameter.shape) }
    return layout
  }

  /// How many states one array may hold.
  var mostChains: Int { Int(Int32.max) / Swift.max(1, features) }

  /// Names of the parameters that training leaves as they are.
  var frozen: Set<String> { Set(parameters.filter { !$0.isTrained }.map(\.name)) }

  var isLastStepLearned: Bool { definition.reverse.lastStep.isLearned }

  var firstReverseStep: Int { definition.firstReverseStep }
}

extension Diffusion {
  /// The first step that the reverse function takes: 1 with a learned last step, else 2.
  var firstReverseStep: Int { reverse.lastStep.isLearned ? 1 : 2 }
}

extension Int {
  fileprivate func followed(by count: Int) -> Range<Int> { self..<self + count }
}
