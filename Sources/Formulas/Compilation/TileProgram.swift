import CTileLoops

/// The place of an input in the buffer for lanes.
package struct TileInput: Sendable {
  /// In features; nil where the program does not use the input.
  package let offset: Int?
}

/// The place of an input of a whole tile in the buffer for uniform values.
package struct UniformInput: Sendable {
  /// In numbers; nil where the program does not use the input.
  let offset: Int?
}

/// Formulas compiled for a model's parameters: what is computed once, what for each tile, and how gradients flow
/// back.
///
/// - `shared`: instructions over parameters alone, always in Double, run once for all tiles (a learned schedule).
/// - `body`: instructions for one tile of rows at one time step.
/// - `sharedGradient`: from the sums of the tiles' adjoints of shared values back to parameters, in Double.
///
/// ProgramParts.swift has the steps of a compilation.
package final class TileProgram: Sendable {
  package enum CompilationError: Error {
    case fault(FormulaFault)
    case unknownParameter(String)
  }

  /// Numbers that move between a buffer of the tiles' precision and one in Double.
  struct Transfer: Sendable {
    var source: Int
    var destination: Int
    var count: Int
  }

  /// A parameter whose gradient a tile touches at its own step only.
  package struct Record: Sendable {
    package var parameter: ParameterLayout.Entry
    /// Numbers of one step.
    package var slice: Int
    /// What is added to the tile's step to give the slice's index.
    var shift: Int
    /// Where the slice lies in a record.
    var offset: Int
  }

  package let precision: Precision
  /// How rows are blocks of images; nil where they are not.
  package let grid: LaneGrid?
  package let layout: ParameterLayout
  let body: Code
  let bodyConstants: AlignedBuffer
  let shared: Code
  let sharedGradient: ArraySlice<tile_instruction>
  let sharedForwardCount: Int
  let sharedConstants: AlignedBuffer
  /// Parameters to the shared code's inputs.
  let parameterReads: [Transfer]
  /// The shared code's results to the tiles' shared space.
  let sharedWrites: [Transfer]
  let sharedCount: Int
  /// Sums over the tiles that become the shared gradient's inputs.
  let adjointReads: [Transfer]
  /// The shared gradient's results, added to parameters' gradients.
  let gradientWrites: [Transfer]
  /// Sums over the tiles that are parameters' gradients.
  let denseGradients: [Transfer]
  let sumCount: Int
  /// Where the weighted sum of the loss lies among the sums.
  let lossSum: Int?
  package let records: [Record]
  let recordCount: Int
  /// Parameters with a gradient.
  package let trained: [ParameterLayout.Entry]

  private let inputs: [String: Int]
  private let tileInputs: [String: Int]
  private let outputs: [Int]
  private let labels: [String]

  package static let rowWeight = "row weight"

  /// Compiles expressions.
  ///
  /// - Parameters:
  ///   - outputs: values to compute for each row.
  ///   - loss: a scalar for each row, whose sum weighted by the input `rowWeight` is differentiated.
  ///   - frozen: parameters that get no gradient.
  ///   - tileInputs: names of values that are given for each tile (`Formula.tileInput`).
  ///   - grid: how rows are blocks of images, if they are: see `inBlocks(_:of:in:layout:precision:)`.
  package init(
    outputs: [Formula], loss: Formula? = nil, frozen: Set<String> = [], tileInputs: Set<String> = [],
    layout: ParameterLayout, precision: Precision, grid: LaneGrid? = nil
  ) throws(CompilationError) {
    let graph = try ProgramGraph(
      outputs: outputs, loss: loss, frozen: frozen, tileInputs: tileInputs, layout: layout)
    let values = try SharedPlaces(graph, layout: layout)
    let body = BodyCode(graph, values, precision: precision, isInBlocks: grid != nil)
    let shared = try SharedCode(graph, values, layout: layout)
    let plan = graph.plan

    self.body = body.code
    bodyConstants = body.constants
    inputs = body.inputs
    self.tileInputs = body.tileInputs
    self.outputs = body.outputs
    labels = body.labels

    self.shared = shared.code
    sharedConstants = shared.constants
    sharedForwardCount = shared.forwardCount
    sharedGradient = shared.code.instructions[shared.forwardCount...]
    parameterReads = shared.parameterReads
    sharedWrites = shared.exports
    adjointReads = shared.adjointReads
    gradientWrites = shared.gradientWrites
    sharedCount = values.count

    denseGradients = plan.dense.map {
      Transfer(source: $0.sum, destination: $0.parameter.offset, count: $0.parameter.shape.count)
    }
    sumCount = plan.sumCount
    lossSum = plan.lossSum
    records = plan.records
    recordCount = plan.recordCount
    trained = plan.trained
    self.precision = precision
    self.grid = grid
    self.layout = layout
  }

  /// An input's place. Looked up once: a tile's work is too short to search for names.
  package func input(_ name: String) -> TileInput { TileInput(offset: inputs[name]) }

  /// The place of an input of a whole tile.
  package func tileInput(_ name: String) -> UniformInput { UniformInput(offset: tileInputs[name]) }

  /// Where an output lies in the buffer for lanes, in features.
  package func outputOffset(_ index: Int) -> Int { outputs[index] }

  /// Numbers of the largest image for a row that a convolution reads or writes; 0 where there is none.
  package var imageFeatures: Int { body.imageFeatures }

  /// Rows of a tile for which the program runs well, a multiple of 16, at most `rows`.
  ///
  /// A convolution goes over whole images of a tile several times, and they should stay in a near cache; it has its
  /// vectors from the pixels and needs no more rows than fill one. Other products get theirs from rows.
  package func tileRows(_ rows: Int) -> Int {
    guard body.imageFeatures > 0 else { return rows }
    let fitting = TileProgram.imageBytes / (body.imageFeatures * precision.bytes) / 16 * 16
    return min(rows, max(16, fitting))
  }

  /// Bytes of the largest image of a tile.
  private static let imageBytes = 1 << 18

  /// How many outputs there are.
  package var outputCount: Int { outputs.count }

  /// What an instruction of the tiles' code computes, for messages.
  func label(ofInstruction index: Int) -> String { labels[index] }
}
