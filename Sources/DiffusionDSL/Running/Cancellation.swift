import Synchronization

/// Whether a piece of work should stop, seen by worker threads too, and how far it has come.
///
/// Worker threads belong to no task; the caller's thread, which works along with them, asks its task and tells them.
final class Cancellation: Sendable {
  private let flag = Atomic<Bool>(false)
  private let done = Atomic<Int>(0)
  private let work: String
  private let total: Int
  private let unit: String
  private let condition: (@Sendable () -> Bool)?

  /// - Parameters:
  ///   - work: what the error calls it.
  ///   - total: how much there is to do.
  ///   - unit: what is counted.
  ///   - condition: a further reason to stop, asked wherever the work asks, at every tile or so; nil for none.
  init(of work: String, _ total: Int, _ unit: String, when condition: (@Sendable () -> Bool)? = nil) {
    (self.work, self.total, self.unit) = (work, total, unit)
    self.condition = condition
  }

  var isCancelled: Bool {
    if flag.load(ordering: .relaxed) { return true }
    guard Task.isCancelled || condition?() == true else { return false }
    cancel()
    return true
  }

  func cancel() { flag.store(true, ordering: .relaxed) }

  /// Counts what has been done.
  func advance(by count: Int) { done.wrappingAdd(count, ordering: .relaxed) }

  /// What cancelled work throws.
  var error: Cancelled { Cancelled(work, done: done.load(ordering: .relaxed), of: total, unit) }

  /// - Throws: `Cancelled` where the work should stop.
  func check() throws(Cancelled) { if isCancelled { throw error } }
}
