import Distributions
import Formulas
import Foundation
import Synchronization

/// Sequential Monte Carlo along the reverse trajectory: independent repeats for each of some queries of one form.
///
/// A repeat is one task, and its numbers are addressed by the repeat and the particle alone, so neither threads nor the
/// other queries of a call change it.
final class ParticleWork: ParallelWork, @unchecked Sendable {
  private let trained: TrainedDiffusion
  let model: DiffusionModel
  private let queries: [CombinedFactors]
  let particles: Int
  private let repeats: Int
  private let isWeighted: Bool
  private let seed: UInt64
  private let purpose: Purpose
  private let keepsParticles: Bool
  private let spaces: [Space]
  private let cancellation: Cancellation
  private let needsTilts: Bool
  /// The part of the noise's address that differs between the queries of one call; the same for all of them where each
  /// answer has to equal that of the query asked alone.
  private let chainOfQuery: @Sendable (Int) -> UInt64
  private let results: Mutex<[Result<Outcome, PosteriorError>?]>

  static let tileRows = 128

  /// - Parameters:
  ///   - isWeighted: whether particles are weighed and resampled.
  ///   - purpose: what the noise is for.
  ///   - keepsParticles: whether outcomes have the particles, or the evidence alone.
  ///   - chainOfQuery: a part of the noise's address, by query.
  init(
    _ trained: TrainedDiffusion, _ programs: PosteriorPrograms, _ queries: [CombinedFactors], particles: Int,
    repeats: Int, isWeighted: Bool, purpose: Purpose = "posterior", keepsParticles: Bool = true, seed: UInt64,
    chainOfQuery: @escaping @Sendable (Int) -> UInt64 = { _ in 0 },
    threads: Int, cancellation: Cancellation
  ) {
    self.trained = trained
    model = trained.model
    self.queries = queries
    self.particles = particles
    self.repeats = repeats
    self.isWeighted = isWeighted
    self.seed = seed
    self.purpose = purpose
    self.keepsParticles = keepsParticles
    self.cancellation = cancellation
    self.chainOfQuery = chainOfQuery
    needsTilts = programs.needsTilts
    let model = model
    spaces = (0..<threads).map { _ in
      func tile(_ shared: SharedValues, _ purpose: Purpose) -> TileProgramSpace {
        TileProgramSpace(shared, model, seed: seed, purpose: purpose)
      }
      return Space(
        start: tile(programs.start, Purpose("\(purpose) start")), step: tile(programs.step, purpose),
        last: tile(programs.last, purpose), twist: programs.twist.map { tile($0, purpose) },
        general: programs.general.map { tile($0, purpose) })
    }
    results = Mutex(Array(repeating: nil, count: queries.count * repeats))
  }

  var isCancelled: Bool { cancellation.isCancelled }

  /// For each query, what its repeats found.
  ///
  /// - Throws: `Cancelled`; the first repeat's `PosteriorError`.
  func run(_ pool: WorkerPool) throws -> [[Outcome]] {
    try results(pool).map { try $0.map { try $0.get() } }
  }

  /// For each query, what its repeats found, or why they found nothing.
  ///
  /// - Throws: `Cancelled`.
  func results(_ pool: WorkerPool) throws -> [[Result<Outcome, PosteriorError>]] {
    pool.run(tasks: queries.count * repeats, self)
    try cancellation.check()
    let all = results.withLock { $0 }
    return (0..<queries.count).map { query in (0..<repeats).compactMap { all[query * repeats + $0] } }
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
    if !isCancelled { cancellation.advance(by: 1) }
  }

  // MARK: - One repeat

  /// The particles of one repeat on their way.
  private struct ParticleSystem {
    /// Particle by particle.
    var states: [Double]
    var logWeights: [Double]
    /// log psi_t by the model's own estimate of x_0.
    var twists: [Double]
    /// The estimates of other models' densities in log psi_t.
    var densities: [Double]
    var ancestors: [Int]
    var logEvidence = 0.0
    var effectiveSampleSizes: [Double] = []
  }

  private func walk(
    query: CombinedFactors, repetition: Int, _ space: Space
  ) throws(PosteriorError) -> Outcome {
    let features = model.features
    let numbers = query.numbers
    var system = ParticleSystem(
      states: Array(repeating: 0, count: particles * features), logWeights: Array(repeating: 0, count: particles),
      twists: Array(repeating: 0, count: particles), densities: Array(repeating: 0, count: particles),
      ancestors: Array(0..<particles))
    for t in stride(from: model.steps + 1, through: 1, by: -1) {
      if isCancelled { break }
      let tile = t > model.steps ? space.start : t > 1 ? space.step : space.last
      let now = min(t, model.steps)
      try advance(&system, tile, space, numbers: numbers, repetition: repetition, step: now, isStart: t > model.steps)
      // What is drawn is x_{t-1}; psi of it may take a look at the model.
      if isWeighted {
        try carry(&system, space, query, numbers: numbers, repetition: repetition, step: t - 1)
        guard resample(&system, repetition: repetition, step: t - 1) else {
          return Outcome(
            diedAt: t - 1, particles: keepsParticles ? particles : 0, model,
            effectiveSampleSizes: system.effectiveSampleSizes)
        }
      }
    }
    let weights = normalised(system.logWeights)
    system.logEvidence += isWeighted ? SpecialFunctions.logMeanExp(system.logWeights) : .nan
    guard keepsParticles else {
      return Outcome(states: [], weights: [], ancestors: [], logEvidence: system.logEvidence, effectiveSampleSizes: [])
    }
    return Outcome(
      states: system.states, weights: weights ?? system.logWeights.map { _ in 1 / Double(particles) },
      ancestors: system.ancestors,
      logEvidence: system.logEvidence, effectiveSampleSizes: system.effectiveSampleSizes)
  }

  private func chain(_ repetition: Int, _ particle: Int) -> UInt64 { (UInt64(repetition) << 32) + UInt64(particle) }

  /// Draws the next state of every particle and adds to its weight.
  private func advance(
    _ system: inout ParticleSystem, _ tile: TileProgramSpace, _ space: Space, numbers: [Double], repetition: Int,
    step: Int, isStart: Bool
  ) throws(PosteriorError) {
    let features = model.features
    for part in TileSweep(rows: particles, tileRows: ParticleWork.tileRows) {
      let (first, rows, lanes) = (part.first, part.rows, part.lanes)
      if !isStart {
        write(system.states, tile, first: first, rows: rows, lanes: lanes)
        if needsTilts, let general = space.general {
          writeTilts(system.states, general, tile, first: first, rows: rows, lanes: lanes, step: step)
        }
      }
      write(numbers, tile, lanes: lanes)
      tile.noise.fill(tile.workspace, lanes: lanes, firstChain: chain(repetition, first), step: UInt32(step))
      tile.workspace.run(lanes: lanes, step: step)
      let (states, weights) = (tile.workspace.output(0, lanes: lanes), tile.workspace.output(1, lanes: lanes))
      for row in 0..<rows {
        for feature in 0..<features {
          system.states[(first + row) * features + feature] =
            tile.workspace.number(at: states, feature * lanes + row)
        }
        system.logWeights[first + row] += tile.workspace.number(at: weights, row)
      }
    }
    guard isWeighted else { return }
    let now = isStart ? step : step - 1
    if let bad = system.logWeights.firstIndex(where: { $0.isNaN || $0 == .infinity }) {
      throw notFinite(system.states, bad, space, step: now)
    }
  }

  /// The part of psi that the step's program does not contain: it replaces the value that the particle carried.
  private func carry(
    _ system: inout ParticleSystem, _ space: Space, _ query: CombinedFactors, numbers: [Double], repetition: Int,
    step t: Int
  ) throws(PosteriorError) {
    if let twist = space.twist {
      var twists = Array(repeating: 0.0, count: particles)
      // At t = 0 the last step's program has r itself.
      if t > 0 { evaluate(twist, system.states, numbers: numbers, step: t) { twists[$0] = $1(0) } }
      for index in twists.indices { system.logWeights[index] += twists[index] - system.twists[index] }
      system.twists = twists
    }
    if let densities = try otherDensities(system, query, repetition: repetition, step: t) {
      for index in densities.indices { system.logWeights[index] += densities[index] - system.densities[index] }
      system.densities = densities
    }
    if system.logWeights.contains(where: { $0.isNaN || $0 == .infinity }) {
      throw .notFinite(factor: "psi", step: t)
    }
  }

  /// Keeps the effective sample size, and resamples where it is below half of the particles.
  ///
  /// - Returns: whether any particle has a weight.
  private func resample(_ system: inout ParticleSystem, repetition: Int, step t: Int) -> Bool {
    guard let weights = normalised(system.logWeights) else { return false }
    let size = 1 / weights.reduce(0) { $0 + $1 * $1 }
    system.effectiveSampleSizes.append(size)
    guard t > 0, size < Double(particles) / 2 else { return true }
    system.logEvidence += SpecialFunctions.logMeanExp(system.logWeights)
    var stream = NoiseSource(seed: seed, purpose: Purpose("\(purpose) resampling")).stream(
      chain: UInt64(repetition), step: UInt32(t))
    let chosen = systematic(weights, count: particles, offset: Double(stream.nextUniform()))
    let features = model.features
    var states = system.states
    for (place, source) in chosen.enumerated() where place != source {
      for feature in 0..<features { states[place * features + feature] = system.states[source * features + feature] }
    }
    system.states = states
    system.twists = chosen.map { system.twists[$0] }
    system.densities = chosen.map { system.densities[$0] }
    system.ancestors = chosen.map { system.ancestors[$0] }
    system.logWeights = Array(repeating: 0, count: particles)
    return true
  }

  // MARK: - Other models

  /// For each particle, the sum over the other models among the factors of the estimated log r, tempered by the
  /// exponent of t; nil where nothing is estimated anew at t.
  ///
  /// Estimates of eq. 9 are unbiased, and so is Z^, whatever psi was before. They cost whole trajectories, so before
  /// the last step they are made at few steps, each from few trajectories.
  private func otherDensities(
    _ system: ParticleSystem, _ query: CombinedFactors, repetition: Int, step t: Int
  ) throws(PosteriorError) -> [Double]? {
    let isEstimated = t == 0 || (t < model.steps && t % max(1, model.steps / 8) == 0)
    guard !query.models.isEmpty, isEstimated else { return nil }
    let power = Double(model.steps - t) / Double(model.steps)
    let rows = trained.scaling.undone(model.rows(of: system.states))
    var total = Array(repeating: 0.0, count: particles)
    for (index, other) in query.models.enumerated() {
      let trajectories = t == 0 ? other.trajectories : min(other.trajectories, 4)
      let noise = purpose.appending("model \(index)")
      // One stride for all t, so that no two blocks of chains meet.
      let block = UInt64(repetition) &* UInt64(model.steps + 1) &+ UInt64(t)
      do {
        let (logWeights, _) = try other.model.paths(
          .forward, from: Dataset(rows), perRow: trajectories, seed: seed, purposes: (noise.appending("end"), noise),
          firstChain: block &* UInt64(particles) &* UInt64(other.trajectories), options: ComputeOptions(threads: 1))
        for particle in total.indices {
          let own = logWeights[particle * trajectories..<(particle + 1) * trajectories]
          total[particle] += power * SpecialFunctions.logMeanExp(own)
        }
      } catch {
        throw .notFinite(factor: "another model's density", step: t)
      }
    }
    return total
  }

  // MARK: - What went wrong

  private func notFinite(_ states: [Double], _ particle: Int, _ space: Space, step: Int) -> PosteriorError {
    guard let general = space.general else { return .notFinite(factor: PosteriorError.ownStep, step: step) }
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
