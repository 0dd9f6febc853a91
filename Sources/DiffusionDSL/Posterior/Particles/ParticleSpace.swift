import Distributions
import Formulas

/// One thread's memory for the tiles of all programs of a posterior.
struct ParticleSpace {
  let start: ParticleStage
  let step: ParticleStage
  let last: ParticleStage
  let twist: ParticleStage?
  let general: ParticleStage?

  init(_ programs: PosteriorPrograms, _ model: DiffusionModel, tileRows: Int, seed: UInt64, purpose: Purpose) {
    func stage(_ shared: SharedValues, _ purpose: Purpose) -> ParticleStage {
      ParticleStage(shared, model, tileRows: tileRows, seed: seed, purpose: purpose)
    }
    start = stage(programs.start, Purpose("\(purpose) start"))
    step = stage(programs.step, purpose)
    last = stage(programs.last, purpose)
    twist = programs.twist.map { stage($0, purpose) }
    general = programs.general.map { stage($0, purpose) }
  }

  /// The program that draws x_{t-1}, or x_T where t is T + 1.
  func stage(at t: Int, steps: Int) -> ParticleStage { t > steps ? start : t > 1 ? step : last }
}

/// One program's memory for a tile, its noise and where its inputs are.
final class ParticleStage {
  let workspace: TileWorkspace
  let noise: TileNoise
  let state: TileInput
  let tilts: TileInput
  private let numbers: TileInput
  private let vectors: UniformInput
  /// Whose factors' numbers the inputs have, and for how many lanes.
  private var written: (owner: ObjectIdentifier, lanes: Int)?

  init(_ shared: SharedValues, _ model: DiffusionModel, tileRows: Int, seed: UInt64, purpose: Purpose) {
    workspace = TileWorkspace(shared: shared, maximumRows: tileRows)
    noise = TileNoise(seed: seed, purpose: purpose, for: shared.program, model)
    state = shared.program.input(DiffusionModel.state)
    numbers = shared.program.input(PosteriorPrograms.numbers)
    tilts = shared.program.input(PosteriorPrograms.tilts)
    vectors = shared.program.tileInput(PosteriorPrograms.vectors)
  }

  /// Writes a query's numbers, unless they are there: inputs keep what they have, but lie elsewhere for other lanes.
  func write(_ query: ParticleQuery, lanes: Int) {
    let owner = ObjectIdentifier(query)
    if let written, written == (owner, lanes) { return }
    if written?.owner != owner { workspace.write(query.vectors, to: vectors) }
    workspace.write(query.numbers, to: numbers, lanes: lanes)
    written = (owner, lanes)
  }
}

/// One query's factors with the numbers that programs take in.
final class ParticleQuery: Sendable {
  let factors: CombinedFactors
  let numbers: [Double]
  let vectors: [Double]

  init(_ factors: CombinedFactors) {
    self.factors = factors
    (numbers, vectors) = (factors.numbers, factors.vectorNumbers)
  }
}
