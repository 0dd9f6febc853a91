import CTileLoops

/// How the adjoints of a tile's loss flow into sums over tiles, into records of one time step, and from there through
/// the shared code to parameters.
struct GradientPlan {
  var sumCount = 0
  var lossSum: Int?
  var recordCount = 0
  var records: [TileProgram.Record] = []
  var dense: [(parameter: ParameterLayout.Entry, sum: Int)] = []
  var epilogueSeeds: [(adjoint: Graph.ID, sum: Int)] = []
  var epilogueOutputs: [(parameter: ParameterLayout.Entry, adjoint: Graph.ID)] = []
  /// Vertices behind this one belong to gradients.
  var lastForwardVertex = Int.max

  /// Parameters with a gradient.
  var trained: [ParameterLayout.Entry] {
    var seen: [String: ParameterLayout.Entry] = [:]
    for parameter in dense.map(\.parameter) + epilogueOutputs.map(\.parameter) + records.map(\.parameter) {
      seen[parameter.name] = parameter
    }
    return seen.values.sorted { $0.offset < $1.offset }
  }

  /// Adds the adjoints of a loss to the graph.
  ///
  /// - Returns: the vertices to sum over tiles, with their places.
  mutating func differentiate(
    _ loss: Graph.ID, weight: Graph.ID, in graph: inout Graph, layout: ParameterLayout
  ) throws(TileProgram.CompilationError) -> [(Graph.ID, Lowering.Place)] {
    let weighted = graph.insert(.sumAll, [graph.multiply(loss, weight)], shape: .scalar, stage: .step)
    lossSum = takeSum(1)
    var sums: [(Graph.ID, Lowering.Place)] = [
      (weighted, .fixed(space: Int(TILE_SPACE_SUMS), offset: 0, stepStride: 0))
    ]
    var uses: [Graph.ID: [(adjoint: Graph.ID, shift: Int?)]] = [:]
    for (leaf, adjoint) in graph.adjoints(seeds: [(loss, weight)], scope: .body) {
      if case .atStep(let shift) = graph[leaf].operation {
        uses[graph[leaf].operands[0], default: []].append((adjoint, shift))
      } else {
        uses[leaf, default: []].append((adjoint, nil))
      }
    }
    lastForwardVertex = graph.vertices.count - 1
    var seeds: [(vertex: Graph.ID, adjoint: Graph.ID)] = []
    for (shared, adjoints) in uses.sorted(by: { $0.key < $1.key }) {
      var parameter: ParameterLayout.Entry?
      if case .parameter(let name) = graph[shared].operation {
        guard let entry = layout[name] else { throw .unknownParameter(name) }
        parameter = entry
      }
      let slice = graph[shared].shape.count / max(1, graph[shared].shape.axes.first ?? 1)
      if let parameter, adjoints.count == 1, let shift = adjoints[0].shift {
        records.append(.init(parameter: parameter, slice: slice, shift: shift, offset: recordCount))
        sums.append(
          (adjoints[0].adjoint, .fixed(space: Int(TILE_SPACE_RECORD), offset: recordCount, stepStride: 0)))
        recordCount += (slice + 15) / 16 * 16
        continue
      }
      let sum = takeSum(graph[shared].shape.count)
      for (adjoint, shift) in adjoints {
        let place = Lowering.Place.fixed(
          space: Int(TILE_SPACE_SUMS), offset: sum + (shift ?? 0) * slice, stepStride: shift == nil ? 0 : slice)
        sums.append((adjoint, place))
      }
      if let parameter {
        dense.append((parameter, sum))
      } else {
        let seed = graph.insert(
          .input("adjoint \(shared)"), [], shape: graph[shared].shape, stage: .shared)
        epilogueSeeds.append((seed, sum))
        seeds.append((shared, seed))
      }
    }
    for (leaf, adjoint) in graph.adjoints(seeds: seeds, scope: .shared) {
      guard case .parameter(let name) = graph[leaf].operation, let entry = layout[name] else { continue }
      epilogueOutputs.append((entry, adjoint))
    }
    return sums
  }

  private mutating func takeSum(_ count: Int) -> Int {
    defer { sumCount += (count + 15) / 16 * 16 }
    return sumCount
  }
}
