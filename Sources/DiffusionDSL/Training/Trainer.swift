import Distributions
import Expressions
import Foundation
import Synchronization

/// The training loop: minibatches of noised rows, their gradients, and updates, on a thread of its own.
final class Trainer: @unchecked Sendable {
  private let model: DiffusionModel
  private let data: Dataset
  private let scaling: Scaling
  private let optimiser: Optimiser
  private let options: TrainingOptions
  private let steps: Int
  private let seed: UInt64
  private let pool: WorkerPool
  private let runner: GradientRunner
  private let feeder: TrainingFeeder
  /// Nil where no cell is missing.
  private let missing: MissingCellDraws?
  private let update: ParameterOptimiser
  private let times: NoiseSource
  private let uniforms: UnsafeMutableBufferPointer<Float>
  private var step = 0
  private var runningLoss = 0.0
  private var runningWeight = 0.0
  private var selection = TrainingState.Selection()
  /// Without an evaluation that only took place because training ended: one that goes on has none there.
  private var selectionToResume = TrainingState.Selection()
  private var heldOutBits: Double?

  /// - Parameters:
  ///   - given: where the parameters begin; nil: as the model's definition says.
  ///   - state: where a training stopped that is to go on.
  init(
    model: DiffusionModel, data: Dataset, optimiser: Optimiser, steps: Int, seed: UInt64, options: TrainingOptions,
    scaling: Scaling, parameters given: [Float]? = nil, state: TrainingState? = nil
  ) throws {
    self.model = model
    self.data = data
    self.optimiser = optimiser
    self.steps = steps
    self.seed = seed
    self.options = options
    self.scaling = scaling
    pool = WorkerPool(threads: options.threads)
    let program: TileProgram
    do {
      program = try TileProgram(
        outputs: [], loss: model.trainingLoss, frozen: model.frozen, layout: model.layout, precision: options.precision)
    } catch {
      throw DefinitionError([DefinitionFault("\(error)", at: model.definition.reversePart.location)])
    }
    let start = state?.parameters ?? given ?? model.initialParameters(seed: seed, data: data, scaling: scaling)
    let parameters = AlignedBuffer(count: model.layout.count, precision: options.precision)
    for (index, value) in start.enumerated() where index < parameters.count { parameters[index] = Double(value) }
    let shared = SharedValues(program: program, parameters: parameters, level: options.vectorLevel)
    runner = GradientRunner(
      shared: shared, pool: pool, tileRows: options.tileRows ?? Trainer.tileRows(batch: options.batchSize),
      batch: options.batchSize, stepCount: model.steps)
    missing =
      data.missingCells > 0
      ? try MissingCellDraws(
        model, data, scaling, parameters: parameters, seed: seed, batch: options.batchSize, level: options.vectorLevel,
        pool: pool)
      : nil
    feeder = TrainingFeeder(
      program: program, data: missing?.filled ?? data, scaling: scaling, seed: seed, model: model, tiles: runner.tiles)
    update = ParameterOptimiser(
      program: program, optimiser: optimiser, averaging: options.averaging, parameters: parameters,
      level: options.vectorLevel)
    times = NoiseSource(seed: seed, purpose: "training time")
    uniforms = .allocate(capacity: TileWorkspace.padded(runner.tiles))
    uniforms.initialize(repeating: 0)
    if let state { try restore(state) }
  }

  deinit {
    uniforms.deallocate()
  }

  /// Enough tiles that their steps t are spread over all, few enough that a tile is worth its overhead.
  private static func tileRows(batch: Int) -> Int {
    min(64, max(16, (batch / 16 + 8) / 16 * 16))
  }

  // MARK: - The loop

  /// Trains to the last step, or until told to stop.
  ///
  /// - Parameters:
  ///   - cancellation: asked at every tile.
  ///   - report: gets progress some times a second.
  func run(_ cancellation: Cancellation, report: (TrainingProgress) -> Void) throws {
    feeder.cancellation = cancellation
    let began = ContinuousClock.now
    let firstStep = step
    var lastReport = began
    while step < steps {
      try advance(cancellation)
      if options.heldOut != nil, step % options.evaluateEvery == 0 || step == steps {
        if try evaluate(cancellation) { break }
      }
      // Asking for the time costs less than a step of the smallest model; telling does not.
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

  /// One minibatch, one update.
  private func advance(_ cancellation: Cancellation) throws {
    if let missing, step % missing.period == 0 {
      missing.draw(step: step, cancellation)
      if cancellation.isCancelled { throw CancellationError() }
      feeder.data = missing.filled
    }
    feeder.begin(step: step)
    runner.shared.update()
    drawTimes()
    let first = model.firstReverseStep
    let allowed = max(1, model.steps - first + 1)
    let tiles = runner.tiles
    let loss = runner.run(feeder: feeder) { [uniforms] tile in
      // Each tile has a stratum of the steps of its own, so a minibatch meets all parts of the trajectory.
      let position = (Double(tile) + Double(uniforms[tile])) / Double(tiles)
      return min(model.steps, first + Int(position * Double(allowed)))
    }
    if cancellation.isCancelled { throw CancellationError() }
    let norm = update.norm(of: runner.gradient, touched: runner.touched)
    guard loss.isFinite, norm.isFinite else { throw nonFinite() }
    runningLoss = 0.99 * runningLoss + 0.01 * loss
    runningWeight = 0.99 * runningWeight + 0.01
    let scale = options.clipping.map { norm > $0 ? $0 / norm : 1 } ?? 1
    update.apply(
      runner.gradient, touched: runner.touched, step: step, rate: optimiser.rate.rate(at: step, of: steps),
      scale: scale)
    step += 1
  }

  private func drawTimes() {
    guard let base = uniforms.baseAddress else { return }
    times.fillUniforms(base, features: 1, lanes: uniforms.count, firstChain: 0, step: UInt32(truncatingIfNeeded: step))
  }

  private func nonFinite() -> TrainingError {
    let found = runner.findNonFinite(feeder: feeder)
    let gradient = runner.gradient
    let parameter = (0..<gradient.count).first { !gradient[$0].isFinite }.flatMap {
      runner.program.layout.entry(at: $0)
    }
    return .notFinite(
      step: step, timeStep: found?.step ?? runner.tile(0).step,
      place: found?.place ?? parameter.map { "the gradient of parameter '\($0.name)'" } ?? "the sum of the losses",
      lastGood: trained())
  }

  /// Scores the held-out rows; true when it is time to stop.
  private func evaluate(_ cancellation: Cancellation) throws -> Bool {
    guard let heldOut = options.heldOut else { return false }
    let candidate = trained(keepingState: false)
    let compute = ComputeOptions(
      threads: options.threads, precision: options.precision, vectorLevel: options.vectorLevel)
    let bits: Double
    do {
      bits = try candidate.lowerBound(
        on: heldOut, seed: seed, options: compute, pool: pool, cancellation: cancellation
      ).bits
    } catch let error as NonFiniteStep {
      throw TrainingError.notFinite(
        step: step, timeStep: error.step, place: "the bound on held-out rows", lastGood: trained())
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
      model: model, parameters: update.result(), scaling: scaling, state: keepingState ? state() : nil)
  }

  /// The model with the best bound on held-out rows, or as it stands where there were none.
  func result() -> TrainedDiffusion {
    guard let best = selection.best else { return trained() }
    return TrainedDiffusion(model: model, parameters: best.parameters, scaling: scaling, state: state())
  }

  private func state() -> TrainingState {
    func floats(_ buffer: AlignedBuffer) -> [Float] { buffer.values.map { Float($0) } }
    return TrainingState(
      optimiser: optimiser, seed: seed, batchSize: options.batchSize,
      tileRows: options.tileRows ?? Trainer.tileRows(batch: options.batchSize), averaging: options.averaging,
      clipping: options.clipping, step: step, steps: steps, parameters: floats(update.parameters),
      firstMoment: floats(update.first), secondMoment: floats(update.second), sliceUpdates: update.sliceUpdates,
      missingCells: missing?.cells ?? [], average: floats(update.average), averageClock: update.averageClock,
      sliceClocks: update.sliceClocks,
      runningLoss: runningLoss, runningWeight: runningWeight, selection: selectionToResume)
  }

  /// - Throws: `TrainingError.cannotResume` for a state of another definition's.
  private func restore(_ state: TrainingState) throws {
    let count = update.parameters.count
    guard
      [state.parameters, state.firstMoment, state.secondMoment].allSatisfy({ $0.count == count }),
      state.average.count == update.average.count, state.selection.best.map({ $0.parameters.count == count }) ?? true,
      state.sliceUpdates.map(\.count) == update.sliceUpdates.map(\.count),
      state.sliceClocks.map(\.count) == update.sliceClocks.map(\.count),
      state.missingCells.count == data.missingCells
    else {
      throw TrainingError.cannotResume(
        "the model's training state does not fit its definition and the data's missing cells: train it anew with "
          + "fit(to:using:steps:seed:)")
    }
    step = state.step
    missing?.cells = state.missingCells
    if let missing { feeder.data = missing.filled }
    for (index, value) in state.firstMoment.enumerated() where index < update.first.count {
      update.first[index] = Double(value)
    }
    for (index, value) in state.secondMoment.enumerated() where index < update.second.count {
      update.second[index] = Double(value)
    }
    update.sliceUpdates = state.sliceUpdates
    if options.averaging != nil {
      update.restoreAverage(state.average, clock: state.averageClock, sliceClocks: state.sliceClocks)
    }
    runningLoss = state.runningLoss
    runningWeight = state.runningWeight
    // The choice is among evaluations on held-out rows; without such rows the model is the last.
    if options.heldOut != nil {
      selection = state.selection
      selectionToResume = selection
    }
  }
}

/// Fills training tiles: rows of data drawn with replacement, and their noise, both addressed by training step and the
/// row's place in the minibatch.
private final class TrainingFeeder: TileFeeder, @unchecked Sendable {
  private let scaling: PreparedScaling
  private let rowChoice: RowChoice
  private let noise: TileNoise
  private let tiles: Int
  private let dataInput: TileInput
  private let weightInput: TileInput
  // Written between minibatches only.
  var data: Dataset
  private var step: UInt32 = 0
  var cancellation = Cancellation()

  init(
    program: TileProgram, data: Dataset, scaling: Scaling, seed: UInt64, model: DiffusionModel, tiles: Int
  ) {
    self.data = data
    self.scaling = PreparedScaling(scaling)
    self.tiles = tiles
    dataInput = program.input(DiffusionModel.data)
    weightInput = program.input(TileProgram.rowWeight)
    rowChoice = RowChoice(data, seed: seed)
    noise = TileNoise(seed: seed, purpose: "training noise", for: program, model)
  }

  func begin(step: Int) { self.step = UInt32(truncatingIfNeeded: step) }

  var isCancelled: Bool { cancellation.isCancelled }

  func fill(_ workspace: TileWorkspace, firstRow: Int, rows: Int, lanes: Int, step _: Int) {
    withUnsafeTemporaryAllocation(of: Int32.self, capacity: rows) { indices in
      guard let base = indices.baseAddress else { return }
      rowChoice.fill(base, rows: rows, firstChain: UInt64(firstRow), step: step)
      data.withNumbers { numbers in
        workspace.gather(
          dataInput, from: numbers, dimensions: data.dimensions, rows: UnsafeBufferPointer(indices),
          lanes: lanes, scaling: scaling)
      }
    }
    noise.fill(workspace, lanes: lanes, firstChain: UInt64(firstRow), step: step)
    // Tiles count alike, since each stands for a stratum of the steps; within one, rows count alike.
    workspace.fill(weightInput, with: 1 / (Double(tiles) * Double(rows)), rows: rows, lanes: lanes)
  }
}
