import CTileLoops

/// The place of an input in the buffer for lanes.
package struct TileInput: Sendable {
  /// In features; nil where the program does not use the input.
  package let offset: Int?
}

/// Expressions compiled for a model's parameters: what is computed once, what for each tile, and how gradients flow
/// back.
///
/// - `shared`: instructions over parameters alone, always in Double, run once for all tiles (a learned schedule).
/// - `body`: instructions for one tile of rows at one time step.
/// - `sharedGradient`: from the sums of the tiles' adjoints of shared values back to parameters, in Double.
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
  private let outputs: [Int]
  private let labels: [String]

  package static let rowWeight = "row weight"

  /// Compiles expressions.
  ///
  /// - Parameters:
  ///   - outputs: values to compute for each row.
  ///   - loss: a scalar for each row, whose sum weighted by the input `rowWeight` is differentiated.
  ///   - frozen: parameters that get no gradient.
  package init(
    outputs: [Formula], loss: Formula? = nil, frozen: Set<String> = [], layout: ParameterLayout,
    precision: Precision
  ) throws(CompilationError) {
    var graph = Graph()
    graph.frozen = frozen
    var outputIDs: [Graph.ID] = []
    var sums: [(Graph.ID, Lowering.Place)] = []
    var plan = GradientPlan()
    do {
      for output in outputs { outputIDs.append(try graph.add(output.broadcast(to: output.shape, stage: .row))) }
      let root = try loss.map { try graph.add($0.broadcast(to: .scalar, stage: .row)) }
      if let name = graph.openSymbol { throw FormulaFault("nothing was put in for the symbol '\(name)'") }
      if let root {
        let weight = try graph.add(.input(TileProgram.rowWeight, shape: .scalar))
        sums = try plan.differentiate(root, weight: weight, in: &graph, layout: layout)
      }
    } catch let fault as FormulaFault {
      throw .fault(fault)
    } catch let error as CompilationError {
      throw error
    } catch {
      throw .fault(FormulaFault("\(error)"))
    }
    graph.foldConstants(needed: outputIDs + sums.map(\.0) + plan.epilogueOutputs.map(\.adjoint))

    // Shared values: those that tiles use and that are not parameters themselves.
    let bodyVertices = graph.reachable(from: outputIDs + sums.map(\.0), stoppingAt: { $0.stage <= .shared })
    let frontier = bodyVertices.filter { graph[$0].stage == .shared }
    var places: [Graph.ID: Lowering.Place] = [:]
    var exported: [(vertex: Graph.ID, offset: Int)] = []
    var sharedCount = 0
    for id in frontier {
      if case .parameter(let name) = graph[id].operation {
        guard let entry = layout[name] else { throw .unknownParameter(name) }
        places[id] = .fixed(space: Int(TILE_SPACE_PARAMETERS), offset: entry.offset, stepStride: 0)
      } else {
        places[id] = .fixed(space: Int(TILE_SPACE_SHARED), offset: sharedCount, stepStride: 0)
        exported.append((id, sharedCount))
        sharedCount += (graph[id].shape.count + 15) / 16 * 16
      }
    }
    self.sharedCount = sharedCount

    // The tiles' code.
    var lowering = Lowering(graph: graph, places: places)
    let inputIDs = bodyVertices.filter { if case .input = graph[$0].operation { true } else { false } }
    lowering.emit(inputs: inputIDs, outputs: outputIDs, sums: sums)
    let (body, offsets) = lowering.allocate()
    self.body = body
    bodyConstants = AlignedBuffer(lowering.constants, precision: precision)
    var inputs: [String: Int] = [:]
    for (register, id) in inputIDs.enumerated() {
      if case .input(let name) = graph[id].operation { inputs[name] = offsets[register] }
    }
    self.inputs = inputs
    self.outputs = outputIDs.map { lowering.offset(of: $0, offsets: offsets) }
    labels = body.vertices.map { id in
      let vertex = graph[id]
      return [graph.nearestLabel(id), vertex.operation.name].compactMap { $0 }.joined(separator: ", ")
    }

    // The shared code, forward and backward.
    let adjointInputs = plan.epilogueSeeds.map(\.adjoint)
    let sharedRoots = exported.map(\.vertex) + plan.epilogueOutputs.map(\.adjoint)
    let sharedParameters = graph.reachable(from: sharedRoots, stoppingAt: { _ in false })
      .filter { if case .parameter = graph[$0].operation { true } else { false } }
    var sharedLowering = Lowering(graph: graph, places: [:])
    sharedLowering.emit(inputs: sharedParameters + adjointInputs, outputs: sharedRoots, sums: [])
    let (sharedCode, sharedOffsets) = sharedLowering.allocate()
    shared = sharedCode
    sharedConstants = AlignedBuffer(sharedLowering.constants, precision: .double)
    let split = sharedCode.vertices.firstIndex { $0 > plan.lastForwardVertex } ?? sharedCode.instructions.count
    sharedForwardCount = split
    sharedGradient = sharedCode.instructions[split...]
    var reads: [Transfer] = []
    for (register, id) in sharedParameters.enumerated() {
      guard case .parameter(let name) = graph[id].operation else { continue }
      guard let entry = layout[name] else { throw .unknownParameter(name) }
      reads.append(Transfer(source: entry.offset, destination: sharedOffsets[register], count: entry.shape.count))
    }
    parameterReads = reads
    sharedWrites = exported.map { vertex, offset in
      Transfer(
        source: sharedLowering.offset(of: vertex, offsets: sharedOffsets), destination: offset,
        count: graph[vertex].shape.count)
    }
    adjointReads = plan.epilogueSeeds.enumerated().map { index, seed in
      Transfer(
        source: seed.sum, destination: sharedOffsets[sharedParameters.count + index],
        count: graph[seed.adjoint].shape.count)
    }
    gradientWrites = plan.epilogueOutputs.map { parameter, adjoint in
      Transfer(
        source: sharedLowering.offset(of: adjoint, offsets: sharedOffsets), destination: parameter.offset,
        count: parameter.shape.count)
    }
    denseGradients = plan.dense.map {
      Transfer(source: $0.sum, destination: $0.parameter.offset, count: $0.parameter.shape.count)
    }
    sumCount = plan.sumCount
    lossSum = plan.lossSum
    records = plan.records
    recordCount = plan.recordCount
    trained = plan.trained
    self.precision = precision
    self.layout = layout
  }

  /// An input's place. Looked up once: a tile's work is too short to search for names.
  package func input(_ name: String) -> TileInput { TileInput(offset: inputs[name]) }

  /// Where an output lies in the buffer for lanes, in features.
  package func outputOffset(_ index: Int) -> Int { outputs[index] }

  /// How many outputs there are.
  package var outputCount: Int { outputs.count }

  /// What an instruction of the tiles' code computes, for messages.
  func label(ofInstruction index: Int) -> String { labels[index] }
}
