/// How far training has come.
public struct TrainingProgress: Sendable {
  /// Steps done.
  public let step: Int
  /// Steps to do.
  public let steps: Int
  /// The bound K on the training data in bits a row, a running average of minibatches' estimates, in the data's units.
  public let boundBits: Double
  /// The last evaluation of K on held-out rows, in bits; nil before the first.
  public let heldOutBits: Double?
  /// Updates of the parameters in a second, on average since training began or was resumed.
  public let stepsPerSecond: Double
  /// What the remaining steps take at that rate.
  public let secondsLeft: Double
}

/// The progress of a training: each request gives the newest value, until training ends.
///
/// A loop that is left before that stops the training, and so does the end of a task that waits for a value. (Variables
/// at the top level of a program live to its end, and a loop's iterator with them: call `Training.cancel()` there.) It is
/// for one loop; two would share its values.
public struct TrainingProgressSequence: AsyncSequence, Sendable {
  private let stream: AsyncStream<TrainingProgress>
  private let cancellation: Cancellation

  init(_ stream: AsyncStream<TrainingProgress>, _ cancellation: Cancellation) {
    self.stream = stream
    self.cancellation = cancellation
  }

  public func makeAsyncIterator() -> Iterator {
    Iterator(loop: Loop(stream.makeAsyncIterator(), cancellation))
  }

  /// The iterator of a loop over progress; when it is released, training stops.
  public struct Iterator: AsyncIteratorProtocol {
    fileprivate let loop: Loop

    /// The newest value, waiting for one if need be; nil after training has ended.
    public mutating func next() async -> TrainingProgress? { await loop.next() }
  }

  /// What a loop over the progress holds: when it is released, training stops. The stream cannot serve for this, since
  /// the training holds it too.
  fileprivate final class Loop {
    private var base: AsyncStream<TrainingProgress>.Iterator
    private let cancellation: Cancellation

    init(_ base: AsyncStream<TrainingProgress>.Iterator, _ cancellation: Cancellation) {
      self.base = base
      self.cancellation = cancellation
    }

    deinit {
      // This has no effect once training has ended.
      cancellation.cancel()
    }

    func next() async -> TrainingProgress? { await base.next() }
  }
}
