import Distributions
import Expressions
import Foundation
import Synchronization

/// Sequential Monte Carlo along the reverse trajectory: independent repeats for each of some queries of one form.
///
/// A repeat is one task, and its numbers are addressed by the repeat and the particle alone, so neither threads nor the
/// other queries of a call change it.
final class ParticleWork: ParallelWork, @unchecked Sendable {
  /// What one repeat found.
  struct Outcome: Sendable {
    /// Scaled states, particle by particle.
    var states: [Double]
    /// Normalised weights.
    var weights: [Double]
    /// log Z^ in scaled units, without the factors' constant.
    var logEvidence: Double
    /// The effective number of particles after each step, t = T ... 0.
    var effectiveSizes: [Double]
  }

  private let trained: TrainedDiffusion
  private let model: DiffusionModel
  private let queries: [CombinedFactors]
  private let particles: Int
  private let repeats: Int
  private let isWeighted: Bool
  private let seed: UInt64
  private let spaces: [Space]
  private let cancellation: Cancellation
  private let results: Mutex<[Result<Outcome, PosteriorError>?]>

  private static let tileRows = 128

  /// One thread's memory for the tiles of all programs.
  private struct Space {
    let start: Stage
    let step: Stage
    let last: Stage
    let twist: Stage?
    let general: Stage?
  }

  private struct Stage {
    let workspace: TileWorkspace
    let noise: TileNoise
    let state: TileInput
    let numbers: TileInput
    let tilts: TileInput

    init(_ shared: SharedValues, _ model: DiffusionModel, seed: UInt64, purpose: Purpose) {
      workspace = TileWorkspace(shared: shared, maximumRows: ParticleWork.tileRows)
      noise = TileNoise(seed: seed, purpose: purpose, for: shared.program, model)
      state = shared.program.input(DiffusionModel.state)
      numbers = shared.program.input(PosteriorPrograms.numbers)
      tilts = shared.program.input(PosteriorPrograms.tilts)
    }
  }

  /// - Parameters:
  ///   - isWeighted: whether particles are weighed and resampled.
  ///   - chainOfQuery: a part of the noise's address, by query.
  init(
    _ trained: TrainedDiffusion, _ programs: PosteriorPrograms, _ queries: [CombinedFactors], particles: Int,
    repeats: Int, isWeighted: Bool, seed: UInt64, chainOfQuery: @escaping @Sendable (Int) -> UInt64 = { _ in 0 },
    threads: Int, cancellation: Cancellation
  ) {
    self.trained = trained
    model = trained.model
    self.queries = queries
    self.particles = particles
    self.repeats = repeats
    self.isWeighted = isWeighted
    self.seed = seed
    self.cancellation = cancellation
    self.chainOfQuery = chainOfQuery
    needsTilts = programs.needsTilts
    let model = model
    spaces = (0..<threads).map { _ in
      func stage(_ shared: SharedValues, _ purpose: Purpose) -> Stage {
        Stage(shared, model, seed: seed, purpose: purpose)
      }
      return Space(
        start: stage(programs.start, "posterior start"), step: stage(programs.step, "posterior"),
        last: stage(programs.last, "posterior"), twist: programs.twist.map { stage($0, "posterior") },
        general: programs.general.map { stage($0, "posterior") })
    }
    results = Mutex(Array(repeating: nil, count: queries.count * repeats))
  }

  private let needsTilts: Bool
  /// What queries of one call differ by in their noise: nothing, where each is to be as it is alone.
  private let chainOfQuery: @Sendable (Int) -> UInt64

  var isCancelled: Bool { cancellation.isCancelled }

  /// For each query, what its repeats found.
  ///
  /// - Throws: `CancellationError`; the first repeat's `PosteriorError`.
  func run(_ pool: WorkerPool) throws -> [[Outcome]] {
    pool.run(tasks: queries.count * repeats, self)
    if isCancelled { throw CancellationError() }
    let outcomes = results.withLock { $0 }
    return try (0..<queries.count).map { query in
      try (0..<repeats).compactMap { try outcomes[query * repeats + $0]?.get() }
    }
  }

  func perform(task: Int, thread: Int) {
    if isCancelled { return }
    let result: Result<Outcome, PosteriorError>
    do {
      result = .success(
        try walk(
          query: queries[task / repeats],
          repetition: Int(truncatingIfNeeded: chainOfQuery(task / repeats)) &* repeats &+ task % repeats, spaces[thread]
        ))
    } catch {
      result = .failure(error)
    }
    results.withLock { $0[task] = result }
  }

  // MARK: - One repeat

  private struct Cloud {
    /// Particle by particle.
    var states: [Double]
    var logWeights: [Double]
    /// log psi_t of what is carried with a particle: a twist, an estimate of another model's density.
    var carried: [Double]
    var logEvidence = 0.0
    var effectiveSizes: [Double] = []
  }

  private func walk(
    query: CombinedFactors, repetition: Int, _ space: Space
  ) throws(PosteriorError) -> Outcome {
    let features = model.features
    let numbers = query.numbers
    var cloud = Cloud(
      states: Array(repeating: 0, count: particles * features), logWeights: Array(repeating: 0, count: particles),
      carried: Array(repeating: 0, count: particles))
    for t in stride(from: model.steps + 1, through: 1, by: -1) {
      if isCancelled { break }
      let stage = t > model.steps ? space.start : t > 1 ? space.step : space.last
      let now = min(t, model.steps)
      try advance(&cloud, stage, space, numbers: numbers, repetition: repetition, step: now, isStart: t > model.steps)
      // What is drawn is x_{t-1}; psi of it may take a look at the model.
      if isWeighted {
        try carry(&cloud, space, query, numbers: numbers, repetition: repetition, step: t - 1)
        try settle(&cloud, repetition: repetition, step: t - 1)
      }
    }
    let weights = ParticleWork.normalised(cloud.logWeights)
    cloud.logEvidence += isWeighted ? logMeanExp(cloud.logWeights[...]) : .nan
    return Outcome(
      states: cloud.states, weights: weights ?? cloud.logWeights.map { _ in 1 / Double(particles) },
      logEvidence: cloud.logEvidence, effectiveSizes: cloud.effectiveSizes)
  }

  private func chain(_ repetition: Int, _ particle: Int) -> UInt64 { (UInt64(repetition) << 32) + UInt64(particle) }

  /// Draws the next state of every particle and adds to its weight.
  private func advance(
    _ cloud: inout Cloud, _ stage: Stage, _ space: Space, numbers: [Double], repetition: Int, step: Int, isStart: Bool
  ) throws(PosteriorError) {
    let features = model.features
    for first in stride(from: 0, to: particles, by: ParticleWork.tileRows) {
      let rows = min(ParticleWork.tileRows, particles - first)
      let lanes = TileWorkspace.padded(rows)
      if !isStart {
        write(cloud.states, stage, first: first, rows: rows, lanes: lanes)
        if needsTilts, let general = space.general {
          writeTilts(cloud.states, general, stage, first: first, rows: rows, lanes: lanes, step: step)
        }
      }
      write(numbers, stage, lanes: lanes)
      stage.noise.fill(stage.workspace, lanes: lanes, firstChain: chain(repetition, first), step: UInt32(step))
      stage.workspace.run(lanes: lanes, step: step)
      let (states, weights) = (stage.workspace.output(0, lanes: lanes), stage.workspace.output(1, lanes: lanes))
      for row in 0..<rows {
        for feature in 0..<features {
          cloud.states[(first + row) * features + feature] =
            stage.workspace.number(at: states, feature * lanes + row)
        }
        cloud.logWeights[first + row] += stage.workspace.number(at: weights, row)
      }
    }
    guard isWeighted else { return }
    let now = isStart ? step : step - 1
    if let bad = cloud.logWeights.firstIndex(where: { $0.isNaN || $0 == .infinity }) {
      throw notFinite(cloud.states, bad, space, step: now)
    }
  }

  /// What of psi is not a part of the step's program: it replaces what the particle carried.
  private func carry(
    _ cloud: inout Cloud, _ space: Space, _ query: CombinedFactors, numbers: [Double], repetition: Int, step t: Int
  ) throws(PosteriorError) {
    var carried = Array(repeating: 0.0, count: particles)
    var isChanged = false
    if let twist = space.twist {
      isChanged = true
      // At t = 0 the last step's program has r itself.
      if t > 0 { evaluate(twist, cloud.states, numbers: numbers, step: t) { carried[$0] += $1(0) } }
    }
    if let others = try otherDensities(cloud, query, repetition: repetition, step: t) {
      isChanged = true
      for index in carried.indices { carried[index] += others[index] }
    }
    guard isChanged else { return }
    for index in carried.indices {
      cloud.logWeights[index] += carried[index] - cloud.carried[index]
      cloud.carried[index] = carried[index]
    }
    if cloud.logWeights.contains(where: { $0.isNaN || $0 == .infinity }) {
      throw .notFinite(factor: "psi", step: t)
    }
  }

  /// Resamples where half of the particles no longer count, and keeps the effective number.
  private func settle(_ cloud: inout Cloud, repetition: Int, step t: Int) throws(PosteriorError) {
    guard let weights = ParticleWork.normalised(cloud.logWeights) else { throw .noParticleSurvived(step: t) }
    let size = 1 / weights.reduce(0) { $0 + $1 * $1 }
    cloud.effectiveSizes.append(size)
    guard t > 0, size < Double(particles) / 2 else { return }
    cloud.logEvidence += logMeanExp(cloud.logWeights[...])
    var stream = NoiseSource(seed: seed, purpose: "posterior resampling").stream(
      chain: UInt64(repetition), step: UInt32(t))
    let chosen = systematic(weights, count: particles, offset: Double(stream.nextUniform()))
    let features = model.features
    var states = cloud.states
    for (place, source) in chosen.enumerated() where place != source {
      for feature in 0..<features { states[place * features + feature] = cloud.states[source * features + feature] }
    }
    cloud.states = states
    cloud.carried = chosen.map { cloud.carried[$0] }
    cloud.logWeights = Array(repeating: 0, count: particles)
  }

  /// Weights that add up to 1; nil where all are 0.
  static func normalised(_ logWeights: [Double]) -> [Double]? {
    guard let largest = logWeights.max(), largest > -1e20 else { return nil }
    let weights = logWeights.map { exp($0 - largest) }
    let total = weights.reduce(0, +)
    return weights.map { $0 / total }
  }

  // MARK: - Tiles

  private func write(_ states: [Double], _ stage: Stage, first: Int, rows: Int, lanes: Int) {
    guard let target = stage.workspace.pointer(to: stage.state, lanes: lanes) else { return }
    let features = model.features
    for lane in 0..<lanes {
      let row = first + min(lane, rows - 1)
      for feature in 0..<features {
        stage.workspace.set(target, feature * lanes + lane, states[row * features + feature])
      }
    }
  }

  private func write(_ numbers: [Double], _ stage: Stage, lanes: Int) {
    guard let target = stage.workspace.pointer(to: stage.numbers, lanes: lanes) else { return }
    for (index, number) in numbers.enumerated() {
      for lane in 0..<lanes { stage.workspace.set(target, index * lanes + lane, number) }
    }
  }

  /// Runs a program of states alone, tile by tile.
  private func evaluate(
    _ stage: Stage, _ states: [Double], numbers: [Double], step: Int,
    _ visit: (_ particle: Int, _ output: (Int) -> Double) -> Void
  ) {
    for first in stride(from: 0, to: particles, by: ParticleWork.tileRows) {
      let rows = min(ParticleWork.tileRows, particles - first)
      let lanes = TileWorkspace.padded(rows)
      write(states, stage, first: first, rows: rows, lanes: lanes)
      write(numbers, stage, lanes: lanes)
      stage.workspace.run(lanes: lanes, step: step)
      for row in 0..<rows {
        visit(first + row) { stage.workspace.number(at: stage.workspace.output($0, lanes: lanes), row) }
      }
    }
  }

  /// log r at both values of each bit and at each class, a batch of particles for each.
  private func writeTilts(
    _ states: [Double], _ general: Stage, _ stage: Stage, first: Int, rows: Int, lanes: Int, step: Int
  ) {
    guard let target = stage.workspace.pointer(to: stage.tilts, lanes: lanes) else { return }
    let space = general.workspace
    // Outputs may lie where inputs do: what is changed is written anew each time.
    func logFactors(_ change: (UnsafeMutableRawPointer) -> Void) -> [Double] {
      write(states, general, first: first, rows: rows, lanes: lanes)
      if let state = space.pointer(to: general.state, lanes: lanes) { change(state) }
      space.run(lanes: lanes, step: step)
      return (0..<lanes).map { lane in
        (0..<space.program.outputCount).reduce(0.0) { total, output in
          // Zeros of r count as on the way: bent too far, a step's weights would be too uneven.
          let log = space.number(at: space.output(output, lanes: lanes), lane)
          return total + (log <= PosteriorFormulas.leastLog ? PosteriorFormulas.logOfZero : log)
        }
      }
    }
    for part in model.parts where part.process.noiseKind == .uniform {
      for feature in part.features {
        let isBit = part.columns.count == part.features.count
        func values(_ own: Double) -> [Double] {
          logFactors { state in
            for other in isBit ? feature..<feature + 1 : part.features {
              for lane in 0..<lanes { space.set(state, other * lanes + lane, other == feature ? own : 0) }
            }
          }
        }
        let ones = values(1)
        let zeros = isBit ? values(0) : ones.map { _ in 0 }
        for lane in 0..<lanes { stage.workspace.set(target, feature * lanes + lane, ones[lane] - zeros[lane]) }
      }
      guard part.columns.count != part.features.count else { continue }
      // Only differences between classes count, and large numbers would cost digits.
      for lane in 0..<lanes {
        let most = part.features.map { stage.workspace.number(at: target, $0 * lanes + lane) }.max() ?? 0
        for feature in part.features {
          let number = stage.workspace.number(at: target, feature * lanes + lane)
          stage.workspace.set(target, feature * lanes + lane, number - most)
        }
      }
    }
  }

  // MARK: - Other models

  /// Of the other models among the factors, log r^ of each particle to the power that counts at t, where it is estimated
  /// anew; what it carried where it is not. Nil where there is no other model.
  ///
  /// Estimates of eq. 9 are unbiased, and so is Z^ whatever psi was on the way. They cost whole trajectories, so on the
  /// way they are taken few times, of few trajectories.
  private func otherDensities(
    _ cloud: Cloud, _ query: CombinedFactors, repetition: Int, step t: Int
  ) throws(PosteriorError) -> [Double]? {
    guard !query.models.isEmpty else { return nil }
    guard t == 0 || (t < model.steps && t % max(1, model.steps / 8) == 0) else { return cloud.carried }
    let power = Double(model.steps - t) / Double(model.steps)
    let rows = trained.scaling.undone(model.rows(of: cloud.states))
    var total = Array(repeating: 0.0, count: particles)
    for (index, other) in query.models.enumerated() {
      let trajectories = t == 0 ? other.trajectories : min(other.trajectories, 4)
      do {
        let found = try other.model.logProbability(
          of: Dataset(rows), trajectories: trajectories, seed: seed &+ UInt64(1 + index),
          firstChain: (UInt64(repetition) &* UInt64(model.steps + 1) &+ UInt64(t)) &* UInt64(particles * trajectories),
          options: ComputeOptions(threads: 1))
        for particle in total.indices { total[particle] += power * found.rows[particle].nats }
      } catch {
        throw .notFinite(factor: "another model's density", step: t)
      }
    }
    return total
  }

  // MARK: - What went wrong

  private func notFinite(_ states: [Double], _ particle: Int, _ space: Space, step: Int) -> PosteriorError {
    guard let general = space.general else { return .notFinite(factor: "the model's own step", step: step) }
    var culprit: Int?
    evaluate(general, states, numbers: [], step: max(1, step)) { place, output in
      guard place == particle else { return }
      culprit = (0..<general.workspace.program.outputCount).first {
        let log = output($0)
        return log.isNaN || log == .infinity
      }
    }
    let formulas = queries[0].formulas
    return .notFinite(factor: formulas[min(culprit ?? 0, formulas.count - 1)].description, step: step)
  }
}

/// Systematic resampling: for each of `count` evenly spaced points, the first at a random offset, whose weight it falls in.
///
/// - Parameters:
///   - weights: adding up to 1.
///   - offset: in [0, 1).
func systematic(_ weights: [Double], count: Int, offset: Double) -> [Int] {
  var chosen: [Int] = []
  chosen.reserveCapacity(count)
  var (place, reached) = (0, weights.first ?? 1)
  for point in 0..<count {
    let target = (Double(point) + offset) / Double(count)
    while reached <= target, place < weights.count - 1 {
      place += 1
      reached += weights[place]
    }
    // Rounding may leave the end to a weight of 0.
    while place > 0, weights[place] == 0 { place -= 1 }
    chosen.append(place)
  }
  return chosen
}
