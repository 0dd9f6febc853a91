import CTileLoops
import Foundation
import Synchronization

/// Work that is split into numbered tasks.
package protocol ParallelWork: AnyObject, Sendable {
  /// Does one task; tasks run in any order and at the same time, each `thread` one task at a time.
  func perform(task: Int, thread: Int)
}

/// Threads that take tasks from a counter.
///
/// A training step on a small model lasts some tens of microseconds, less than it takes to wake a thread, so waiting
/// threads spin for a while before they park.
package final class WorkerPool: Sendable {
  package let threads: Int
  private let shared: Shared

  private final class Shared: @unchecked Sendable {
    let generation = Atomic<Int>(0)
    let next = Atomic<Int>(0)
    let running = Atomic<Int>(0)
    let parked = Atomic<Int>(0)
    let isLeaderParked = Atomic<Bool>(false)
    let isEnding = Atomic<Bool>(false)
    let gate = NSCondition()
    let done = NSCondition()
    let spins: Int
    // Written by the leader before it raises `generation`, read by workers after they see that.
    var work: (any ParallelWork)?
    var tasks = 0

    init(spins: Int) { self.spins = spins }

    func takeTasks(thread: Int) {
      guard let work else { return }
      while true {
        let task = next.wrappingAdd(1, ordering: .relaxed).oldValue
        if task >= tasks { return }
        work.perform(task: task, thread: thread)
      }
    }

    func serve(thread: Int) {
      var seen = 0
      while true {
        seen = awaitGeneration(after: seen)
        if isEnding.load(ordering: .acquiring) { return }
        takeTasks(thread: thread)
        if running.wrappingSubtract(1, ordering: .sequentiallyConsistent).newValue == 0,
          isLeaderParked.load(ordering: .sequentiallyConsistent)
        {
          done.lock()
          done.broadcast()
          done.unlock()
        }
      }
    }

    private func awaitGeneration(after seen: Int) -> Int {
      for _ in 0..<spins {
        let now = generation.load(ordering: .acquiring)
        if now != seen { return now }
        tile_pause()
      }
      gate.lock()
      defer { gate.unlock() }
      parked.wrappingAdd(1, ordering: .sequentiallyConsistent)
      defer { parked.wrappingSubtract(1, ordering: .sequentiallyConsistent) }
      while true {
        let now = generation.load(ordering: .sequentiallyConsistent)
        if now != seen { return now }
        gate.wait()
      }
    }

    func raiseGeneration() {
      generation.wrappingAdd(1, ordering: .sequentiallyConsistent)
      if parked.load(ordering: .sequentiallyConsistent) > 0 {
        gate.lock()
        gate.broadcast()
        gate.unlock()
      }
    }

    func awaitWorkers() {
      for _ in 0..<spins {
        if running.load(ordering: .acquiring) == 0 { return }
        tile_pause()
      }
      done.lock()
      isLeaderParked.store(true, ordering: .sequentiallyConsistent)
      while running.load(ordering: .sequentiallyConsistent) != 0 { done.wait() }
      isLeaderParked.store(false, ordering: .sequentiallyConsistent)
      done.unlock()
    }
  }

  /// A pool of a number of threads, one of which is the caller's; nil means as many as there are processors.
  package init(threads: Int? = nil) {
    let processors = ProcessInfo.processInfo.activeProcessorCount
    let threads = max(1, threads ?? processors)
    self.threads = threads
    // More threads than processors would spin on the time of those that work.
    shared = Shared(spins: threads <= processors ? 1_500 : 50)
    for thread in 1..<max(1, threads) {
      let shared = shared
      let worker = Thread { shared.serve(thread: thread) }
      worker.name = "tiles \(thread)"
      worker.stackSize = 1 << 20
      worker.start()
    }
  }

  deinit {
    shared.isEnding.store(true, ordering: .releasing)
    shared.raiseGeneration()
  }

  /// Does all tasks and returns when the last has ended. One caller at a time.
  package func run(tasks: Int, _ work: any ParallelWork) {
    shared.work = work
    shared.tasks = tasks
    shared.next.store(0, ordering: .relaxed)
    guard threads > 1, tasks > 1 else {
      shared.takeTasks(thread: 0)
      shared.work = nil
      return
    }
    shared.running.store(threads - 1, ordering: .relaxed)
    shared.raiseGeneration()
    shared.takeTasks(thread: 0)
    shared.awaitWorkers()
    shared.work = nil
  }
}
