import Foundation
import Synchronization
import Testing

@testable import DiffusionDSL

/// A training as something that runs: progress, its end, and how it is stopped.
@Suite struct TrainingRunTests {
  static let model = SmallModel.perStep
  /// More steps than any test waits for.
  static let endless = 1_000_000_000

  @Test func progressAscendsAndEndsWithTraining() async throws {
    let training = try TrainingRunTests.model.definition.training(
      on: TrainingRunTests.model.data(), using: .adam(rate: 1e-3), steps: 20_000, seed: 1,
      options: TrainingOptions(batchSize: 64, threads: 1))
    var values: [TrainingProgress] = []
    for await progress in training.progress { values.append(progress) }
    let trained = try await training.value
    #expect(values.last?.step == 20_000)
    for (value, next) in zip(values, values.dropFirst()) { #expect(value.step < next.step) }
    for value in values {
      #expect(value.steps == 20_000)
      #expect(value.boundBits.isFinite && value.stepsPerSecond > 0 && value.heldOutBits == nil)
      #expect((value.secondsLeft == 0) == (value.step == 20_000))
    }
    #expect(trained.state?.step == 20_000)
    #expect(training.lastGood?.parameters == trained.parameters)
    // The running average of minibatches' estimates is near the bound itself.
    let bound = try trained.lowerBound(on: TrainingRunTests.model.data())
    #expect(abs((values.last?.boundBits ?? 0) - bound.bits) < 0.5)
  }

  @Test func whoeverIsSlowGetsTheNewest() async throws {
    let training = try TrainingRunTests.model.definition.training(
      on: TrainingRunTests.model.data(), steps: 5_000, seed: 1, options: TrainingOptions(batchSize: 16, threads: 1))
    // Nobody has asked for progress yet, and training ends all the same.
    _ = try await training.value
    var steps: [Int] = []
    for await progress in training.progress { steps.append(progress.step) }
    #expect(steps == [5_000])
  }

  private func check(_ training: Training, sourceLocation: Testing.SourceLocation = #_sourceLocation) async throws {
    let error = await #expect(throws: Cancelled.self, sourceLocation: sourceLocation) { _ = try await training.value }
    let lastGood = try #require(training.lastGood, sourceLocation: sourceLocation)
    let step = try #require(lastGood.state?.step, sourceLocation: sourceLocation)
    #expect(step < TrainingRunTests.endless, sourceLocation: sourceLocation)
    #expect(
      error == Cancelled("training", done: step, of: TrainingRunTests.endless, "steps"), sourceLocation: sourceLocation)
    #expect(lastGood.parameters.allSatisfy { $0.isFinite }, sourceLocation: sourceLocation)
    // It is a model like any other.
    #expect(try lastGood.sample(3, seed: 1).count == 3, sourceLocation: sourceLocation)
  }

  private func endlessTraining(_ change: (inout TrainingOptions) -> Void = { _ in }) throws -> Training {
    try TrainingRunTests.model.definition.training(
      on: TrainingRunTests.model.data(), using: .adam(rate: 1e-4), steps: TrainingRunTests.endless, seed: 1,
      options: TrainingOptions(batchSize: 32, threads: 1).with(change))
  }

  @Test func leavingTheLoopStopsTraining() async throws {
    let training = try endlessTraining()
    var seen = 0
    for await progress in training.progress {
      seen = progress.step
      break
    }
    try await check(training)
    #expect(seen >= 1 && (training.lastGood?.state?.step ?? 0) >= seen)
  }

  @Test func anErrorInTheLoopStopsTraining() async throws {
    struct Interruption: Error {}
    let training = try endlessTraining()
    await #expect(throws: Interruption.self) {
      for await _ in training.progress { throw Interruption() }
    }
    try await check(training)
  }

  @Test func cancellingTheTaskThatAwaitsTheResultStopsTraining() async throws {
    let training = try endlessTraining()
    let task = Task { try await training.value }
    // Training has begun. The loop goes on until the end: leaving it would stop training too.
    var loop = training.progress.makeAsyncIterator()
    #expect(await loop.next() != nil)
    task.cancel()
    await #expect(throws: Cancelled.self) { _ = try await task.value }
    while await loop.next() != nil {}
    try await check(training)
  }

  @Test func cancellingTheTaskThatReadsProgressStopsTraining() async throws {
    let training = try endlessTraining()
    let (begun, continuation) = AsyncStream.makeStream(of: Int.self)
    let task = Task { for await progress in training.progress { continuation.yield(progress.step) } }
    #expect(await begun.first { _ in true } != nil)
    task.cancel()
    await task.value
    try await check(training)
  }

  @Test func cancellingAFitStopsIt() async throws {
    let (begun, continuation) = AsyncStream.makeStream(of: Bool.self)
    let task = Task {
      continuation.yield(true)
      return try await TrainingRunTests.model.definition.fit(
        to: TrainingRunTests.model.data(), steps: TrainingRunTests.endless, seed: 1)
    }
    #expect(await begun.first { $0 } != nil)
    task.cancel()
    await #expect(throws: Cancelled.self) { _ = try await task.value }
    // A task that was cancelled before it began, too.
    let late = Task {
      while !Task.isCancelled { await Task.yield() }
      return try await TrainingRunTests.model.definition.fit(
        to: TrainingRunTests.model.data(), steps: TrainingRunTests.endless, seed: 1)
    }
    late.cancel()
    await #expect(throws: Cancelled.self) { _ = try await late.value }
  }

  /// Counts how often work asks whether it is cancelled, which it does at every tile, and cancels it at a given time.
  private final class Questions: Sendable {
    private let count = Mutex(0)
    private let limit: Int

    init(limit: Int = .max) { self.limit = limit }

    var asked: Int { count.withLock { $0 } }

    var cancellation: Cancellation {
      Cancellation(of: "training", 2, "steps") { [self] in
        count.withLock { count in
          count += 1
          return count >= limit
        }
      }
    }
  }

  /// Cancels a training of two steps when it has asked so often, and checks that it then does nothing more.
  ///
  /// - Returns: the steps done.
  private func steps(cancelledAt limit: Int, _ options: TrainingOptions) throws -> Int {
    let questions = Questions(limit: limit)
    let trainer = try TrainingRunTests.model.trainer(
      steps: 2, options: options, cancellation: questions.cancellation)
    let error = #expect(throws: Cancelled.self) { try trainer.run(report: { _ in }) }
    // Once cancelled it is so for good, and the condition is not asked again.
    #expect(questions.asked == limit)
    let step = try #require(trainer.trained().state?.step)
    #expect(error == Cancelled("training", done: step, of: 2, "steps"))
    return step
  }

  private func questions(_ steps: Int, _ options: TrainingOptions) throws -> Int {
    let questions = Questions()
    let trainer = try TrainingRunTests.model.trainer(
      steps: steps, options: options, cancellation: questions.cancellation)
    try trainer.run(report: { _ in })
    return questions.asked
  }

  /// A minibatch is left in its middle, at any of its tiles.
  @Test func cancellingDoesNotWaitForAStep() throws {
    let options = TrainingOptions(batchSize: 64 * 100, threads: 1)
    let step = try questions(1, options)
    #expect(step >= 100)
    for limit in [1, 50, 100] { #expect(try steps(cancelledAt: limit, options) == 0, "at \(limit)") }
    #expect(try steps(cancelledAt: step + 50, options) == 1)
  }

  /// So is an evaluation on held-out rows.
  @Test func cancellingDoesNotWaitForAnEvaluation() throws {
    var options = TrainingOptions(batchSize: 32, threads: 1)
    let step = try questions(1, options)
    options.heldOut = try TrainingRunTests.model.data(3_000)
    options.evaluateEvery = 1
    let withEvaluation = try questions(1, options)
    #expect(withEvaluation >= step + 24)
    for limit in [step + 1, (step + withEvaluation) / 2, withEvaluation] {
      #expect(try steps(cancelledAt: limit, options) == 1, "at \(limit)")
    }
  }

  // MARK: - Held-out rows

  /// The bounds that evaluations after every ten steps give.
  private func evaluations(_ optimiser: any Optimiser, _ count: Int, _ data: Dataset, _ heldOut: Dataset) throws
    -> [Double]
  {
    try (1...count).map { round in
      try TrainingRunTests.model.trained(optimiser, steps: 10 * round, seed: 5, data: data)
        .lowerBound(on: heldOut, seed: 5).bits
    }
  }

  @Test func theBestModelOnHeldOutRowsIsKept() async throws {
    let model = TrainingRunTests.model
    let (data, heldOut) = (try model.data(4, seed: 2), try model.data(200, seed: 3))
    // Four rows are soon learned by heart.
    let optimiser = Adam(rate: 2e-2)
    let bits = try evaluations(optimiser, 30, data, heldOut)
    let best = try #require(bits.max())
    #expect(best != bits.last)
    let kept = try model.trained(
      optimiser, steps: 300, seed: 5, options: TrainingOptions(heldOut: heldOut, evaluateEvery: 10), data: data)
    #expect(try kept.lowerBound(on: heldOut, seed: 5).bits == best)
    #expect(kept.state?.step == 300)
    // Progress says what the evaluations gave.
    let training = try model.definition.training(
      on: data, using: optimiser, steps: 300, seed: 5, options: TrainingOptions(heldOut: heldOut, evaluateEvery: 10))
    var last: TrainingProgress?
    for await progress in training.progress { last = progress }
    #expect(last?.heldOutBits == bits.last)
  }

  @Test func earlyStoppingStops() throws {
    let model = TrainingRunTests.model
    let (data, heldOut) = (try model.data(4, seed: 2), try model.data(200, seed: 3))
    let optimiser = Adam(rate: 2e-2)
    // So few that a training which does not stop ends too.
    let most = 5_000
    let stopped = try model.trained(
      optimiser, steps: most, seed: 5,
      options: TrainingOptions(heldOut: heldOut, evaluateEvery: 10, earlyStopping: .init(patience: 3)), data: data)
    let steps = try #require(stopped.state?.step)
    try #require(steps < most && steps % 10 == 0)
    let bits = try evaluations(optimiser, steps / 10, data, heldOut)
    // The last three are no better than the best before them, and at no earlier point were three in a row.
    var withoutGain = 0
    var best = -Double.infinity
    for (index, value) in bits.enumerated() {
      withoutGain = value > best ? 0 : withoutGain + 1
      best = max(best, value)
      #expect((withoutGain == 3) == (index == bits.count - 1))
    }
    #expect(try stopped.lowerBound(on: heldOut, seed: 5).bits == best)
  }

  // MARK: - Options

  @Test func allInvalidOptionsAreReportedTogether() async throws {
    let data = try TrainingRunTests.model.data()
    func message(_ optimiser: any Optimiser, steps: Int = 1, _ options: TrainingOptions = .init()) async -> String {
      do {
        _ = try await TrainingRunTests.model.definition.fit(
          to: data, using: optimiser, steps: steps, seed: 1, options: options)
        return "none"
      } catch { return "\(error)" }
    }
    #expect(
      await message(
        .adam(rate: 0, beta1: 1, beta2: -0.5, epsilon: 0), steps: 0,
        TrainingOptions(
          batchSize: 0, averaging: 1, clipping: 0, evaluateEvery: 0, earlyStopping: .init(patience: 0), threads: 0))
        == "the learning rate is 0.0; give a positive number, at most 1e12; "
        + "beta1 is 1.0; give a number from 0 to below 1; beta2 is -0.5; give a number from 0 to below 1; "
        + "epsilon is 0.0; give a number from 1e-30, say 1e-8; batchSize is 0; give 1 or more; "
        + "averaging is 1.0; give a decay from 0 to below 1, for instance 0.999; "
        + "clipping is 0.0; give a positive norm; evaluateEvery is 0; give 1 or more; threads is 0; give 1 or more; "
        + "early stopping needs heldOut rows to watch; patience is 0; give 1 or more; steps is 0; give 1 or more")
    #expect(
      await message(
        .rmsprop(rate: .cosine(.infinity, final: 2, period: 0, warmup: -1), decay: .nan, momentum: 1, epsilon: .nan),
        TrainingOptions(batchSize: 1 << 29, averaging: .nan, clipping: .nan, threads: 2_000))
        == "the learning rate is inf; give a positive number, at most 1e12; warmup is -1; give 0 or more steps; "
        + "final is 2.0; give the last rate as a part of the first, from 0 to 1; period is 0; give 1 step or more; "
        + "the decay of RMSprop is nan; give a number from 0 to below 1; "
        + "the momentum is 1.0; give a number from 0 to below 1; epsilon is nan; give a number from 1e-30, say 1e-8; "
        + "batchSize is 536870912; give at most 268435456; "
        + "averaging is nan; give a decay from 0 to below 1, for instance 0.999; "
        + "clipping is nan; give a positive norm; threads is 2000; give at most 1024")
    #expect(
      await message(.sgd(rate: .steps(1e-3, factor: 0, every: 0), momentum: 2))
        == "factor is 0.0; give a number above 0 and at most 1; every is 0; give 1 step or more; "
        + "the momentum is 2.0; give a number from 0 to below 1")
    for decay in [-0.1, .nan, .infinity, 1e3] {
      #expect(
        await message(.adam(rate: 1e-3, weightDecay: decay))
          == "weightDecay is \(decay); give a number from 0, and times the learning rate below 1, say 0.01")
    }
  }
}
