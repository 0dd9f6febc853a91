import Synchronization

/// Whether a piece of work should stop, seen by worker threads too.
///
/// Worker threads belong to no task; the caller's thread, which works along with them, asks its task and tells them.
final class Cancellation: Sendable {
  private let flag = Atomic<Bool>(false)
  private let condition: (@Sendable () -> Bool)?

  /// - Parameter condition: a further reason to stop, asked wherever the work asks, at every tile or so; nil for none.
  init(when condition: (@Sendable () -> Bool)? = nil) { self.condition = condition }

  var isCancelled: Bool {
    if flag.load(ordering: .relaxed) { return true }
    guard Task.isCancelled || condition?() == true else { return false }
    cancel()
    return true
  }

  func cancel() { flag.store(true, ordering: .relaxed) }
}
