/// A measured piece of work: the same arithmetic as the peers' program of the same name.
struct Workload: Sendable {
  /// What the command line calls it.
  let name: String
  /// What one unit of useful work is, in the plural: rates are reported in `unit`/s.
  let unit: String
  /// How many timed runs the median is taken over.
  var repeats = 5
  /// Builds the model and its data, which is not timed, and returns the work.
  let prepare: @Sendable (_ threads: Int) async throws -> Run

  /// What one timed run does, and how many units of work it does.
  struct Run: Sendable {
    let units: Int
    let body: @Sendable () async throws -> Void
  }

  /// Runs once to warm up, then `repeats` times, and returns the units per second of the median run.
  func rate(threads: Int) async throws -> Double {
    let run = try await prepare(threads)
    try await run.body()
    var seconds: [Double] = []
    for _ in 0..<max(repeats, 1) {
      let elapsed = try await ContinuousClock().measure { try await run.body() }
      seconds.append(elapsed / .seconds(1))
    }
    seconds.sort()
    let upper = seconds[seconds.count / 2]
    let lower = seconds[(seconds.count - 1) / 2]
    return Double(run.units) / ((lower + upper) / 2)
  }
}

/// Workloads that differ in one number. They run where the sweep's name is given, and not with all others.
struct Sweep: Sendable {
  let name: String
  let workloads: [Workload]
}
