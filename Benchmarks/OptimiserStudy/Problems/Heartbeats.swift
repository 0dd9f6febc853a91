import BenchmarkModels

extension Problem {
  /// The paper's binary sequences and its network for them.
  static func heartbeat(_ size: ProblemSize) throws -> Problem {
    let isQuick = size == .quick
    return Problem(
      name: .heartbeat, definition: Heartbeat.paper, rows: try Heartbeat.rows(isQuick ? 2_000 : 100_000),
      heldOut: try Heartbeat.rows(isQuick ? 20 : 200), minibatches: isQuick ? 10 : 40,
      smallBatch: isQuick ? 50 : 200, passes: isQuick ? 5 : 100)
  }
}
