import CTileLoops

extension Graph {
  /// Vertices that roots depend on, in order of computation; those that satisfy `isEnd` are included, but not what
  /// they depend on.
  func reachable(from roots: [ID], stoppingAt isEnd: (ID) -> Bool) -> [ID] {
    var found: Set<ID> = []
    var stack = roots
    while let id = stack.popLast() {
      guard found.insert(id).inserted, !isEnd(id) else { continue }
      stack.append(contentsOf: vertices[id].operands)
    }
    return found.sorted()
  }

  /// The label of a vertex or of the nearest one that it is made of.
  func nearestLabel(_ id: ID) -> String? {
    var frontier = [id]
    var seen: Set<ID> = []
    while let next = frontier.first {
      frontier.removeFirst()
      if let label = vertices[next].label { return label }
      for operand in vertices[next].operands.sorted(by: >) where seen.insert(operand).inserted {
        frontier.append(operand)
      }
      if seen.count > 256 { return nil }
    }
    return nil
  }

  /// Computes what depends on nothing, in Double, once and for all.
  mutating func foldConstants(needed roots: [ID]) {
    let all = reachable(from: roots, stoppingAt: { _ in false })
    let isUsedByOthers = Set(
      all.filter { vertices[$0].stage > .constant }.flatMap { vertices[$0].operands }
        + roots.filter { vertices[$0].stage == .constant })
    let folded = all.filter { id in
      guard vertices[id].stage == .constant, isUsedByOthers.contains(id) else { return false }
      if case .constant = vertices[id].operation { return false }
      return true
    }
    guard !folded.isEmpty else { return }
    var lowering = Lowering(graph: self, places: [:], inputs: [], outputs: folded, sums: [])
    let (code, offsets) = lowering.allocate()
    let constants = AlignedBuffer(lowering.constants, precision: .double)
    let uniform = AlignedBuffer(count: code.uniformCount, precision: .double)
    var frame = tile_frame()
    frame.rows = 16
    frame.set(Int(TILE_SPACE_CONSTANTS), constants.pointer)
    frame.set(Int(TILE_SPACE_UNIFORM), uniform.pointer)
    // Constants are the same at every vector width, so that a model's numbers do not depend on who compiled it.
    VectorLevel.baseline.run(.double)?(code.instructions, Int64(code.instructions.count), &frame)
    for id in folded {
      let offset = lowering.offset(of: id, offsets: offsets)
      let values = (0..<vertices[id].shape.count).map { uniform[offset + $0] }
      replace(id, byConstant: values)
    }
  }
}

extension tile_frame {
  mutating func set(_ space: Int, _ pointer: UnsafeMutableRawPointer?) {
    withUnsafeMutableBytes(of: &spaces) { bytes in
      bytes.storeBytes(
        of: pointer, toByteOffset: space * MemoryLayout<UnsafeMutableRawPointer?>.stride,
        as: UnsafeMutableRawPointer?.self)
    }
  }
}
