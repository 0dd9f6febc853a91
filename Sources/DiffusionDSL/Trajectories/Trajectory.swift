import Distributions
import Formulas

/// A trajectory's states at one time step.
public struct TrajectorySlice: Sendable {
  /// t: 0 is data, T is noise.
  public let step: Int
  /// The states x_t, in the data's units.
  public let states: Rows
  /// E(x_{t-1} | x_t) - x_t, for a Gaussian step f_mu(x_t, t) - x_t, in the data's units: one row for each state; no
  /// rows in a forward trajectory and at t = 0. A class has one number here for each value that it can have.
  public let drift: Rows
}

/// T + 1 slices from x_0 to x_T, drawn from the forward process one by one.
///
/// Each iteration starts anew and gives the same slices.
public struct ForwardTrajectory: Sequence, Sendable {
  private let trained: TrainedDiffusion
  private let shared: SharedValues
  private let seed: UInt64
  /// x_0, scaled, state by state.
  private let states: [Double]

  init(_ trained: TrainedDiffusion, data: Dataset, seed: UInt64) throws(DefinitionError) {
    self.trained = trained
    self.seed = seed
    let scaling = trained.scaling
    states = trained.model.states(of: (0..<data.count).flatMap { scaling.applied(to: data[$0]) })
    let options = ComputeOptions()
    shared = try trained.compile([trained.model.forward], precision: options.precision, level: options.vectorLevel)
  }

  /// Slices from t = 0 on.
  public func makeIterator() -> Iterator { Iterator(trained, shared, states: states, seed: seed) }

  /// Draws slice after slice.
  public struct Iterator: IteratorProtocol {
    private let trained: TrainedDiffusion
    private let stepper: StateStepper
    private var states: [Double]
    private var step = 0

    init(_ trained: TrainedDiffusion, _ shared: SharedValues, states: [Double], seed: UInt64) {
      self.trained = trained
      self.states = states
      stepper = StateStepper(shared, trained.model, seed: seed, purpose: "forward trajectory")
    }

    /// The next slice, t = 0 first; nil after t = T.
    public mutating func next() -> TrajectorySlice? {
      guard step <= trained.steps else { return nil }
      if step > 0 { states = stepper.run(states, firstChain: 0, step: step)[0] }
      defer { step += 1 }
      return TrajectorySlice(
        step: step, states: trained.scaling.undone(trained.model.rows(of: states)),
        drift: Rows(flat: [], dimensions: trained.dimensions))
    }
  }
}

/// T + 1 slices from x_T to x_0, drawn from the model one by one: the chains that `sample` draws with the same seed.
///
/// Each iteration starts anew and gives the same slices.
public struct ReverseTrajectory: Sequence, Sendable {
  private let trained: TrainedDiffusion
  private let programs: ChainPrograms
  private let last: SharedValues?
  private let count: Int
  private let seed: UInt64
  private let firstChain: UInt64

  init(_ trained: TrainedDiffusion, count: Int, seed: UInt64, firstChain: UInt64, options: ComputeOptions) throws {
    self.trained = trained
    self.count = count
    self.seed = seed
    self.firstChain = firstChain
    let model = trained.model
    programs = try ChainPrograms(trained, options: options) { [ReverseTrajectory.drift($0, model)] }
    last =
      model.isLastStepLearned
      ? nil
      : try trained.compile(
        [model.forward, ReverseTrajectory.drift(model.forwardSteps, model)], precision: options.precision,
        level: options.vectorLevel)
  }

  private static func drift(_ steps: [any PartStep], _ model: DiffusionModel) -> Formula {
    concatenate(steps.map(\.mean)) - model.stateInput
  }

  /// Slices from t = T on.
  public func makeIterator() -> Iterator {
    Iterator(trained, programs, last, count: count, seed: seed, firstChain: firstChain)
  }

  /// Draws slice after slice.
  public struct Iterator: IteratorProtocol {
    private let trained: TrainedDiffusion
    private let start: StateStepper
    private let reverse: StateStepper
    private let last: StateStepper?
    private let firstChain: UInt64
    private let count: Int
    /// Scaled states, one behind the other.
    private var states: [Double] = []
    private var step: Int

    init(
      _ trained: TrainedDiffusion, _ programs: ChainPrograms, _ last: SharedValues?, count: Int, seed: UInt64,
      firstChain: UInt64
    ) {
      self.trained = trained
      self.count = count
      self.firstChain = firstChain
      let model = trained.model
      start = StateStepper(programs.start, model, seed: seed, purpose: "sample start")
      reverse = StateStepper(programs.step, model, seed: seed, purpose: "sample")
      self.last = last.map { StateStepper($0, model, seed: seed, purpose: "sample") }
      step = trained.steps + 1
    }

    /// The next slice, t = T first; nil after t = 0.
    public mutating func next() -> TrajectorySlice? {
      guard step > 0 else { return nil }
      step -= 1
      let model = trained.model
      if step == trained.steps {
        let blank = Array(repeating: 0.0, count: count * model.features)
        states = start.run(blank, firstChain: firstChain, step: step)[0]
      }
      let now = states
      var drift: [Double] = []
      if step > 0 {
        let stepper = step < model.firstReverseStep ? last ?? reverse : reverse
        let results = stepper.run(states, firstChain: firstChain, step: step)
        (states, drift) = (results[0], results[1])
      }
      return TrajectorySlice(
        step: step, states: trained.scaling.undone(model.rows(of: now)),
        drift: Rows(flat: model.stretched(drift, trained.scaling), dimensions: model.features))
    }
  }
}

extension TrajectorySlice: CustomStringConvertible {
  /// Its step, and its first states.
  public var description: String { "t = \(step): \(states)" }
}

extension ForwardTrajectory: CustomStringConvertible {
  /// How many chains go through which steps.
  public var description: String {
    let count = states.count / Swift.max(1, trained.model.features)
    return "forward trajectory of \(count.counted("chain")), t = 0 ... \(trained.steps)"
  }
}

extension ReverseTrajectory: CustomStringConvertible {
  /// How many chains go through which steps.
  public var description: String { "reverse trajectory of \(count.counted("chain")), t = \(trained.steps) ... 0" }
}

/// Runs a program over many states at one step, a tile at a time.
private struct StateStepper {
  private let space: TileWorkspace
  private let model: DiffusionModel
  private let state: TileInput
  private let noise: TileNoise
  private let tileRows: Int

  init(_ shared: SharedValues, _ model: DiffusionModel, seed: UInt64, purpose: Purpose) {
    tileRows = shared.program.tileRows(128)
    space = TileWorkspace(shared: shared, maximumRows: tileRows)
    self.model = model
    state = shared.program.input(DiffusionModel.state)
    noise = TileNoise(seed: seed, purpose: purpose, for: shared.program, model)
  }

  /// The program's outputs, each [features] for each state, one behind the other.
  func run(_ states: [Double], firstChain: UInt64, step: Int) -> [[Double]] {
    let features = model.features
    let count = states.count / features
    var results = (0..<space.program.outputCount).map { _ in Array(repeating: 0.0, count: states.count) }
    for tile in TileSweep(rows: count, tileRows: tileRows) {
      let (first, rows, lanes) = (tile.first, tile.rows, tile.lanes)
      if let offset = state.offset {
        for lane in 0..<lanes {
          let row = first + min(lane, rows - 1)
          for feature in 0..<features {
            space.lanes[(offset + feature) * lanes + lane] = states[row * features + feature]
          }
        }
      }
      noise.fill(space, lanes: lanes, firstChain: firstChain &+ UInt64(first), step: UInt32(step))
      space.run(lanes: lanes, step: step)
      for output in results.indices {
        let numbers = space.output(output, lanes: lanes)
        for row in 0..<rows {
          for feature in 0..<features {
            results[output][(first + row) * features + feature] = space.number(at: numbers, feature * lanes + row)
          }
        }
      }
    }
    return results
  }
}

extension Scaling {
  /// Scaled rows in the data's units.
  func undone(_ flat: [Double]) -> Rows {
    let width = mean.count
    return Rows(flat: flat.indices.map { flat[$0] * scale[$0 % width] + mean[$0 % width] }, dimensions: width)
  }
}

extension TrainedDiffusion {
  /// The forward process from rows of data: slices for t = 0 ... T.
  ///
  /// - Parameters:
  ///   - rows: in the data's units, arrays, a `Dataset` or a `Table`; row i is chain i.
  ///   - seed: names the random numbers.
  /// - Throws: `DataError` for rows that the kernel is not for.
  public func forwardTrajectory(of rows: some RowSource, seed: UInt64) throws -> ForwardTrajectory {
    let data = try rows.dataset(for: definition.schema)
    try definition.kernel.check(data)
    return try ForwardTrajectory(self, data: data, seed: seed)
  }

  /// The model's own chains: slices for t = T ... 0, the last one equal to `sample` with the same seed.
  ///
  /// - Parameters:
  ///   - count: how many chains, 1 or more.
  ///   - seed: names the random numbers, as in `sample`.
  ///   - firstChain: the chain of row 0.
  ///   - options: precision and vector width.
  /// - Throws: `DataError.invalidCount` for a count below 1, `.tooMany` for one that no array holds; `DefinitionError`
  ///   where the model cannot be compiled.
  public func reverseTrajectory(
    count: Int, seed: UInt64, firstChain: UInt64 = 0, options: ComputeOptions = .init()
  ) throws -> ReverseTrajectory {
    try DataError.check("the number of chains", count, limit: model.mostChains)
    return try ReverseTrajectory(self, count: count, seed: seed, firstChain: firstChain, options: options)
  }
}
