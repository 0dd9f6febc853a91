import Formulas
import Foundation
import Synchronization

/// A training that runs: its progress as a sequence, its result as a value.
///
///     let training = try definition.training(on: data, using: .adam(rate: 5e-3), steps: 20_000, seed: 1)
///     for await progress in training.progress { print(progress.step, progress.boundBits) }
///     let trained = try await training.value
///
/// Progress values never block training; a slow reader gets only the newest one. Training ends when `cancel()` is
/// called, when the task that awaits `value` is cancelled, or when the loop over `progress` is left before its end;
/// `lastGood` then has the model as it stood.
public final class Training: Sendable {
  /// How far training has come, some times a second; ends with training. Leaving a loop over it stops training.
  public let progress: TrainingProgressSequence
  private let state = Mutex(State())
  private let cancellation: Cancellation

  private struct State {
    var outcome: Result<TrainedDiffusion, any Error>?
    var lastGood: TrainedDiffusion?
    var waiting: [CheckedContinuation<TrainedDiffusion, any Error>] = []
  }

  init(_ trainer: Trainer) {
    let (stream, continuation) = AsyncStream.makeStream(
      of: TrainingProgress.self, bufferingPolicy: .bufferingNewest(1))
    cancellation = trainer.cancellation
    progress = TrainingProgressSequence(stream, cancellation)
    let thread = Thread { [self] in
      let outcome: Result<TrainedDiffusion, any Error>
      do {
        try trainer.run(report: { continuation.yield($0) })
        outcome = .success(trainer.result())
      } catch {
        outcome = .failure(error)
      }
      finish(outcome, lastGood: trainer.trained())
      continuation.finish()
    }
    thread.name = "training"
    thread.stackSize = 8 << 20
    thread.start()
  }

  private func finish(_ outcome: Result<TrainedDiffusion, any Error>, lastGood: TrainedDiffusion) {
    let waiting = state.withLock { state in
      state.outcome = outcome
      state.lastGood = lastGood
      defer { state.waiting = [] }
      return state.waiting
    }
    for continuation in waiting { continuation.resume(with: outcome) }
  }

  /// Stops training within a tile of a step; `value` then throws `Cancelled`.
  public func cancel() { cancellation.cancel() }

  /// The model when training ended, finished or not; nil while it runs. Its training can be resumed.
  public var lastGood: TrainedDiffusion? { state.withLock { $0.lastGood } }

  /// The trained model, when training has ended.
  ///
  /// - Throws: `TrainingError` where a number stopped being finite; `Cancelled` when training was cancelled.
  public var value: TrainedDiffusion {
    get async throws {
      try await withTaskCancellationHandler {
        try await withCheckedThrowingContinuation { continuation in
          let outcome = state.withLock { state -> Result<TrainedDiffusion, any Error>? in
            if state.outcome == nil { state.waiting.append(continuation) }
            return state.outcome
          }
          if let outcome { continuation.resume(with: outcome) }
        }
      } onCancel: {
        cancel()
      }
    }
  }
}

extension Diffusion {
  /// Starts training on a thread of its own.
  ///
  /// Each step draws a minibatch of rows with replacement, noises each tile of it to one step t (stratified over all
  /// steps), and follows the gradient of the bound. Rows are drawn in proportion to their weights, where they have any.
  /// Missing cells are drawn anew from time to time, given the observed ones, from the model as it then is (stochastic
  /// expectation maximisation). Where pi is left to be estimated from data, it is, and the trained model's definition
  /// holds the estimate.
  ///
  /// - Parameters:
  ///   - rows: in the data's units, as wide as the kernel: arrays, a `Dataset`, a `Table`.
  ///   - optimiser: how parameters follow their gradient.
  ///   - steps: updates of the parameters, 1 or more.
  ///   - seed: names every random number that training draws.
  ///   - options: minibatch, scaling, averaging, clipping, step weights, held-out rows, early stopping, threads.
  /// - Throws: `DefinitionError` with all faults of the definition, `DataError` for rows that do not fit,
  ///   `TrainingError.invalidOptions`.
  public func training(
    on rows: some RowSource, using optimiser: any Optimiser = .adam(), steps: Int, seed: UInt64,
    options: TrainingOptions = .init()
  ) throws -> Training {
    let data = try dataset(of: rows)
    let definition = try adapted(to: data)
    let model = try DiffusionModel(definition)
    try check(data, optimiser, steps, options)
    try model.checkTrainable()
    let scaling = try Scaling(definition.kernel, for: data, options.scaling)
    return Training(
      try Trainer(
        model: model, data: data, optimiser: optimiser, steps: steps, seed: seed, options: options, scaling: scaling))
  }

  /// Trains the model; see `training(on:using:steps:seed:options:)`.
  ///
  /// - Throws: also `TrainingError.notFinite`, and `Cancelled` when the task is cancelled.
  public func fit(
    to rows: some RowSource, using optimiser: any Optimiser = .adam(), steps: Int, seed: UInt64,
    options: TrainingOptions = .init()
  ) async throws -> TrainedDiffusion {
    try await training(on: rows, using: optimiser, steps: steps, seed: seed, options: options).value
  }

  /// Rows as the kernel's.
  ///
  /// A faulty definition is reported as such: what its schema makes of the rows would say less.
  ///
  /// - Throws: `DefinitionError`, `DataError`.
  func dataset(of rows: some RowSource) throws -> Dataset {
    if !kernel.faults.isEmpty { _ = try DiffusionModel(self, allowsUndetermined: true) }
    return try rows.dataset(for: schema)
  }

  /// - Throws: `DataError` for rows that do not fit, `TrainingError.invalidOptions`.
  func check(_ data: Dataset, _ optimiser: any Optimiser, _ steps: Int, _ options: TrainingOptions) throws {
    try kernel.checkForTraining(data)
    var faults = optimiser.faults + options.faults
    if let heldOut = options.heldOut {
      if heldOut.dimensions == kernel.dimensions {
        try kernel.check(heldOut)
      } else {
        faults.append(
          "the heldOut rows have \(heldOut.dimensions) numbers where the model has \(kernel.dimensions) dimensions: "
            + "make them equal")
      }
    }
    if steps < 1 { faults.append("steps is \(steps); give 1 or more") }
    if options.stepSampling == .byLoss, optimiser is any WholeGradientOptimiser {
      faults.append(
        "stepSampling is .byLoss, with which a minibatch changes from one evaluation to the next; give .uniform to an "
          + "optimiser that evaluates minibatches more than once")
    }
    if let fault = options.stepWeights.fault(for: schedule, first: firstReverseStep) { faults.append(fault) }
    if !faults.isEmpty { throw TrainingError.invalidOptions(faults) }
  }
}

extension DiffusionModel {
  /// - Throws: `DefinitionError` where there is nothing to train.
  func checkTrainable() throws(DefinitionError) {
    guard parameters.isEmpty else { return }
    throw DefinitionError([
      DefinitionFault("the definition has no parameters to train: make a TrainedDiffusion(_:) of it")
    ])
  }
}

extension TrainedDiffusion {
  /// Updates that the parameters have had, over all trainings that were resumed; nil for a model that cannot be.
  public var trainingSteps: Int? { state?.step }

  /// What its training follows the gradient by, as it goes on where the training is resumed; nil for a model that cannot be,
  /// or an optimiser of a type that was not known when the model was read.
  public var trainingOptimiser: (any Optimiser)? { try? state?.storedOptimiser.optimiser() }

  /// The seed of its training; nil for a model without a state of training.
  public var trainingSeed: UInt64? { state?.seed }

  /// Goes on training where the model's training stopped, up to `totalSteps` in all, as if it had never stopped.
  ///
  /// The data, and options that are not part of the state (threads, held-out rows), must be those of before for
  /// bit-identical results; and so must `totalSteps` where the learning rate's descent takes all of training
  /// (`.cosine` without a period).
  ///
  /// - Parameters:
  ///   - rows: in the data's units: arrays, a `Dataset`, a `Table`.
  ///   - totalSteps: updates in all, those before included (see `trainingSteps`); more than were done.
  ///   - options: threads, held-out rows and stopping; minibatch, averaging, clipping, step sampling and step weights
  ///     stay as they were.
  /// - Throws: `TrainingError.cannotResume` for a model without a training state, or with an optimiser of a type that
  ///   was not handed to its loader; and what `training` throws.
  public func resuming(
    on rows: some RowSource, totalSteps: Int, options: TrainingOptions = .init()
  ) throws -> Training {
    guard let state else {
      throw TrainingError.cannotResume(
        "the model holds no training state: train it anew with fit(to:using:steps:seed:)")
    }
    guard totalSteps > state.step else {
      throw TrainingError.cannotResume(
        "training has done \(state.step) steps; to go on, ask for more in all than that, not \(totalSteps)")
    }
    var options = options
    options.batchSize = state.batchSize
    options.tileRows = state.tileRows
    options.averaging = state.averaging
    options.clipping = state.clipping
    options.stepSampling = state.stepSampling ?? .uniform
    options.stepWeights = state.stepWeights
    let optimiser: any Optimiser
    do {
      optimiser = try state.storedOptimiser.optimiser()
    } catch {
      throw TrainingError(error)
    }
    let data = try definition.dataset(of: rows)
    try definition.check(data, optimiser, totalSteps, options)
    return Training(
      try Trainer(
        model: model, data: data, optimiser: optimiser, steps: totalSteps, seed: state.seed, options: options,
        scaling: scaling, state: state))
  }

  /// Goes on training; see `resuming(on:totalSteps:options:)`.
  ///
  /// - Throws: also `TrainingError.notFinite`, and `Cancelled` when the task is cancelled.
  public func resume(
    on rows: some RowSource, totalSteps: Int, options: TrainingOptions = .init()
  ) async throws -> TrainedDiffusion {
    try await resuming(on: rows, totalSteps: totalSteps, options: options).value
  }

  /// The name of before, for one release.
  @available(*, deprecated, renamed: "resuming(on:totalSteps:options:)")
  public func resumedTraining(
    on rows: some RowSource, totalSteps: Int, options: TrainingOptions = .init()
  ) throws -> Training {
    try resuming(on: rows, totalSteps: totalSteps, options: options)
  }
}
