import Foundation
import Synchronization

/// Control-C: the first one asks the work to stop, a second one, or two seconds without an end, stops the process.
struct Interruption {
  private struct State {
    var count = 0
    var ask: (@Sendable () -> Void)?
  }

  private final class Shared: Sendable {
    let state = Mutex(State())
  }

  private let source: (any DispatchSourceRead)?
  private let shared = Shared()

  var happened: Bool { shared.state.withLock { $0.count > 0 } }

  /// - Parameter insist: stops the process.
  init(insist: @escaping @Sendable () -> Void) {
    guard bell.listener >= 0 else {
      source = nil
      return
    }
    let queue = DispatchQueue(label: "interruption")
    let source = DispatchSource.makeReadSource(fileDescriptor: bell.listener, queue: queue)
    source.setEventHandler { [shared] in
      var rings: [UInt8] = [0, 0]
      let heard = read(bell.listener, &rings, rings.count)
      guard heard > 0 else { return }
      let (times, ask) = shared.state.withLock { state in
        state.count += heard
        return (state.count, state.ask)
      }
      guard times == 1 else { return insist() }
      ask?()
      queue.asyncAfter(deadline: .now() + 2, execute: insist)
    }
    source.activate()
    self.source = source
    // A dispatch source for the signal itself would lose what comes before it listens; a handler misses nothing.
    signal(SIGINT) { _ in
      var ring: UInt8 = 1
      _ = write(bell.ringer, &ring, 1)
    }
  }

  /// What the first interruption calls, also if it has happened already.
  func ask(_ ask: @escaping @Sendable () -> Void) {
    let happened = shared.state.withLock { state in
      state.ask = ask
      return state.count > 0
    }
    if happened { ask() }
  }

  func cancel() {
    source?.cancel()
  }
}

/// A pipe, because writing to one is among the few things that a signal's handler may do.
private let bell: (listener: Int32, ringer: Int32) = {
  var ends: [Int32] = [-1, -1]
  guard pipe(&ends) == 0 else { return (-1, -1) }
  // Programs that are started from here must not hold it open.
  for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
  return (ends[0], ends[1])
}()
