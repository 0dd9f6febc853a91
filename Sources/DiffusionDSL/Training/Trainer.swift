import Formulas
import Foundation

/// The training loop: evaluations of the objective and updates, the average of parameters, evaluations on held-out
/// rows, early stopping and progress, on a thread of its own.
final class Trainer: @unchecked Sendable {
  private let model: DiffusionModel
  private let scaling: Scaling
  private let optimiser: any Optimiser
  private let options: TrainingOptions
  private let steps: Int
  private let seed: UInt64
  private let pool: WorkerPool
  let cancellation: Cancellation
  private let objective: TrainingObjective
  private let evaluator: ObjectiveEvaluator
  private let updates: OptimiserUpdates
  private let average: ParameterAverage
  private var step = 0
  private var runningLoss = 0.0
  private var runningWeight = 0.0
  private var selection = TrainingState.Selection()
  /// `selection` as of the last scheduled evaluation. Training ends with an extra one, which is not stored: a training
  /// that goes on from here has none at this step.
  private var selectionToResume = TrainingState.Selection()
  private var heldOutBits: Double?

  /// - Parameters:
  ///   - start: where the parameters begin; nil: as the model's definition says.
  ///   - state: where a training stopped that is to go on.
  ///   - given: asked at every tile; nil: one that asks the task alone.
  init(
    model: DiffusionModel, data: Dataset, optimiser: any Optimiser, steps: Int, seed: UInt64,
    options: TrainingOptions, scaling: Scaling, parameters start: [Float]? = nil, state: TrainingState? = nil,
    cancellation given: Cancellation? = nil
  ) throws {
    self.model = model
    self.optimiser = optimiser
    self.steps = steps
    self.seed = seed
    self.options = options
    self.scaling = scaling
    let cancellation = given ?? Cancellation(of: "training", steps, "steps")
    self.cancellation = cancellation
    if let state { try Trainer.check(state, model: model, data: data) }
    pool = WorkerPool(threads: options.threads)
    objective = try TrainingObjective(
      model, data, scaling,
      start: state?.parameters ?? start ?? model.initialParameters(seed: seed, data: data, scaling: scaling),
      seed: seed, options: options, pool: pool, cancellation: cancellation)
    evaluator = ObjectiveEvaluator(objective, steps: steps, clipping: options.clipping)
    do {
      updates = try optimiser.updates(of: objective.parameters, from: state?.tensors)
    } catch let error as OptimiserError {
      throw TrainingError(error)
    }
    average = ParameterAverage(of: objective.parameters, averaging: options.averaging)
    if let state { try restore(state) }
  }

  // MARK: - The loop

  /// Trains to the last step, or until cancelled.
  ///
  /// - Parameter report: gets progress some times a second.
  func run(report: (TrainingProgress) -> Void) throws {
    let began = ContinuousClock.now
    let firstStep = step
    var lastReport = began
    while step < steps {
      try advance()
      if options.heldOut != nil, step % options.evaluateEvery == 0 || step == steps {
        if try evaluate() { break }
      }
      // Reading the clock costs less than a step of the smallest model, so it is done at every step; a report costs
      // more.
      let now = ContinuousClock.now
      if now - lastReport > .milliseconds(50) || step == steps {
        lastReport = now
        report(progress(since: began, from: firstStep, now: now))
      }
    }
  }

  private func progress(
    since began: ContinuousClock.Instant, from first: Int, now: ContinuousClock.Instant
  ) -> TrainingProgress {
    let seconds = max(
      1e-9, Double((now - began).components.seconds) + Double((now - began).components.attoseconds) * 1e-18)
    let rate = Double(step - first) / seconds
    return TrainingProgress(
      step: step, steps: steps, boundBits: boundBits, heldOutBits: heldOutBits, stepsPerSecond: rate,
      secondsLeft: Double(steps - step) / max(1e-9, rate))
  }

  private var boundBits: Double {
    (-runningLoss / max(1e-300, runningWeight) - scaling.logVolume) / M_LN2
  }

  /// One update.
  private func advance() throws {
    try objective.renewMissingCells(step: step)
    evaluator.begin(step: step)
    let touched: [[Int]]
    do {
      touched = try updates.prepare(evaluator)
    } catch let error as NotFinite {
      throw TrainingError.notFinite(
        step: step, timeStep: error.timeStep, place: error.place, cause: cause(timeStep: error.timeStep),
        lastGood: trained())
    } catch let error as OptimiserError {
      throw TrainingError(error)
    }
    try cancellation.check()
    if let loss = evaluator.firstBoundLoss {
      runningLoss = 0.99 * runningLoss + 0.01 * loss
      runningWeight = 0.99 * runningWeight + 0.01
    }
    average.catchUp(touched)
    updates.apply(touched)
    objective.weighSteps()
    average.follow(touched, step: step)
    step += 1
    cancellation.advance(by: 1)
  }

  /// Why the evaluation at hand is not finite.
  private func cause(timeStep: Int) -> NonFiniteCause {
    step > 0
      ? .updates
      : NonFiniteCause(data: objective.data, scaling, betas: model.definition.schedule.betas, timeStep: timeStep)
  }

  /// Scores the held-out rows; true when it is time to stop.
  private func evaluate() throws -> Bool {
    guard let heldOut = options.heldOut else { return false }
    let candidate = trained(keepingState: false)
    let compute = ComputeOptions(
      threads: options.threads, precision: options.precision, vectorLevel: options.vectorLevel)
    let bits: Double
    do {
      bits = try candidate.lowerBound(
        on: heldOut, seed: seed, options: compute, pool: pool,
        cancellation: Cancellation(of: "scoring held-out rows", heldOut.count, "rows") { [cancellation] in
          cancellation.isCancelled
        }
      ).bits
    } catch is Cancelled {
      // What was cancelled is the training.
      throw cancellation.error
    } catch let error as NonFiniteStep {
      throw TrainingError.notFinite(
        step: step, timeStep: error.step ?? 0, place: "the bound on held-out rows", cause: .updates,
        lastGood: trained())
    }
    heldOutBits = bits
    if bits > selection.best?.bits ?? -.infinity {
      selection = .init(best: (bits, candidate.parameters))
    } else {
      selection.evaluationsWithoutGain += 1
    }
    if step % options.evaluateEvery == 0 { selectionToResume = selection }
    return selection.evaluationsWithoutGain >= options.earlyStopping?.patience ?? .max
  }

  // MARK: - Results and state

  /// The model as it stands.
  func trained(keepingState: Bool = true) -> TrainedDiffusion {
    TrainedDiffusion(
      model: model, parameters: average.result(), scaling: scaling, state: keepingState ? state() : nil)
  }

  /// The model with the best bound on held-out rows, or as it stands where there were none.
  func result() -> TrainedDiffusion {
    guard let best = selection.best else { return trained() }
    return TrainedDiffusion(model: model, parameters: best.parameters, scaling: scaling, state: state())
  }

  private func state() -> TrainingState {
    let missing = objective.missingCells
    let best = selectionToResume.best
    var state = TrainingState(
      storedOptimiser: .known(optimiser), seed: seed, batchSize: options.batchSize,
      tileRows: options.usedTileRows, averaging: options.averaging, clipping: options.clipping, step: step,
      steps: steps, averageClock: average.clock, runningLoss: runningLoss, runningWeight: runningWeight,
      sliceCounts: objective.parameters.sliceCounts, bestBits: best?.bits,
      evaluationsWithoutGain: best.map { _ in selectionToResume.evaluationsWithoutGain },
      missingCells: missing.isEmpty ? nil : missing.count)
    if options.stepSampling == .byLoss { state.stepSampling = .byLoss }
    state.tensors = updates.tensors().merging(average.tensors) { _, own in own }
    state.tensors[TrainingState.Name.parameters] = StateTensor(objective.parameters.buffer.floatValues)
    if let weights = objective.stepWeights { state.tensors[TrainingState.Name.stepWeights] = StateTensor(weights) }
    if let losses = objective.stepLosses { state.tensors[TrainingState.Name.stepLosses] = losses }
    if let best { state.tensors[TrainingState.Name.best] = StateTensor(best.parameters) }
    if !missing.isEmpty { state.tensors[TrainingState.Name.missingCells] = StateTensor(missing) }
    return state
  }

  /// - Throws: `TrainingError.cannotResume` for a state of another definition's or of other data.
  private static func check(_ state: TrainingState, model: DiffusionModel, data: Dataset) throws(TrainingError) {
    let count = model.layout.count
    guard state.parameters.count == count, state.selection.best.map({ $0.parameters.count == count }) ?? true,
      state.missingDraws.count == data.missingCells
    else { throw .unfittingState }
  }

  private func restore(_ state: TrainingState) throws(TrainingError) {
    guard state.sliceCounts == objective.parameters.sliceCounts else { throw .unfittingState }
    step = state.step
    cancellation.advance(by: step)
    objective.missingCells = state.missingDraws
    objective.stepLosses = state.tensors[TrainingState.Name.stepLosses]
    try average.restore(state)
    runningLoss = state.runningLoss
    runningWeight = state.runningWeight
    // The choice is among evaluations on held-out rows; without such rows the model is the last.
    if options.heldOut != nil {
      selection = state.selection
      selectionToResume = selection
    }
  }
}
