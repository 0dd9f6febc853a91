import CTileLoops
import Foundation
import Synchronization

/// Work that is split into numbered tasks.
package protocol ParallelWork: AnyObject, Sendable {
  /// Does one task; tasks run in any order and at the same time, each `thread` one task at a time.
  func perform(task: Int, thread: Int)

  /// Whether the rest of the work may be left out; asked by the caller's thread while it waits for the others, who
  /// belong to no task and cannot know that the caller's was cancelled.
  var isCancelled: Bool { get }
}

extension ParallelWork {
  package var isCancelled: Bool { false }
}

/// Threads that take tasks from a counter.
///
/// A training step on a small model lasts some tens of microseconds, less than it takes to wake a thread, so waiting
/// threads spin for a while before they park.
package final class WorkerPool: Sendable {
  package let threads: Int
  private let shared: Shared
  /// Told on the caller's thread, between its tasks, which share of all has been taken, and 1 at the end.
  private let progress: (@Sendable (Double) -> Void)?

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
    // Guarded by `gate`. A thread that the system could not start never serves, and nobody waits for it.
    private var serving = 0
    private var isOpen = false

    init(spins: Int) { self.spins = spins }

    func takeTasks(thread: Int, progress: ((Double) -> Void)? = nil) {
      guard let work else { return }
      while true {
        let task = next.wrappingAdd(1, ordering: .relaxed).oldValue
        if task >= tasks { return }
        progress?(Double(task) / Double(tasks))
        work.perform(task: task, thread: thread)
      }
    }

    /// Takes up service, in the run that is going on or else from the next one on.
    private func join() -> Int {
      gate.lock()
      defer { gate.unlock() }
      serving += 1
      let now = generation.load(ordering: .sequentiallyConsistent)
      guard isOpen else { return now }
      running.wrappingAdd(1, ordering: .sequentiallyConsistent)
      return now - 1
    }

    func serve(thread: Int) {
      var seen = join()
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

    /// Lets those who serve see that there is work, or that the pool is ending.
    func open() {
      gate.lock()
      defer { gate.unlock() }
      isOpen = true
      running.store(serving, ordering: .sequentiallyConsistent)
      generation.wrappingAdd(1, ordering: .sequentiallyConsistent)
      if parked.load(ordering: .sequentiallyConsistent) > 0 { gate.broadcast() }
    }

    /// Waits until every thread that joined this run has finished, and lets no other join it.
    func close(_ work: any ParallelWork) {
      while true {
        awaitWorkers(work)
        gate.lock()
        defer { gate.unlock() }
        // A thread that has just started may have joined.
        if running.load(ordering: .sequentiallyConsistent) == 0 {
          isOpen = false
          return
        }
      }
    }

    private func awaitWorkers(_ work: any ParallelWork) {
      for _ in 0..<spins {
        if running.load(ordering: .acquiring) == 0 { return }
        tile_pause()
      }
      done.lock()
      isLeaderParked.store(true, ordering: .sequentiallyConsistent)
      while running.load(ordering: .sequentiallyConsistent) != 0 {
        if !done.wait(until: Date(timeIntervalSinceNow: 0.01)) { _ = work.isCancelled }
      }
      isLeaderParked.store(false, ordering: .sequentiallyConsistent)
      done.unlock()
    }
  }

  /// A pool of a number of threads, one of which is the caller's; nil means as many as there are processors.
  ///
  /// Where the system cannot start a thread, the pool works with fewer.
  ///
  /// - Parameters:
  ///   - progress: told now and then, on the caller's thread, which share of the tasks has been taken, and 1 at the end.
  ///   - start: starts a thread, now or later.
  package init(
    threads: Int? = nil, progress: (@Sendable (Double) -> Void)? = nil, start: (Thread) -> Void = { $0.start() }
  ) {
    self.progress = progress
    let processors = ProcessInfo.processInfo.activeProcessorCount
    let threads = WorkerPool.count(threads)
    self.threads = threads
    // More threads than processors would spin on the time of those that work.
    shared = Shared(spins: threads <= processors ? 1_500 : 50)
    for thread in 1..<max(1, threads) {
      let shared = shared
      let worker = Thread { shared.serve(thread: thread) }
      worker.name = "tiles \(thread)"
      worker.stackSize = 1 << 20
      start(worker)
    }
  }

  /// How many threads a pool has of which a number is wanted; nil means as many as there are processors.
  package static func count(_ threads: Int?) -> Int {
    max(1, threads ?? ProcessInfo.processInfo.activeProcessorCount)
  }

  deinit {
    shared.isEnding.store(true, ordering: .releasing)
    shared.open()
  }

  /// Does all tasks and returns when the last has ended. One caller at a time.
  ///
  /// - Parameter part: which part of a larger work the tasks are, for the progress that is told.
  package func run(tasks: Int, _ work: any ParallelWork, part: ClosedRange<Double> = 0...1) {
    let told = progress
    let progress = told.map { told in
      { (share: Double) in told(part.lowerBound + share * (part.upperBound - part.lowerBound)) }
    }
    shared.work = work
    shared.tasks = tasks
    shared.next.store(0, ordering: .relaxed)
    guard threads > 1, tasks > 1 else {
      shared.takeTasks(thread: 0, progress: progress)
      shared.work = nil
      progress?(1)
      return
    }
    shared.open()
    shared.takeTasks(thread: 0, progress: progress)
    shared.close(work)
    shared.work = nil
    progress?(1)
  }
}
