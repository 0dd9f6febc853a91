import CTileLoops

// The steps of compiling a program: one graph of all that it computes, the places of what tiles share, and the code of
// a tile and of the shared values. A value goes into the tiles' code if its stage is that of a step or a row, and into
// the shared code if it depends on parameters alone; constants are folded into numbers before.

/// All that a program computes, as one graph: outputs, the loss and its gradient, with constants folded.
struct ProgramGraph {
  private(set) var graph = Graph()
  private(set) var outputs: [Graph.ID] = []
  private(set) var plan = GradientPlan()

  init(
    outputs: [Formula], loss: Formula?, frozen: Set<String>, tileInputs: Set<String>, layout: ParameterLayout
  ) throws(TileProgram.CompilationError) {
    graph.frozen = frozen
    for output in outputs { self.outputs.append(try add(output.broadcast(to: output.shape, stage: .row))) }
    var root: Graph.ID?
    if let loss { root = try add(loss.broadcast(to: .scalar, stage: .row)) }
    if let name = graph.openSymbol(tileInputs: tileInputs) {
      throw .fault(FormulaFault("nothing was put in for the symbol '\(name)'"))
    }
    if let root {
      let weight = try add(.input(TileProgram.rowWeight, shape: .scalar))
      plan = try GradientPlan(root, weight: weight, in: &graph, layout: layout)
    }
    graph.foldConstants(needed: self.outputs + plan.sums.map(\.vertex) + plan.epilogueOutputs.map(\.adjoint))
  }

  private mutating func add(_ formula: Formula) throws(TileProgram.CompilationError) -> Graph.ID {
    do { return try graph.add(formula) } catch { throw .fault(error) }
  }

  /// What a tile's code starts from.
  var bodyRoots: [Graph.ID] { outputs + plan.sums.map(\.vertex) }
}

/// Where tiles find the values that they share: parameters, and results of the shared code.
struct SharedPlaces {
  private(set) var places: [Graph.ID: Lowering.Place] = [:]
  /// Results of the shared code that tiles read.
  private(set) var exported: [(vertex: Graph.ID, offset: Int)] = []
  /// Numbers of the tiles' shared space.
  private(set) var count = 0
  /// What a tile's code depends on, down to shared values.
  let bodyVertices: [Graph.ID]

  init(_ program: ProgramGraph, layout: ParameterLayout) throws(TileProgram.CompilationError) {
    let graph = program.graph
    bodyVertices = graph.reachable(from: program.bodyRoots, stoppingAt: { graph[$0].stage <= .shared })
    for id in bodyVertices where graph[id].stage == .shared {
      if case .parameter(let name) = graph[id].operation {
        guard let entry = layout[name] else { throw .unknownParameter(name) }
        places[id] = .fixed(space: Int(TILE_SPACE_PARAMETERS), offset: entry.offset, stepStride: 0)
      } else {
        places[id] = .fixed(space: Int(TILE_SPACE_SHARED), offset: count, stepStride: 0)
        exported.append((id, count))
        count += (graph[id].shape.count + 15) / 16 * 16
      }
    }
  }
}

/// The code of a tile.
struct BodyCode {
  let code: Code
  let constants: AlignedBuffer
  /// Where inputs lie in the buffer for lanes, in features.
  private(set) var inputs: [String: Int] = [:]
  /// Where inputs of a whole tile lie in the buffer for uniform values, in numbers.
  private(set) var tileInputs: [String: Int] = [:]
  /// Where outputs lie in the buffer for lanes, in features.
  private(set) var outputs: [Int] = []
  /// What each instruction computes, for messages.
  let labels: [String]

  init(_ program: ProgramGraph, _ shared: SharedPlaces, precision: Precision, isInBlocks: Bool) {
    let graph = program.graph
    let inputIDs = shared.bodyVertices.filter { if case .input = graph[$0].operation { true } else { false } }
    var lowering = Lowering(
      graph: graph, places: shared.places, inputs: inputIDs, outputs: program.outputs, sums: program.plan.sums,
      isInBlocks: isInBlocks)
    let (code, offsets) = lowering.allocate()
    self.code = code
    constants = AlignedBuffer(lowering.constants, precision: precision)
    for (register, id) in inputIDs.enumerated() {
      guard case .input(let name) = graph[id].operation else { continue }
      if graph[id].stage == .row { inputs[name] = offsets[register] } else { tileInputs[name] = offsets[register] }
    }
    for output in program.outputs { outputs.append(lowering.offset(of: output, offsets: offsets)) }
    labels = code.vertices.map { id in
      [graph.nearestLabel(id), graph[id].operation.name].compactMap { $0 }.joined(separator: ", ")
    }
  }
}

/// The code of values that all tiles share, forward and then backward, always in Double.
struct SharedCode {
  typealias Transfer = TileProgram.Transfer

  let code: Code
  let constants: AlignedBuffer
  /// How many instructions compute values; those behind them compute gradients.
  let forwardCount: Int
  /// Parameters to the code's inputs.
  private(set) var parameterReads: [Transfer] = []
  /// The code's results to the tiles' shared space.
  private(set) var exports: [Transfer] = []
  /// Sums over the tiles to the code's inputs.
  private(set) var adjointReads: [Transfer] = []
  /// The code's results to parameters' gradients.
  private(set) var gradientWrites: [Transfer] = []

  init(
    _ program: ProgramGraph, _ shared: SharedPlaces, layout: ParameterLayout
  ) throws(TileProgram.CompilationError) {
    let (graph, plan) = (program.graph, program.plan)
    let roots = shared.exported.map(\.vertex) + plan.epilogueOutputs.map(\.adjoint)
    let parameters = graph.reachable(from: roots, stoppingAt: { _ in false })
      .filter { if case .parameter = graph[$0].operation { true } else { false } }
    var lowering = Lowering(
      graph: graph, places: [:], inputs: parameters + plan.epilogueSeeds.map(\.adjoint), outputs: roots, sums: [])
    let (code, offsets) = lowering.allocate()
    self.code = code
    constants = AlignedBuffer(lowering.constants, precision: .double)
    // Gradients are vertices behind all values, and instructions stand in the order of their vertices.
    forwardCount = code.vertices.firstIndex { $0 > plan.lastForwardVertex } ?? code.instructions.count
    for (register, id) in parameters.enumerated() {
      guard case .parameter(let name) = graph[id].operation else { continue }
      guard let entry = layout[name] else { throw .unknownParameter(name) }
      parameterReads.append(
        Transfer(source: entry.offset, destination: offsets[register], count: entry.shape.count))
    }
    for (vertex, offset) in shared.exported {
      exports.append(
        Transfer(
          source: lowering.offset(of: vertex, offsets: offsets), destination: offset, count: graph[vertex].shape.count))
    }
    for (index, seed) in plan.epilogueSeeds.enumerated() {
      adjointReads.append(
        Transfer(
          source: seed.sum, destination: offsets[parameters.count + index], count: graph[seed.adjoint].shape.count))
    }
    for (parameter, adjoint) in plan.epilogueOutputs {
      gradientWrites.append(
        Transfer(
          source: lowering.offset(of: adjoint, offsets: offsets), destination: parameter.offset,
          count: parameter.shape.count))
    }
  }
}
