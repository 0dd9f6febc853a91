import Formulas
import Foundation
import Synchronization
import Testing

/// Threads that take tasks: each task done once, before `run` returns.
@Suite struct WorkerPoolTests {
  /// Counts how often each task was done. Tasks of a run write places of their own, and a run ends before the next
  /// begins, so plain memory shows whether the pool orders what it must.
  final class Counting: ParallelWork, @unchecked Sendable {
    static let most = 64
    let counts: UnsafeMutableBufferPointer<Int>
    let busy: UnsafeMutableBufferPointer<Bool>
    var shared = 0

    init(threads: Int) {
      counts = .allocate(capacity: Counting.most)
      counts.initialize(repeating: 0)
      busy = .allocate(capacity: threads)
      busy.initialize(repeating: false)
    }

    deinit {
      counts.deallocate()
      busy.deallocate()
    }

    func perform(task: Int, thread: Int) {
      // One task at a time on a thread: whoever finds its mark set is a second one.
      if busy[thread] { counts[task] = .min / 2 }
      busy[thread] = true
      counts[task] += shared
      busy[thread] = false
    }
  }

  @Test(arguments: [(1, 40_000), (2, 40_000), (3, 15_000), (7, 5_000)])
  func everyTaskIsDoneOnce(_ threads: Int, _ runs: Int) {
    let pool = WorkerPool(threads: threads)
    #expect(pool.threads == threads)
    let work = Counting(threads: threads)
    var expected = Array(repeating: 0, count: Counting.most)
    var numbers = Numbers(seed: UInt64(threads))
    var wrong = 0
    for run in 1...runs {
      let tasks = 1 + Int(numbers.uniform(0...0.9999) * Double(Counting.most))
      work.shared = run
      pool.run(tasks: tasks, work)
      for task in 0..<tasks { expected[task] += run }
      if !expected.elementsEqual(work.counts) { wrong += 1 }
      if wrong > 0 { break }
    }
    #expect(wrong == 0)
    pool.run(tasks: 0, work)
    #expect(expected.elementsEqual(work.counts))
  }

  @Test func poolsComeAndGo() {
    for round in 0..<300 {
      let threads = 1 + round % 7
      let pool = WorkerPool(threads: threads)
      let work = Counting(threads: threads)
      work.shared = 1
      for _ in 0..<round % 3 { pool.run(tasks: Counting.most, work) }
      #expect(work.counts.allSatisfy { $0 == round % 3 })
    }
  }

  /// A system that has no room for threads starts none, or late; nobody waits for those.
  @Test func threadsThatDoNotStartAreDoneWithout() {
    var late: [Thread] = []
    var number = 0
    let pool = WorkerPool(
      threads: 6,
      start: { thread in
        number += 1
        switch number % 3 {
        case 0: thread.start()
        case 1: late.append(thread)
        default: break
        }
      })
    let work = Counting(threads: 6)
    work.shared = 1
    for run in 1...200 {
      if run == 100 { for thread in late { thread.start() } }
      pool.run(tasks: Counting.most, work)
      #expect(work.counts.allSatisfy { $0 == run })
    }
  }

  /// Progress rises to 1, on the caller's thread.
  @Test(arguments: [1, 3]) func progressIsTold(_ threads: Int) {
    let told = Mutex<[Double]>([])
    let caller = ObjectIdentifier(Thread.current)
    let pool = WorkerPool(
      threads: threads,
      progress: { done in
        #expect(ObjectIdentifier(Thread.current) == caller)
        told.withLock { $0.append(done) }
      })
    pool.run(tasks: Counting.most, Counting(threads: threads))
    let all = told.withLock { $0 }
    #expect(zip(all, all.dropFirst()).allSatisfy { $0 < $1 } && all.last == 1)
    #expect(all.allSatisfy { (0...1).contains($0) })
    if threads == 1 { #expect(all.count == Counting.most + 1 && all.first == 0) }
  }

  /// A task on a thread of the pool that ends when the caller's thread, which has none left, has asked whether to go on.
  private final class Waiting: ParallelWork {
    let isAsked = DispatchSemaphore(value: 0)
    let hasBegun = DispatchSemaphore(value: 0)

    func perform(task: Int, thread: Int) {
      if thread > 0 {
        hasBegun.signal()
        isAsked.wait()
      } else {
        hasBegun.wait()
      }
    }

    var isCancelled: Bool {
      isAsked.signal()
      return true
    }
  }

  /// A pool whose caller does not ask while it waits never ends this test.
  @Test func theCallerLooksUpWhileItWaits() {
    WorkerPool(threads: 2).run(tasks: 2, Waiting())
  }

  @Test func aPoolLetsGoOfItsWork() {
    let pool = WorkerPool(threads: 3)
    weak var gone: Counting?
    do {
      let work = Counting(threads: 3)
      gone = work
      pool.run(tasks: 8, work)
    }
    #expect(gone == nil)
  }
}
