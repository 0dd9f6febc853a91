import Distributions
import Expressions

/// A trajectory's states at one time step.
public struct TrajectorySlice: Sendable {
  /// t: 0 is data, T is noise.
  public let step: Int
  /// The states x_t, in the data's units.
  public let states: Rows
  /// f_mu(x_t, t) - x_t in the data's units, one row for each state; no rows in a forward trajectory and at t = 0.
  public let drift: Rows
}

/// T + 1 slices from x_0 to x_T, drawn from the forward process one by one.
public struct ForwardTrajectory: Sequence, IteratorProtocol, Sendable {
  private let betas: [Double]
  private let scaling: Scaling
  private let noise: NoiseSource
  private let dimensions: Int
  private var states: [Double]
  private var step = 0

  init(_ trained: TrainedDiffusion, data: Dataset, seed: UInt64) {
    betas = trained.betas
    scaling = trained.scaling
    noise = NoiseSource(seed: seed, purpose: "forward trajectory")
    dimensions = trained.dimensions
    let scaling = trained.scaling
    let width = trained.dimensions
    states = data.withNumbers { numbers in
      (0..<data.count * width).map { (numbers[$0] - scaling.mean[$0 % width]) / scaling.scale[$0 % width] }
    }
  }

  /// The next slice, t = 0 first; nil after t = T.
  public mutating func next() -> TrajectorySlice? {
    guard step <= betas.count else { return nil }
    if step > 0 {
      let beta = betas[step - 1]
      let (keep, spread) = ((1 - beta).squareRoot(), beta.squareRoot())
      for row in 0..<states.count / dimensions {
        var stream = noise.stream(chain: UInt64(row), step: UInt32(step))
        for column in 0..<dimensions {
          let index = row * dimensions + column
          states[index] = keep * states[index] + spread * Double(stream.nextNormal())
        }
      }
    }
    defer { step += 1 }
    return TrajectorySlice(
      step: step, states: scaling.undone(states), drift: Rows(flat: [], dimensions: dimensions))
  }
}

/// T + 1 slices from x_T to x_0, drawn from the model one by one: the chains that `sample` draws with the same seed.
///
/// Each iteration starts anew and gives the same slices.
public struct ReverseTrajectory: Sequence {
  private let trained: TrainedDiffusion
  private let shared: SharedValues
  private let count: Int
  private let seed: UInt64
  private let firstChain: UInt64

  init(_ trained: TrainedDiffusion, count: Int, seed: UInt64, firstChain: UInt64, options: ComputeOptions) throws {
    self.trained = trained
    self.count = count
    self.seed = seed
    self.firstChain = firstChain
    let model = trained.model
    let mean = model.reverse(of: .input(GaussianModel.state, shape: [model.dimensions])).mean
    let drift = mean - Formula.input(GaussianModel.state, shape: [model.dimensions])
    shared = try trained.compile(
      [SamplingWork.step(model), drift], precision: options.precision, level: options.vectorLevel)
  }

  /// Slices from t = T on.
  public func makeIterator() -> Iterator {
    Iterator(trained, shared, count: count, seed: seed, firstChain: firstChain)
  }

  /// Draws slice after slice.
  public struct Iterator: IteratorProtocol {
    private let trained: TrainedDiffusion
    private let space: TileWorkspace
    private let start: NoiseSource
    private let noise: NoiseSource
    private let firstChain: UInt64
    private let count: Int
    /// Scaled states, row by row.
    private var states: [Double] = []
    private var step: Int
    private static let tileRows = 128

    init(_ trained: TrainedDiffusion, _ shared: SharedValues, count: Int, seed: UInt64, firstChain: UInt64) {
      self.trained = trained
      self.count = count
      self.firstChain = firstChain
      start = NoiseSource(seed: seed, purpose: "sample start")
      noise = NoiseSource(seed: seed, purpose: "sample")
      space = TileWorkspace(shared: shared, maximumRows: Swift.min(count, Iterator.tileRows))
      step = trained.steps + 1
    }

    /// The next slice, t = T first; nil after t = 0.
    public mutating func next() -> TrajectorySlice? {
      guard step > 0 else { return nil }
      step -= 1
      let dimensions = trained.dimensions
      if step == trained.steps {
        states = (0..<count).flatMap { row in
          var stream = start.stream(chain: firstChain &+ UInt64(row), step: UInt32(trained.steps))
          return (0..<dimensions).map { _ in Double(stream.nextNormal()) }
        }
      }
      let now = states
      var drift: [Double] = []
      if step > 0 { drift = advance() }
      return TrajectorySlice(
        step: step, states: trained.scaling.undone(now), drift: trained.scaling.stretched(drift, dimensions))
    }

    /// Draws x_{t-1} for all chains; returns the drift at x_t.
    private mutating func advance() -> [Double] {
      let (dimensions, t) = (trained.dimensions, step)
      if t < trained.model.firstReverseStep { return forward() }
      var drift = Array(repeating: 0.0, count: states.count)
      for first in stride(from: 0, to: count, by: Iterator.tileRows) {
        let rows = Swift.min(Iterator.tileRows, count - first)
        let lanes = TileWorkspace.padded(rows)
        if let state = space.program.input(GaussianModel.state).offset {
          for lane in 0..<lanes {
            let row = first + Swift.min(lane, rows - 1)
            for column in 0..<dimensions {
              space.lanes[(state + column) * lanes + lane] = states[row * dimensions + column]
            }
          }
        }
        space.fillNormals(
          space.program.input(GaussianModel.noise), from: noise, features: dimensions, lanes: lanes,
          firstChain: firstChain &+ UInt64(first),
          step: UInt32(t))
        space.run(lanes: lanes, step: t)
        let (next, drifts) = (space.output(0, lanes: lanes), space.output(1, lanes: lanes))
        for row in 0..<rows {
          for column in 0..<dimensions {
            let index = (first + row) * dimensions + column
            states[index] = space.number(at: next, column * lanes + row)
            drift[index] = space.number(at: drifts, column * lanes + row)
          }
        }
      }
      return drift
    }

    /// The paper's last step: the forward kernel once more (eq. 44).
    private mutating func forward() -> [Double] {
      let dimensions = trained.dimensions
      let beta = trained.betas[0]
      let (keep, spread) = ((1 - beta).squareRoot(), beta.squareRoot())
      let drift = states.map { (keep - 1) * $0 }
      for row in 0..<count {
        var stream = noise.stream(chain: firstChain &+ UInt64(row), step: 1)
        for column in 0..<dimensions {
          let index = row * dimensions + column
          states[index] = keep * states[index] + spread * Double(stream.nextNormal())
        }
      }
      return drift
    }
  }
}

extension Scaling {
  /// Scaled rows in the data's units.
  func undone(_ flat: [Double]) -> Rows {
    let width = mean.count
    return Rows(flat: flat.indices.map { flat[$0] * scale[$0 % width] + mean[$0 % width] }, dimensions: width)
  }

  /// Scaled differences in the data's units.
  func stretched(_ flat: [Double], _ width: Int) -> Rows {
    Rows(flat: flat.indices.map { flat[$0] * scale[$0 % width] }, dimensions: width)
  }
}

extension TrainedDiffusion {
  /// The forward process from rows of data: slices for t = 0 ... T.
  ///
  /// - Parameters:
  ///   - data: rows in the data's units; row i is chain i.
  ///   - seed: names the random numbers.
  /// - Throws: `DataError` for rows of another width.
  public func forwardTrajectory(of data: Dataset, seed: UInt64) throws -> ForwardTrajectory {
    guard data.dimensions == dimensions else {
      throw DataError.wrongDimensions(expected: dimensions, found: data.dimensions)
    }
    return ForwardTrajectory(self, data: data, seed: seed)
  }

  /// The model's own chains: slices for t = T ... 0, the last one equal to `sample` with the same seed.
  ///
  /// - Parameters:
  ///   - count: how many chains, 1 or more.
  ///   - seed: names the random numbers, as in `sample`.
  ///   - firstChain: the chain of row 0.
  ///   - options: precision and vector width.
  /// - Throws: `DataError.invalidCount` for a count below 1; `DefinitionError` where the model cannot be compiled.
  public func reverseTrajectory(
    count: Int, seed: UInt64, firstChain: UInt64 = 0, options: ComputeOptions = .init()
  ) throws -> ReverseTrajectory {
    guard count >= 1 else { throw DataError.invalidCount(what: "the number of chains", value: count) }
    return try ReverseTrajectory(self, count: count, seed: seed, firstChain: firstChain, options: options)
  }
}
