extension Array where Element: Sendable {
  /// Does a piece of work for each element, some at a time, and gives the results in the elements' order.
  ///
  /// - Parameters:
  ///   - threads: how many work at a time, 1 or more.
  ///   - body: the work.
  /// - Throws: what the work throws; `CancellationError` when the task is cancelled.
  public func concurrentMap<Result: Sendable>(
    threads: Int, _ body: @escaping @Sendable (Element) throws -> Result
  ) async throws -> [Result] {
    var results: [Result?] = [Result?](repeating: nil, count: count)
    try await withThrowingTaskGroup(of: (Int, Result).self) { group in
      var next = 0
      func start() {
        guard next < count else { return }
        let (index, element) = (next, self[next])
        next += 1
        group.addTask {
          try Task.checkCancellation()
          return (index, try body(element))
        }
      }
      for _ in 0..<Swift.max(1, threads) { start() }
      while let (index, result) = try await group.next() {
        start()
        results[index] = result
      }
    }
    return results.compactMap { $0 }
  }
}
