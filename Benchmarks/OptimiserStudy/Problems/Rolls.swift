import BenchmarkModels

extension Problem {
  /// The paper's roll in the plane and its network for it.
  static func swissRoll(_ size: ProblemSize, seed: UInt64) throws -> Problem {
    let isQuick = size == .quick
    return Problem(
      name: .swissroll, definition: SwissRoll.paper,
      rows: try SwissRoll.rows(isQuick ? 20_000 : 100_000, seed: seed),
      heldOut: try SwissRoll.rows(isQuick ? 500 : 10_000, seed: seed, purpose: "optimiser study: held-out rows"),
      minibatches: isQuick ? 25 : 40, smallBatch: isQuick ? 100 : 200, passes: isQuick ? 5 : 500)
  }
}
