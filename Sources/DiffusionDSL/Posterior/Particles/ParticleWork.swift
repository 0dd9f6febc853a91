import Distributions
import Formulas
import Synchronization

/// Sequential Monte Carlo along the reverse trajectory: independent repeats for each of some queries of one form.
///
/// A repeat is one task. Those that are left over when every thread has had as many are walked one after the other, the
/// tiles of their particles being the tasks: so many small queries never wait for each other, and a large one has all
/// threads. A repeat's numbers are addressed by the repeat and the particle alone, so neither threads nor the other
/// queries of a call change it.
final class ParticleWork: ParallelWork, @unchecked Sendable {
  private let setting: ParticleWalk.Setting
  private let queries: [ParticleQuery]
  private let repeats: Int
  private let keepsParticles: Bool
  /// By thread; one where repeats are walked one after the other.
  private let walks: [ParticleWalk]
  /// How many repeats are tasks.
  private let wholeTasks: Int
  /// The part of the noise's address that differs between the queries of one call; the same for all of them where each
  /// answer has to equal that of the query asked alone.
  private let chainOfQuery: @Sendable (Int) -> UInt64
  private let results: Mutex<[Result<Outcome, PosteriorError>?]>

  private static let mostTileRows = 128
  /// Fewer rows of a dense model are not worth a thread of their own.
  private static let leastTileRows = 64

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
    let count = queries.count * repeats
    let share = count < threads ? max(ParticleWork.leastTileRows, (particles + threads - 1) / threads) : particles
    let tileRows = programs.tileRows(TileWorkspace.padded(min(ParticleWork.mostTileRows, share)))
    let setting = ParticleWalk.Setting(
      trained: trained, particles: particles, tileRows: tileRows, precision: programs.step.program.precision,
      isWeighted: isWeighted, needsTilts: programs.needsTilts, seed: seed, purpose: purpose,
      cancellation: cancellation)
    let own = queries.map { ParticleQuery($0) }
    let spaces = (0..<threads).map { _ in
      ParticleSpace(programs, trained.model, tileRows: tileRows, seed: seed, purpose: purpose)
    }
    wholeTasks = particles <= tileRows ? count : count - count % threads
    walks = (0..<(wholeTasks > 0 ? threads : 1)).map { _ in ParticleWalk(setting, spaces) }
    self.setting = setting
    self.queries = own
    self.repeats = repeats
    self.keepsParticles = keepsParticles
    self.chainOfQuery = chainOfQuery
    results = Mutex(Array(repeating: nil, count: count))
  }

  var isCancelled: Bool { setting.cancellation.isCancelled }

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
    let count = queries.count * repeats
    let share = 1 / Double(max(1, count))
    if wholeTasks > 0 { pool.run(tasks: wholeTasks, self, part: 0...Double(wholeTasks) * share) }
    for task in wholeTasks..<count {
      walk(task, walks[0], .pool(pool, part: (first: Double(task) * share, share: share)))
    }
    try setting.cancellation.check()
    let all = results.withLock { $0 }
    return (0..<queries.count).map { query in (0..<repeats).compactMap { all[query * repeats + $0] } }
  }

  func perform(task: Int, thread: Int) { walk(task, walks[thread], .thread(thread)) }

  private func walk(_ task: Int, _ walk: ParticleWalk, _ sweeper: ParticleWalk.Sweeper) {
    if isCancelled { return }
    let (query, own) = (task / repeats, task % repeats)
    let result: Result<Outcome, PosteriorError>
    do {
      result = .success(
        try walk.run(
          queries[query], repetition: Int(truncatingIfNeeded: chainOfQuery(query)) &* repeats &+ own,
          keepsParticles: keepsParticles, sweeper))
    } catch {
      result = .failure(error)
    }
    results.withLock { $0[task] = result }
    if !isCancelled { setting.cancellation.advance(by: 1) }
  }
}
