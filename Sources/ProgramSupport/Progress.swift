import DiffusionDSL
import Synchronization

extension Console {
  /// Options of a computation that reports here how much is done, and how long the rest takes at that pace.
  ///
  /// - Parameters:
  ///   - threads: nil: as many as there are processors.
  ///   - what: what is done, for the line of progress: `drawing`.
  public func computing(_ what: String, threads: Int?) -> ComputeOptions {
    let part = Mutex((start: ContinuousClock.now, done: 0.0))
    progress(what)
    return ComputeOptions(threads: threads) { done in
      let now = ContinuousClock.now
      // In work of several parts, the share starts at 0 for each.
      let start = part.withLock { part in
        if done < part.done { part.start = now }
        part.done = done
        return part.start
      }
      let seconds: Double = (now - start) / .seconds(1)
      self.progress(
        "\(what), \(Int(100 * done))% done"
          + (done > 0.02 ? ", \(Int((seconds * (1 - done) / done).rounded(.up))) s left" : ""))
    }
  }
}
