import Distributions
import Formulas

/// A repeat on its way from x_T to x_0.
///
/// A step is a sweep over the tiles of its particles, in order on one thread or dealt to all threads of a pool, and what
/// is done with the weights between two sweeps. A tile's numbers are addressed by its particles, so neither changes them.
final class ParticleWalk: ParallelWork, @unchecked Sendable {
  /// What all walks of a query's work share.
  struct Setting: Sendable {
    let trained: TrainedDiffusion
    let particles: Int
    let tileRows: Int
    let precision: Precision
    let isWeighted: Bool
    let needsTilts: Bool
    let seed: UInt64
    let purpose: Purpose
    let cancellation: Cancellation

    var model: DiffusionModel { trained.model }
  }

  /// Who works on the tiles of a sweep.
  enum Sweeper {
    /// One thread, in order.
    case thread(Int)
    /// All threads of a pool, which tells this part of the whole work as progress.
    case pool(WorkerPool, part: (first: Double, share: Double))

    /// The caller's thread.
    var thread: Int { if case .thread(let thread) = self { thread } else { 0 } }
  }

  private enum Sweep {
    /// x_{t-1} is drawn from x_t, or x_T where t is T + 1.
    case draw(t: Int)
    case twist(t: Int)
  }

  private let setting: Setting
  /// By thread.
  private let spaces: [ParticleSpace]
  private let tiles: TileSweep
  private let population: ParticlePopulation
  private var query: ParticleQuery?
  private var repetition = 0
  private var current = Sweep.draw(t: 1)

  init(_ setting: Setting, _ spaces: [ParticleSpace]) {
    self.setting = setting
    self.spaces = spaces
    tiles = TileSweep(rows: setting.particles, tileRows: setting.tileRows)
    population = ParticlePopulation(
      setting.model, particles: setting.particles, tileRows: setting.tileRows, precision: setting.precision)
  }

  var isCancelled: Bool { setting.cancellation.isCancelled }
  private var model: DiffusionModel { setting.model }

  /// Walks the whole way.
  ///
  /// - Parameters:
  ///   - repetition: the repeat's part of the noise's address.
  ///   - keepsParticles: whether the outcome has the particles, or the evidence alone.
  func run(
    _ query: ParticleQuery, repetition: Int, keepsParticles: Bool, _ sweeper: Sweeper
  ) throws(PosteriorError) -> ParticleWork.Outcome {
    (self.query, self.repetition) = (query, repetition)
    defer { self.query = nil }
    population.restart()
    for t in stride(from: model.steps + 1, through: 1, by: -1) {
      if isCancelled { break }
      sweep(.draw(t: t), sweeper)
      // What is drawn is x_{t-1}; psi of it may take a look at the model.
      population.weigh()
      guard setting.isWeighted else { continue }
      if let bad = population.spoiled {
        throw notFinite(bad, query, spaces[sweeper.thread], step: min(t - 1, model.steps))
      }
      try carry(query, sweeper, step: t - 1)
      if !resample(step: t - 1) {
        return ParticleWork.Outcome(
          diedAt: t - 1, particles: keepsParticles ? setting.particles : 0, model,
          effectiveSampleSizes: population.effectiveSampleSizes)
      }
    }
    guard keepsParticles else {
      return ParticleWork.Outcome(
        states: [], weights: [], ancestors: [],
        logEvidence: population.finalLogEvidence(isWeighted: setting.isWeighted), effectiveSampleSizes: [])
    }
    return population.outcome(isWeighted: setting.isWeighted)
  }

  // MARK: - Tiles

  private func sweep(_ current: Sweep, _ sweeper: Sweeper) {
    self.current = current
    switch sweeper {
    case .thread(let thread):
      for tile in tiles.indices { perform(task: tile, thread: thread) }
    case .pool(let pool, let (first, share)):
      let step = share / Double(model.steps + 1)
      func done(_ t: Int) -> Double { first + step * Double(model.steps + 1 - t) }
      switch current {
      case .draw(let t): pool.run(tasks: tiles.count, self, part: done(t)...done(t - 1))
      case .twist(let t): pool.run(tasks: tiles.count, self, part: done(t)...done(t))
      }
    }
  }

  func perform(task tile: Int, thread: Int) {
    let space = spaces[thread]
    switch current {
    case .draw(let t): draw(tile, space, t: t)
    case .twist(let t):
      guard let stage = space.twist else { return }
      evaluate(stage, tile, step: t) { population.found[$0] = $1(0) }
    }
  }

  private func chain(_ particle: Int) -> UInt64 { (UInt64(repetition) << 32) + UInt64(particle) }

  /// Draws the next state of a tile's particles.
  private func draw(_ tile: Int, _ space: ParticleSpace, t: Int) {
    let (stage, now) = (space.stage(at: t, steps: model.steps), min(t, model.steps))
    let (workspace, first, lanes) = (stage.workspace, tiles[tile].first, tiles[tile].lanes)
    if t <= model.steps {
      population.states.load(tile: tile, into: workspace, stage.state)
      if setting.needsTilts, let general = space.general { writeTilts(tile, general, stage, lanes: lanes, step: now) }
    }
    if let query { stage.write(query, lanes: lanes) }
    stage.noise.fill(workspace, lanes: lanes, firstChain: chain(first), step: UInt32(now))
    workspace.run(lanes: lanes, step: now)
    population.states.store(tile: tile, from: workspace, output: 0)
    let weights = workspace.output(1, lanes: lanes)
    for row in 0..<tiles[tile].rows { population.found[first + row] = workspace.number(at: weights, row) }
  }

  /// Runs a program of a tile's states alone.
  private func evaluate(
    _ stage: ParticleStage, _ tile: Int, step: Int, _ visit: (_ particle: Int, _ output: (Int) -> Double) -> Void
  ) {
    let (workspace, first, lanes) = (stage.workspace, tiles[tile].first, tiles[tile].lanes)
    population.states.load(tile: tile, into: workspace, stage.state)
    if let query { stage.write(query, lanes: lanes) }
    workspace.run(lanes: lanes, step: step)
    for row in 0..<tiles[tile].rows {
      visit(first + row) { workspace.number(at: workspace.output($0, lanes: lanes), row) }
    }
  }

  /// log r at the probes of each part, such as both values of each bit, a batch of particles for each evaluation.
  private func writeTilts(_ tile: Int, _ general: ParticleStage, _ stage: ParticleStage, lanes: Int, step: Int) {
    guard let target = stage.workspace.pointer(to: stage.tilts, lanes: lanes) else { return }
    let space = general.workspace
    func logFactors(_ setting: StateProbes.Setting, of part: ModelPart) -> [Double] {
      population.states.load(tile: tile, into: space, general.state)
      if let state = space.pointer(to: general.state, lanes: lanes) {
        for (feature, value) in setting {
          for lane in 0..<lanes { space.set(state, (part.features.lowerBound + feature) * lanes + lane, value) }
        }
      }
      space.run(lanes: lanes, step: step)
      return (0..<lanes).map { lane in
        (0..<space.program.outputCount).reduce(0.0) { total, output in
          // Zeros of r are replaced as they are for t > 0: a proposal moved too far would have very uneven weights.
          let log = space.number(at: space.output(output, lanes: lanes), lane)
          return total + (log <= PosteriorFormulas.leastLog ? PosteriorFormulas.logOfZero : log)
        }
      }
    }
    for part in model.parts {
      let probes = part.transitions.probes
      for (feature, probe) in zip(part.features, probes.probes) {
        let own = logFactors(probe.setting, of: part)
        let reference = probe.reference.map { logFactors($0, of: part) } ?? own.map { _ in 0 }
        for lane in 0..<lanes { stage.workspace.set(target, feature * lanes + lane, own[lane] - reference[lane]) }
      }
      guard probes.isRelative else { continue }
      for lane in 0..<lanes {
        let most = part.features.map { stage.workspace.number(at: target, $0 * lanes + lane) }.max() ?? 0
        for feature in part.features {
          let number = stage.workspace.number(at: target, feature * lanes + lane)
          stage.workspace.set(target, feature * lanes + lane, number - most)
        }
      }
    }
  }

  // MARK: - Between sweeps

  /// The part of psi that the step's program does not contain: it replaces the value that the particle carried.
  private func carry(_ query: ParticleQuery, _ sweeper: Sweeper, step t: Int) throws(PosteriorError) {
    if spaces.first?.twist != nil {
      if t > 0 { sweep(.twist(t: t), sweeper) }
      population.replaceTwists(isEnd: t == 0)
    }
    if !query.factors.models.isEmpty, OtherModels.areEstimated(at: t, steps: model.steps) {
      let models = OtherModels(
        setting.trained, query.factors, particles: setting.particles, seed: setting.seed, purpose: setting.purpose)
      population.replaceDensities(try models.logDensities(population.states.values, repetition: repetition, step: t))
    }
    if population.spoiled != nil { throw .notFinite(factor: "psi", step: t) }
  }

  /// - Returns: whether any particle has a weight.
  private func resample(step t: Int) -> Bool {
    population.resample(mayResample: t > 0) {
      var stream = NoiseSource(seed: setting.seed, purpose: Purpose("\(setting.purpose) resampling")).stream(
        chain: UInt64(repetition), step: UInt32(t))
      return Double(stream.nextUniform())
    }
  }

  // MARK: - What went wrong

  private func notFinite(
    _ particle: Int, _ query: ParticleQuery, _ space: ParticleSpace, step: Int
  ) -> PosteriorError {
    guard let general = space.general else { return .notFinite(factor: PosteriorError.ownStep, step: step) }
    var culprit: Int?
    evaluate(general, particle / setting.tileRows, step: max(1, step)) { place, output in
      guard place == particle else { return }
      culprit = (0..<general.workspace.program.outputCount).first {
        let log = output($0)
        return log.isNaN || log == .infinity
      }
    }
    let formulas = query.factors.formulas
    return .notFinite(factor: formulas[min(culprit ?? 0, formulas.count - 1)].description, step: step)
  }
}
