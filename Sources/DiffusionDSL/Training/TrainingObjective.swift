import Distributions
import Formulas

/// The function that training minimises: the loss on a minibatch (minus the bound K, in nats a row, up to a constant)
/// and its gradient, at the current parameters.
///
/// A minibatch is a number, below 2^32. Its rows of data, drawn with replacement or dealt in turn, the step t of each of
/// its tiles and its noise are addressed by that number and the seed. So an objective has nothing to rewind: a minibatch evaluated
/// again is the same function of the parameters (frozen), and a number not used before is a fresh minibatch.
///
/// Where cells of the data are missing, `renewMissingCells` draws them anew. This changes the data, and all minibatches
/// with it; between two draws minibatches are frozen as ever.
final class TrainingObjective: MinibatchObjective {
  let parameters: TrainedParameters
  let pool: WorkerPool
  private let model: DiffusionModel
  private let runner: GradientRunner
  private let feeder: TrainingFeeder
  /// Nil where no cell is missing.
  private let missing: MissingCellDraws?
  private let times: NoiseSource
  private let uniforms: UnsafeMutableBufferPointer<Float>
  private let cancellation: Cancellation
  /// Nil where steps are drawn uniformly.
  private var steps: StepSampler?
  /// Rows of a minibatch.
  private let batch: Int
  /// What the losses of steps 1 ... T are multiplied by; nil: they count alike.
  let stepWeights: [Double]?

  /// - Parameters:
  ///   - start: the parameters, in the model's layout.
  ///   - cancellation: asked at every tile; evaluations then throw `Cancelled`.
  init(
    _ model: DiffusionModel, _ data: Dataset, _ scaling: Scaling, start: [Float], seed: UInt64,
    options: TrainingOptions, pool: WorkerPool, cancellation: Cancellation
  ) throws {
    self.model = model
    self.cancellation = cancellation
    batch = options.batchSize
    self.pool = pool
    stepWeights = options.stepWeights.values(betas: model.definition.schedule.betas, first: model.firstReverseStep)
    let model = model.dequantising(data, scaling)
    let program: TileProgram
    do {
      program = try TileProgram(
        outputs: [], loss: model.trainingLoss, frozen: model.frozen, layout: model.layout, precision: options.precision)
    } catch {
      throw DefinitionError([DefinitionFault("\(error)", at: model.definition.reversePart.location)])
    }
    let buffer = AlignedBuffer(count: model.layout.count, precision: options.precision)
    buffer.set(start)
    parameters = TrainedParameters(program: program, buffer: buffer, level: options.vectorLevel)
    runner = GradientRunner(
      shared: SharedValues(program: program, parameters: buffer, level: options.vectorLevel), pool: pool,
      tileRows: program.tileRows(options.usedTileRows), batch: options.batchSize, stepCount: model.steps)
    missing =
      data.missingCells > 0
      ? try MissingCellDraws(
        model, data, scaling, parameters: buffer, seed: seed, batch: options.batchSize, level: options.vectorLevel,
        pool: pool)
      : nil
    feeder = TrainingFeeder(
      program: program, data: missing?.filled ?? data, scaling: scaling, seed: seed, model: model,
      tiles: runner.tiles, batch: options.batchSize, stepWeights: stepWeights, cancellation: cancellation)
    steps = options.stepSampling == .byLoss ? StepSampler(first: model.firstReverseStep, last: model.steps) : nil
    times = NoiseSource(seed: seed, purpose: "training time")
    uniforms = .allocate(capacity: TileWorkspace.padded(runner.tiles))
    uniforms.initialize(repeating: 0)
  }

  deinit {
    uniforms.deallocate()
  }

  /// The gradient of the last evaluation, in the parameters' layout. Slices of per-step parameters are valid only where
  /// `touched` says so.
  var gradient: AlignedBuffer { runner.gradient }

  /// For each per-step parameter, the slices that have a gradient.
  var touched: [[Int]] { runner.touched }

  /// The rows, with the latest draws of missing cells.
  var data: Dataset { feeder.data }

  /// Evaluates a minibatch.
  ///
  /// - Returns: the loss, the loss as it is where all steps count alike, and the Euclidean norm of the loss's gradient,
  ///   which is left in `gradient`.
  /// - Throws: `NotFinite`, `Cancelled`.
  func evaluate(_ minibatch: Int, isDealt: Bool = false) throws -> (loss: Double, boundLoss: Double, norm: Double) {
    feeder.begin(minibatch, isDealt: isDealt)
    runner.shared.update()
    drawTimes(minibatch)
    let first = model.firstReverseStep
    let allowed = max(1, model.steps - first + 1)
    let tiles = runner.tiles
    feeder.steps = steps
    let loss = runner.run(feeder: feeder) { [uniforms, model, steps] tile in
      // Each tile has a stratum of the steps of its own, so a minibatch meets all parts of the trajectory.
      let position = (Double(tile) + Double(uniforms[tile])) / Double(tiles)
      if let steps { return steps.step(at: position) }
      return min(model.steps, first + Int(position * Double(allowed)))
    }
    try cancellation.check()
    let norm = parameters.norm(of: gradient, touched: touched)
    guard loss.isFinite, norm.isFinite else { throw notFinite() }
    let boundLoss =
      stepWeights.map { weights in
        (0..<tiles).reduce(0) { $0 + runner.loss(ofTile: $1) / weights[runner.tile($1).step - 1] }
      } ?? loss
    return (loss, boundLoss, norm)
  }

  /// Minibatches that rows dealt in turn fill until each was had.
  var minibatchesOfAllRows: Int { (data.count + batch - 1) / batch }

  private func drawTimes(_ minibatch: Int) {
    guard let base = uniforms.baseAddress else { return }
    times.fillUniforms(
      base, features: 1, lanes: uniforms.count, firstChain: 0, step: UInt32(truncatingIfNeeded: minibatch))
  }

  // MARK: - Steps by their losses

  /// Lets the losses of the last evaluation's tiles change how often steps are drawn from now on.
  func weighSteps() {
    guard var sampler = steps else { return }
    // The only one left, so that changing it copies nothing.
    (steps, feeder.steps) = (nil, nil)
    for index in 0..<runner.tiles {
      let step = runner.tile(index).step
      // A tile's part of the sum is its mean loss, weighted by its step's chance, over the number of tiles.
      sampler.note(loss: runner.loss(ofTile: index) * Double(runner.tiles) / sampler.weight(of: step), step: step)
    }
    sampler.weigh()
    steps = sampler
  }

  /// What is known of the steps' losses, [2][group]; nil where steps are drawn uniformly.
  var stepLosses: StateTensor? {
    get { steps.flatMap { StateTensor(.doubles($0.squares + $0.counts), shape: [2, $0.squares.count]) } }
    set {
      guard let numbers = newValue?.doubles, let groups = steps?.squares.count, numbers.count == 2 * groups else {
        return
      }
      steps?.restore(squares: Array(numbers[..<groups]), counts: Array(numbers[groups...]))
    }
  }

  /// Where the last evaluation first met a number that is not finite.
  private func notFinite() -> NotFinite {
    let found = runner.findNonFinite(feeder: feeder)
    let parameter = (0..<gradient.count).first { !gradient[$0].isFinite }.flatMap {
      runner.program.layout.entry(at: $0)
    }
    return NotFinite(
      timeStep: found?.step ?? runner.tile(0).step,
      place: found?.place ?? parameter.map { "the gradient of parameter '\($0.name)'" } ?? "the sum of the losses")
  }

  // MARK: - Missing cells

  /// Draws the data's missing cells anew, given the observed ones, from the model as it stands, where it is time for it.
  ///
  /// - Parameter step: updates done, the address of the draws.
  /// - Throws: `Cancelled`.
  func renewMissingCells(step: Int) throws {
    guard let missing, step % missing.period == 0 else { return }
    missing.draw(step: step, cancellation)
    try cancellation.check()
    feeder.data = missing.filled
  }

  /// The latest draws of the missing cells, row by row.
  var missingCells: [Double] {
    get { missing?.cells ?? [] }
    set {
      guard let missing else { return }
      missing.cells = newValue
      feeder.data = missing.filled
    }
  }
}

/// Fills training tiles: rows of data and their noise, both addressed by the minibatch and the row's place in it.
private final class TrainingFeeder: TileFeeder, @unchecked Sendable {
  private let scaling: PreparedScaling
  private var rowChoice: RowChoice
  private let noise: TileNoise
  private let tiles: Int
  private let dataInput: TileInput
  private let weightInput: TileInput
  private let levelInput: TileInput
  private let levels: LevelNoise
  private let cancellation: Cancellation
  // Written between minibatches only.
  var data: Dataset
  /// Nil where steps are drawn uniformly.
  var steps: StepSampler?
  private let stepWeights: [Double]?
  private var minibatch: UInt32 = 0
  /// The place of the minibatch's first row where rows are dealt; nil where they are drawn.
  private var firstDealt: Int?
  private let batch: Int

  init(
    program: TileProgram, data: Dataset, scaling: Scaling, seed: UInt64, model: DiffusionModel, tiles: Int,
    batch: Int, stepWeights: [Double]?, cancellation: Cancellation
  ) {
    self.data = data
    self.batch = batch
    self.scaling = PreparedScaling(scaling)
    self.tiles = tiles
    self.stepWeights = stepWeights
    self.cancellation = cancellation
    dataInput = program.input(DiffusionModel.data)
    weightInput = program.input(TileProgram.rowWeight)
    levelInput = program.input(DiffusionModel.levels)
    levels = LevelNoise(seed: seed, dimensions: data.dimensions)
    rowChoice = RowChoice(data, seed: seed)
    noise = TileNoise(seed: seed, purpose: "training noise", for: program, model)
  }

  func begin(_ minibatch: Int, isDealt: Bool) {
    self.minibatch = UInt32(truncatingIfNeeded: minibatch)
    firstDealt = isDealt && rowChoice.canDeal ? Int(self.minibatch) * batch : nil
    if firstDealt != nil { rowChoice.shuffle() }
  }

  var isCancelled: Bool { cancellation.isCancelled }

  func fill(_ workspace: TileWorkspace, firstRow: Int, rows: Int, lanes: Int, step: Int) {
    withUnsafeTemporaryAllocation(of: Int32.self, capacity: rows) { indices in
      guard let base = indices.baseAddress else { return }
      if let firstDealt {
        rowChoice.deal(base, rows: rows, first: firstDealt + firstRow)
      } else {
        rowChoice.fill(base, rows: rows, firstChain: UInt64(firstRow), step: minibatch)
      }
      data.withNumbers { numbers in
        workspace.gather(
          dataInput, from: numbers, dimensions: data.dimensions, rows: UnsafeBufferPointer(indices),
          lanes: lanes, scaling: scaling)
      }
    }
    levels.fill(workspace, levelInput, lanes: lanes, firstChain: UInt64(firstRow), step: minibatch)
    noise.fill(workspace, lanes: lanes, firstChain: UInt64(firstRow), step: minibatch)
    // Where each tile stands for a stratum of the steps they count alike, else by how often their step is drawn, and
    // in either case by what the step is given to count; within a tile, rows count alike.
    let weight = (steps?.weight(of: step) ?? 1) * (stepWeights?[step - 1] ?? 1) / (Double(tiles) * Double(rows))
    workspace.fill(weightInput, with: weight, rows: rows, lanes: lanes)
  }
}
