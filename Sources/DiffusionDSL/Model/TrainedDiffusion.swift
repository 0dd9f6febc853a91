import Formulas
import Foundation

/// A definition with parameters: a model that can be scored, sampled, stored and trained on.
///
/// It is a value: training gives a new one, and queries on one run at the same time.
public struct TrainedDiffusion: Sendable {
  /// What the model is.
  public var definition: Diffusion { model.definition }
  /// How data is brought to the kernel's scale.
  public let scaling: Scaling
  /// What training needs to go on; nil where there was none.
  let state: TrainingState?
  let model: DiffusionModel
  /// The parameters, in the layout of `model`.
  let parameters: [Float]

  init(model: DiffusionModel, parameters: [Float], scaling: Scaling, state: TrainingState?) {
    self.model = model
    self.parameters = parameters
    self.scaling = scaling
    self.state = state
  }

  /// A definition without parameters, whose reverse function is written by hand.
  ///
  /// - Parameters:
  ///   - definition: one with a `ReverseFunction` and a schedule that is not learned.
  ///   - scaling: how data is brought to the kernel's scale; nil: as it is, but for fields that have a unit.
  /// - Throws: `DefinitionError` for a faulty definition, one that has parameters to be trained, or a scaling that is
  ///   not for its rows.
  public init(_ definition: Diffusion, scaling: Scaling? = nil) throws(DefinitionError) {
    let model = try DiffusionModel(definition)
    guard model.parameters.isEmpty else {
      throw DefinitionError([
        DefinitionFault("the definition has parameters, so it must be trained: call fit(to:using:steps:seed:)")
      ])
    }
    if let fault = scaling?.fault(for: definition.kernel) {
      throw DefinitionError([DefinitionFault(fault, at: definition.kernelPart.location)])
    }
    self.init(model: model, parameters: [], scaling: scaling ?? Scaling(definition.kernel), state: nil)
  }

  /// How many numbers a row has.
  public var dimensions: Int { model.dimensions }

  /// The columns of a row, by name.
  public var schema: Schema { definition.schema }

  /// Whether another model is the same one: its definition, parameters and scaling.
  func isSame(as other: TrainedDiffusion) -> Bool {
    definition == other.definition && parameters == other.parameters && scaling == other.scaling
  }

  /// T.
  public var steps: Int { model.steps }

  /// How many numbers training can change.
  public var parameterCount: Int { model.parameters.reduce(0) { $0 + $1.shape.count } }

  /// beta_1 ... beta_T, T numbers, as trained where the schedule is learned.
  public var betas: [Double] {
    let start = definition.schedule.betas
    guard definition.schedule.isLearned, let logits = parameter("schedule.logits") else { return start }
    return [start[0]] + logits.map { 1 / (1 + exp(-Double($0))) }
  }

  /// The numbers of a parameter, in row-major order of its shape (`parameterShapes`); nil where there is none of the
  /// name.
  ///
  /// Where training kept an average, these are averages.
  public func parameter(_ name: String) -> [Float]? {
    guard let entry = model.layout[name] else { return nil }
    return Array(parameters[entry.offset..<entry.offset + entry.shape.count])
  }

  /// The names and shapes of the parameters, outermost extent first, in the order of the definition.
  public var parameterShapes: [(name: String, shape: [Int])] { model.parameters.map { ($0.name, $0.shape.axes) } }

  func buffer(_ precision: Precision) -> AlignedBuffer {
    AlignedBuffer(parameters.map(Double.init), precision: precision)
  }

  /// The same model without what its training needs to go on, such as an optimiser's moments: its file has the parameters
  /// alone, and is three or more times smaller. It cannot be resumed.
  public func withoutTrainingState() -> TrainedDiffusion {
    TrainedDiffusion(model: model, parameters: parameters, scaling: scaling, state: nil)
  }

  /// Compiles formulas for this model's parameters.
  ///
  /// - Parameter tileInputs: names of the formulas' inputs that are given for each tile.
  func compile(
    _ outputs: [Formula], tileInputs: Set<String> = [], precision: Precision, level: VectorLevel
  ) throws(DefinitionError) -> SharedValues {
    do {
      let program = try TileProgram(
        outputs: outputs, tileInputs: tileInputs, layout: model.layout, precision: precision)
      return SharedValues(program: program, parameters: buffer(precision), level: level)
    } catch {
      throw DefinitionError([DefinitionFault("\(error)", at: definition.reversePart.location)])
    }
  }
}

extension TrainedDiffusion {
  /// Compiles formulas of a model over blocks of this one's images, which is `blocks`, for its parameters.
  ///
  /// - Parameter outputs: gives the formulas of a model.
  /// - Returns: nil where whole images cannot be computed by blocks.
  func compile(
    _ outputs: (DiffusionModel) -> [Formula], in grid: LaneGrid, of blocks: TrainedDiffusion, precision: Precision,
    level: VectorLevel
  ) throws(DefinitionError) -> SharedValues? {
    do {
      let program = try TileProgram.inBlocks(
        outputs(blocks.model), of: outputs(model), in: grid, layout: model.layout, precision: precision)
      return program.map { SharedValues(program: $0, parameters: buffer(precision), level: level) }
    } catch {
      throw DefinitionError([DefinitionFault("\(error)", at: definition.reversePart.location)])
    }
  }
}

/// How a query is computed; its result does not depend on the number of threads.
public struct ComputeOptions: Sendable {
  /// From 1 to 1,024, others are brought into that range; nil: as many as there are processors.
  public var threads: Int? {
    didSet { threads = ComputeOptions.usable(threads) }
  }
  /// Float for work, Double for checking.
  public var precision: Precision
  /// The vector width, the best one where the processor lacks it; results differ between widths by rounding.
  public var vectorLevel: VectorLevel {
    didSet { vectorLevel = ComputeOptions.usable(vectorLevel) }
  }
  /// Called from time to time, on the thread that made the query, with the share of the work that is done, from 0 to 1;
  /// in work of several parts the share starts at 0 for each. It must return soon.
  public var progress: (@Sendable (_ done: Double) -> Void)?
  /// Rows of a tile; results do not depend on it.
  var tileRows = 128
  /// Whether rows are blocks of images where that takes less time; results do not depend on it.
  var blocks = Blocks.whereFaster

  enum Blocks {
    case whereFaster, never
    /// This grid, if it suits the model.
    case always(LaneGrid)
  }

  /// - Parameters:
  ///   - threads: from 1 to 1,024, others are brought into that range; nil: as many as there are processors.
  ///   - precision: the scalar type of the computation; random numbers are `Float` in either.
  ///   - vectorLevel: the vector width; the best one where the processor lacks it.
  ///   - progress: told which share of the work is done.
  public init(
    threads: Int? = nil, precision: Precision = .single, vectorLevel: VectorLevel = .best,
    progress: (@Sendable (_ done: Double) -> Void)? = nil
  ) {
    self.progress = progress
    self.threads = ComputeOptions.usable(threads)
    self.precision = precision
    self.vectorLevel = ComputeOptions.usable(vectorLevel)
  }

  private static func usable(_ threads: Int?) -> Int? { threads.map { max(1, min(1_024, $0)) } }
  private static func usable(_ level: VectorLevel) -> VectorLevel { level.isAvailable ? level : .best }
}

extension TrainedDiffusion: CustomStringConvertible {
  /// What the model is over, its steps and parameters, and how long it was trained.
  public var description: String {
    let trained = trainingSteps.map { ", trained for \($0) steps" } ?? ""
    return "a diffusion model of \(definition.kernel), T = \(steps), \(parameterCount) parameters\(trained)"
  }
}
