/// Which vertices need no instruction of their own.
///
/// A value that is used once need not be written to a register and read back if the instruction that uses it can
/// compute it on the way. Four kinds are found here, each on the condition that nothing else uses the value:
///
/// - a product under a sum or difference is one multiply-add; under a sum over features or rows, one dot product;
/// - a function of each number of a convolution is applied by the convolution, line by line (a square is not, which a
///   sum behind it may compute);
/// - a part of a concatenation is computed in its place in the whole;
/// - what is added to a sum over tiles is added by the instruction that computes it. Adding (a + b) to a place is adding
///   a and adding b, and adding a padded vector is adding its one part, so such sums are taken apart first.
///
/// Rejected: fusing a product that is used twice. It would be computed twice and keep its factors' registers alive
/// longer, to save one write to the nearest cache.
///
/// An operation that no rule names is computed by an instruction of its own, which is always right.
struct FusionPlan {
  typealias ID = Graph.ID
  typealias Place = Lowering.Place

  /// Vertices that the one that uses them computes: products, convolutions, and sums that were taken apart.
  private(set) var fused: Set<ID> = []
  /// Parts of a concatenation that are computed where they belong.
  private(set) var parts: [ID: (whole: ID, offset: Int)] = [:]
  /// Concatenations some of whose parts are, so that they have a place before they are whole.
  private(set) var wholes: Set<ID> = []
  /// Vertices that are added to a sum as soon as they are computed, and used nowhere else.
  private(set) var sums: [ID: Place] = [:]
  /// Vertices that are also used elsewhere, or belong to several sums: added when all else has been computed.
  private(set) var copiedSums: [(vertex: ID, place: Place)] = []

  private let graph: Graph
  private let roots: Set<ID>
  private let given: Set<ID>
  private var uses: [ID: Int] = [:]

  /// - Parameters:
  ///   - needed: what outputs and sums depend on, in order of computation.
  ///   - given: what lies somewhere before the code runs.
  init(graph: Graph, needed: [ID], outputs: [ID], sums: [(vertex: ID, place: Place)], given: Set<ID>) {
    self.graph = graph
    self.given = given
    roots = Set(outputs + sums.map(\.vertex))
    let computed = needed.filter { !given.contains($0) }
    for id in computed {
      for operand in graph[id].operands { uses[operand, default: 0] += 1 }
    }
    for root in roots { uses[root, default: 0] += 1 }
    for id in computed { fuseOperands(of: id) }
    placeSums(sums, outputs: Set(outputs))
  }

  private mutating func fuseOperands(of id: ID) {
    let vertex = graph[id]
    let operation = vertex.operation
    if operation == .binary(.add) || operation == .binary(.subtract) {
      // The later of two products is likelier to be in registers still.
      if !fused.contains(id), let product = vertex.operands.last(where: isFusable) { fused.insert(product) }
    } else if operation == .sum || operation == .sumLanes || operation == .sumAll {
      if isDot(vertex.operands[0], for: operation) { fused.insert(vertex.operands[0]) }
    } else if case .unary(let function) = operation, function != .square {
      if isActivated(vertex.operands[0]) { fused.insert(vertex.operands[0]) }
    } else if operation == .concatenate, vertex.stage == .row {
      placeParts(of: id)
    }
  }

  private mutating func placeParts(of whole: ID) {
    var offset = 0
    for part in graph[whole].operands {
      if uses[part] == 1, !isRootOrGiven(part), !graph[part].isVirtual, graph[part].operation.form != .leaf,
        !fused.contains(part), graph[part].operation != .concatenate
      {
        parts[part] = (whole, offset)
        wholes.insert(whole)
      }
      offset += graph[part].shape.count
    }
  }

  private func isRootOrGiven(_ id: ID) -> Bool { given.contains(id) || roots.contains(id) }

  /// Whether a vertex is a product whose factors the sum that uses it may read.
  private func isFusable(_ id: ID) -> Bool {
    guard uses[id] == 1, !isRootOrGiven(id), parts[id] == nil else { return false }
    let operation = graph[id].operation
    if case .scale = operation { return true }
    return operation == .binary(.multiply) || operation == .unary(.square)
  }

  /// Whether a vertex is a convolution whose numbers are only what a function is applied to.
  private func isActivated(_ id: ID) -> Bool {
    guard uses[id] == 1, !isRootOrGiven(id), parts[id] == nil else { return false }
    if case .convolve = graph[id].operation { return true }
    return false
  }

  /// Whether a vertex is a product whose numbers are only summed.
  private func isDot(_ id: ID, for sum: Operation) -> Bool {
    guard uses[id] == 1, !isRootOrGiven(id), parts[id] == nil else { return false }
    let operands = graph[id].operands
    if graph[id].operation == .unary(.square) { return graph[operands[0]].operation != .broadcast }
    guard graph[id].operation == .binary(.multiply) else { return false }
    let spread = operands.filter { graph[$0].operation == .broadcast }
    if spread.isEmpty { return true }
    // A factor that is the same for all features can be read as such only where features stay apart.
    guard sum == .sumLanes, spread.count == 1 else { return false }
    let source = graph[graph[spread[0]].operands[0]]
    return source.shape == .scalar && source.stage == .row
  }

  private mutating func placeSums(_ wanted: [(vertex: ID, place: Place)], outputs: Set<ID>) {
    let byVertex = Dictionary(grouping: wanted, by: \.vertex)
    for (vertex, entries) in byVertex where entries.count == 1 && uses[vertex] == 1 {
      sums[vertex] = entries[0].place
    }
    let isCopied = Set(byVertex.keys).subtracting(sums.keys)
    takeSumsApart(outputs: outputs)
    copiedSums = wanted.filter { isCopied.contains($0.vertex) }
  }

  private mutating func takeSumsApart(outputs: Set<ID>) {
    var work = sums.keys.sorted(by: >)
    while let id = work.popLast() {
      guard let place = sums[id], !outputs.contains(id) else { continue }
      let vertex = graph[id]
      var addends: [(ID, Place)] = []
      if vertex.operation == .binary(.add) {
        addends = vertex.operands.map { ($0, place) }
      } else if vertex.operation == .reshape || vertex.operation == .variable {
        addends = [(vertex.operands[0], place)]
      } else if case .pad(let before, _) = vertex.operation {
        let inner = vertex.shape.count / vertex.shape.axes[0]
        addends = [(vertex.operands[0], place.advanced(by: before * inner))]
      }
      let areReplaceable = addends.allSatisfy { addend, _ in
        uses[addend] == 1 && !given.contains(addend) && sums[addend] == nil && !graph[addend].isVirtual
          && graph[addend].stage == vertex.stage && !fused.contains(addend)
      }
      guard !addends.isEmpty, areReplaceable, Set(addends.map(\.0)).count == addends.count else { continue }
      sums[id] = nil
      fused.insert(id)
      for (addend, place) in addends {
        sums[addend] = place
        work.append(addend)
      }
    }
  }
}
