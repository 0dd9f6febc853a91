import Formulas
import Foundation
import Synchronization
import Testing

@testable import DiffusionDSL

/// What queries refuse, and how they end.
@Suite struct QueryTests {
  static func function(_ variance: @escaping (StepSymbols) -> Formula, steps: Int = 4) -> Diffusion {
    Diffusion {
      GaussianKernel(dimensions: 2)
      ConstantErasure(steps: steps)
      ReverseFunction(dimensions: 2) { x, step in GaussianStep(mean: x * 0.5, variance: variance(step)) }
    }
  }

  private func message(_ body: () throws -> Void) -> String {
    do {
      try body()
      return "none"
    } catch { return "\(error)" }
  }

  // MARK: - Scalings

  @Test func aScalingOfOtherRowsIsRefused() {
    let cases: [(Scaling, String)] = [
      (
        .identity(1),
        "the scaling has 1 means and 1 scales where a row has 2 numbers: give one of each a column"
      ),
      (
        Scaling(mean: [0, 0], scale: [1]),
        "the scaling has 2 means and 1 scales where a row has 2 numbers: give one of each a column"
      ),
      (Scaling(mean: [0, .nan], scale: [1, 1]), "the scaling's mean of column 1 is nan: give a finite number"),
      (
        Scaling(mean: [0, 0], scale: [0, 1]),
        "the scaling's scale of column 0 is 0.0: give a positive number with an inverse"
      ),
      (
        Scaling(mean: [0, 0], scale: [1, .infinity]),
        "the scaling's scale of column 1 is inf: give a positive number with an inverse"
      ),
    ]
    for (scaling, fault) in cases {
      let found = message { _ = try TrainedDiffusion(Self.function(\.beta), scaling: scaling) }
      #expect(found.hasSuffix(": \(fault)"), "\(found)")
    }
    let bits = Diffusion {
      BinomialKernel(bits: 2)
      ConstantErasure(steps: 3)
      ReverseFunction(bits: 2) { _, _ in BinomialStep(dataProbability: 0.5) }
    }
    #expect(
      message { _ = try TrainedDiffusion(bits, scaling: Scaling(mean: [0, 0], scale: [2, 1])) }
        .hasSuffix(": the scaling changes rows of 2 bits, which stay as they are: leave it out"))
    #expect(message { _ = try TrainedDiffusion(bits, scaling: .identity(2)) } == "none")
  }

  @Test(arguments: [
    #"{"mean":[0],"scale":[0]}"#, #"{"mean":[0],"scale":[]}"#, #"{"mean":[0,1],"scale":[1]}"#,
    #"{"mean":[0],"scale":[-1]}"#, #"{"mean":[0],"scale":[1e-320]}"#,
  ])
  func aStoredScalingIsChecked(_ text: String) throws {
    #expect(throws: DecodingError.self) { try JSONDecoder().decode(Scaling.self, from: Data(text.utf8)) }
    let sound = Scaling(mean: [1, 2], scale: [3, 0.5])
    #expect(try JSONDecoder().decode(Scaling.self, from: JSONEncoder().encode(sound)) == sound)
  }

  // MARK: - Options

  @Test func optionsThatAreSetLaterAreBroughtIntoRange() throws {
    var options = ComputeOptions()
    for (threads, used) in [(0, 1), (-5, 1), (1_000_000, 1_024), (7, 7)] {
      options.threads = threads
      #expect(options.threads == used)
    }
    options.threads = 1
    for level in VectorLevel.allCases {
      options.vectorLevel = level
      #expect(options.vectorLevel == (level.isAvailable ? level : .best))
      let samples = try TrainedDiffusion(Self.function(\.beta)).sample(20, seed: 1, options: options)
      #expect(Set(samples.flat).count == 40)
    }
  }

  // MARK: - Numbers that are not finite

  @Test func aVarianceThatIsNegativeIsNamedWithItsStep() async throws {
    // Negative from t = 3 on.
    let definition = Self.function({ 2.5 - $0.t })
    let place = try #require(definition.reversePart.location)
    func expected(_ row: String) -> String {
      "\(place): the reverse step at t = 4 gives numbers that are not finite\(row): "
        + "give its variance or probabilities values that are possible for every x and t"
    }
    let trained = try TrainedDiffusion(definition)
    for threads in [1, 3] {
      let options = ComputeOptions(threads: threads)
      #expect(
        message { _ = try trained.lowerBound(on: [[0.5, 1], [2, 3]], options: options) } == expected(" for row 0"))
      #expect(message { _ = try trained.sample(500, seed: 1, options: options) } == expected(""))
    }
    let later = try TrainedDiffusion(Self.function({ $0.t - 2.5 }))
    #expect(message { _ = try later.lowerBound(on: [[0.5, 1.0]]) }.contains("at t = 2 "))
    #expect(message { _ = try later.sample(500, seed: 1) }.contains("at t = 2 "))
  }

  // MARK: - Symbols

  /// Formulas of another function, or of none, which a file may hold too.
  @Test func aReverseFunctionKnowsItsOwnSymbolsOnly() throws {
    func report(_ foreign: Formula) -> String {
      message {
        _ = try TrainedDiffusion(
          Diffusion {
            GaussianKernel(dimensions: 2)
            ConstantErasure(steps: 4)
            ReverseFunction(dimensions: 2) { x, step in
              GaussianStep(mean: x + sum(foreign), variance: step.beta)
            }
          })
      }
    }
    #expect(report(.stepSymbol("t")) == "none")
    let foreign: [(Formula, String)] = [
      (.symbol("zzz", shape: .scalar, stage: .row), "'zzz' of shape a scalar"),
      (.symbol("x", shape: [3], stage: .row), "'x' of shape [3]"),
      (.symbol("x", shape: [2], stage: .constant), "'x' of shape [2]"),
      (.symbol("beta", shape: [2], stage: .step), "'beta' of shape [2]"),
      (.symbol("beta", shape: .scalar, stage: .constant), "'beta' of shape a scalar"),
      (.input("noise", shape: [2]), "'noise' of shape [2]"), (.input("x0", shape: [2]), "'x0' of shape [2]"),
      (.parameter("schedule.logits", shape: [3]), "'schedule.logits' of shape [3]"),
    ]
    for (formula, name) in foreign {
      #expect(
        report(formula).hasSuffix(
          ": the reverse function uses \(name), which it is not given: "
            + "use no formulas but the x_t and the step that it has as arguments"), "\(name)")
    }
  }

  // MARK: - Cancellation

  /// A query of an hour is left in its middle; if it were not, this test would take as long.
  @Test(arguments: [1, 3]) func cancellingEndsAQuery(_ threads: Int) async throws {
    let trained = try TrainedDiffusion(Self.function(\.beta, steps: 2_000))
    let count = 2_000_000
    let data = try Dataset(complete: Array(repeating: 0.5, count: 2 * count), dimensions: 2)
    let rows = try Dataset(complete: Array(repeating: 0.5, count: 2 * 20_000), dimensions: 2)
    let queries: [(work: String, total: Int, unit: String, query: @Sendable (ComputeOptions) throws -> Void)] = [
      ("sampling", count, "rows", { _ = try trained.sample(count, seed: 1, options: $0) }),
      ("the lower bound", count, "rows", { _ = try trained.lowerBound(on: data, options: $0) }),
      (
        "log p by importance sampling", 2_000_000, "trajectories",
        { _ = try trained.logProbability(of: rows, trajectories: 100, options: $0) }
      ),
      ("the entropy ledger", 1_999, "steps", { _ = try trained.entropyLedger(on: rows, options: $0) }),
      (
        "sampling a posterior", 100, "repeats",
        {
          _ = try trained.posterior { Observe(0, equals: 0.5) }.sample(
            1, method: .particles(20_000, repeats: 100), seed: 1, options: $0)
        }
      ),
    ]
    for (work, total, unit, query) in queries {
      let tilesBegun = Mutex(0)
      let task = Task.detached {
        try query(
          ComputeOptions(threads: threads) { _ in
            let begun = tilesBegun.withLock { count in
              count += 1
              return count
            }
            // Progress is told on the thread that asks the query, so the current task is the query's.
            if begun == 2 { withUnsafeCurrentTask { $0?.cancel() } }
          })
      }
      let error = await #expect(throws: Cancelled.self) { try await task.value }
      #expect(error?.work == work && error?.total == total && error?.unit == unit, "\(String(describing: error))")
      // On one thread a task had been done when the second was taken.
      #expect(error.map { $0.done >= (threads == 1 ? 1 : 0) } == true)
      #expect(error.map { $0.done < $0.total } == true)
      #expect(tilesBegun.withLock { $0 } >= 2)
    }
  }
}
