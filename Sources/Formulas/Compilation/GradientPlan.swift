import CTileLoops

/// How the adjoints of a tile's loss flow into sums over tiles, into records of one time step, and from there through
/// the shared code to parameters.
///
/// The gradient of the sum of a loss over all rows is found in two passes, since most of a program is computed once for
/// a tile and some of it once for all tiles:
///
/// - over a tile's code, down to what tiles share: parameters, and values computed from them alone. The adjoint of a
///   shared value is a sum over tiles, whatever is made of it, since the tiles' losses are added;
/// - over the shared code, once, from those sums down to parameters (the epilogue).
///
/// An adjoint of the first pass ends in one of three ways.
///
/// - A parameter that is looked up at t, in one place of the program, has a gradient in one slice only: the tile adds
///   to a *record*, a buffer for the slice of its step. A tile then touches as many numbers as it reads.
/// - Any other parameter has a dense sum of its whole size; a look-up adds to the slice at its step.
/// - A shared value has a dense sum too, which the second pass starts from, as an input ("seed") of the shared code.
///
/// What is summed over tiles is thus small (weights, tables over t), whatever the minibatch.
///
/// Rejected: a dense sum for parameters that are looked up as well. Each group of tiles would clear and add up a buffer
/// as large as the parameter in each step, so that the cost of a step grew with T.
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
  /// What a tile adds up: vertices and the places of their sums.
  var sums: [(vertex: Graph.ID, place: Lowering.Place)] = []

  /// Parameters with a gradient.
  var trained: [ParameterLayout.Entry] {
    var seen: [String: ParameterLayout.Entry] = [:]
    for parameter in dense.map(\.parameter) + epilogueOutputs.map(\.parameter) + records.map(\.parameter) {
      seen[parameter.name] = parameter
    }
    return seen.values.sorted { $0.offset < $1.offset }
  }

  /// Nothing to differentiate.
  init() {}

  /// Adds the adjoints of a loss to the graph, and decides where they are summed.
  ///
  /// - Parameter weight: of each row, which its loss is multiplied by.
  init(
    _ loss: Graph.ID, weight: Graph.ID, in graph: inout Graph, layout: ParameterLayout
  ) throws(TileProgram.CompilationError) {
    let weighted = graph.insert(.sumAll, [graph.multiply(loss, weight)], shape: .scalar, stage: .step)
    let lossSum = takeSum(1)
    self.lossSum = lossSum
    sums = [(weighted, .fixed(space: Int(TILE_SPACE_SUMS), offset: lossSum, stepStride: 0))]
    var uses: [Graph.ID: [Use]] = [:]
    for (leaf, adjoint) in graph.adjoints(seeds: [(loss, weight)], scope: .body) {
      if case .atStep(let shift) = graph[leaf].operation {
        uses[graph[leaf].operands[0], default: []].append(Use(adjoint: adjoint, shift: shift))
      } else {
        uses[leaf, default: []].append(Use(adjoint: adjoint, shift: nil))
      }
    }
    lastForwardVertex = graph.vertices.count - 1
    var seeds: [(vertex: Graph.ID, adjoint: Graph.ID)] = []
    for (shared, uses) in uses.sorted(by: { $0.key < $1.key }) {
      if let seed = try addSums(of: shared, uses, in: &graph, layout: layout) { seeds.append((shared, seed)) }
    }
    for (leaf, adjoint) in graph.adjoints(seeds: seeds, scope: .shared) {
      guard case .parameter(let name) = graph[leaf].operation, let entry = layout[name] else { continue }
      epilogueOutputs.append((entry, adjoint))
    }
  }

  /// An adjoint of a shared value, and the shift of the steps at which it was looked up; nil where it is used whole.
  private struct Use {
    var adjoint: Graph.ID
    var shift: Int?
  }

  /// Places for the adjoints of one shared value.
  ///
  /// - Returns: the input that the second pass starts from, where the value is no parameter.
  private mutating func addSums(
    of shared: Graph.ID, _ uses: [Use], in graph: inout Graph, layout: ParameterLayout
  ) throws(TileProgram.CompilationError) -> Graph.ID? {
    let shape = graph[shared].shape
    var parameter: ParameterLayout.Entry?
    if case .parameter(let name) = graph[shared].operation {
      guard let entry = layout[name] else { throw .unknownParameter(name) }
      parameter = entry
    }
    let slice = shape.count / max(1, shape.axes.first ?? 1)
    if let parameter, uses.count == 1, let shift = uses[0].shift {
      records.append(.init(parameter: parameter, slice: slice, shift: shift, offset: recordCount))
      sums.append((uses[0].adjoint, .fixed(space: Int(TILE_SPACE_RECORD), offset: recordCount, stepStride: 0)))
      recordCount += (slice + 15) / 16 * 16
      return nil
    }
    let sum = takeSum(shape.count)
    for use in uses {
      let place = Lowering.Place.fixed(
        space: Int(TILE_SPACE_SUMS), offset: sum + (use.shift ?? 0) * slice, stepStride: use.shift == nil ? 0 : slice)
      sums.append((use.adjoint, place))
    }
    if let parameter {
      dense.append((parameter, sum))
      return nil
    }
    let seed = graph.insert(.input("adjoint \(shared)"), [], shape: shape, stage: .shared)
    epilogueSeeds.append((seed, sum))
    return seed
  }

  private mutating func takeSum(_ count: Int) -> Int {
    defer { sumCount += (count + 15) / 16 * 16 }
    return sumCount
  }
}
