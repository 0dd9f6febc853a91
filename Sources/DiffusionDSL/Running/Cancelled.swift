import Foundation

/// Work that ended early because it was told to, by its task or by `Training.cancel()`: what it was, and how far it had
/// come.
///
///     do {
///       trained = try await training.value
///     } catch let error as Cancelled {
///       print(error)            // training was cancelled after 120 of 5000 steps
///       trained = training.lastGood
///     }
///
/// Swift's `CancellationError` does not say what was cancelled, and cannot be made to.
public struct Cancelled: Error, Hashable, Sendable {
  /// What was cancelled, such as `training`, `sampling` or `the lower bound`.
  public let work: String
  /// How much of it was done.
  public let done: Int
  /// How much there was to do.
  public let total: Int
  /// What `done` and `total` count, such as `steps`.
  public let unit: String

  /// Work that ended early, how much of it was done and how much there was to do.
  public init(_ work: String, done: Int, of total: Int, _ unit: String) {
    (self.work, self.done, self.total, self.unit) = (work, done, total, unit)
  }
}

extension Cancelled: CustomStringConvertible, LocalizedError {
  /// The work and how far it came: `sampling was cancelled after 128 of 4000 rows`.
  public var description: String { "\(work) was cancelled after \(done) of \(total) \(unit)" }

  /// The description, which `localizedDescription` then gives.
  public var errorDescription: String? { description }
}
