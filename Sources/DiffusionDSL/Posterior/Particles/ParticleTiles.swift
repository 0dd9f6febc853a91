import Distributions
import Formulas

// The tiles of particles: their memory, their inputs, and programs of their states alone.

extension ParticleWork {
  /// One thread's memory for the tiles of all programs.
  struct Space {
    let start: TileProgramSpace
    let step: TileProgramSpace
    let last: TileProgramSpace
    let twist: TileProgramSpace?
    let general: TileProgramSpace?
  }

  /// One program's memory for a tile, its noise and where its inputs are.
  struct TileProgramSpace {
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

  func write(_ states: [Double], _ tile: TileProgramSpace, first: Int, rows: Int, lanes: Int) {
    guard let target = tile.workspace.pointer(to: tile.state, lanes: lanes) else { return }
    let features = model.features
    for lane in 0..<lanes {
      let row = first + min(lane, rows - 1)
      for feature in 0..<features {
        tile.workspace.set(target, feature * lanes + lane, states[row * features + feature])
      }
    }
  }

  func write(_ numbers: [Double], _ tile: TileProgramSpace, lanes: Int) {
    guard let target = tile.workspace.pointer(to: tile.numbers, lanes: lanes) else { return }
    for (index, number) in numbers.enumerated() {
      for lane in 0..<lanes { tile.workspace.set(target, index * lanes + lane, number) }
    }
  }

  /// Runs a program of states alone, tile by tile.
  func evaluate(
    _ tile: TileProgramSpace, _ states: [Double], numbers: [Double], step: Int,
    _ visit: (_ particle: Int, _ output: (Int) -> Double) -> Void
  ) {
    for part in TileSweep(rows: particles, tileRows: ParticleWork.tileRows) {
      let (first, rows, lanes) = (part.first, part.rows, part.lanes)
      write(states, tile, first: first, rows: rows, lanes: lanes)
      write(numbers, tile, lanes: lanes)
      tile.workspace.run(lanes: lanes, step: step)
      for row in 0..<rows {
        visit(first + row) { tile.workspace.number(at: tile.workspace.output($0, lanes: lanes), row) }
      }
    }
  }

  /// log r at the probes of each part, such as both values of each bit, a batch of particles for each evaluation.
  func writeTilts(
    _ states: [Double], _ general: TileProgramSpace, _ tile: TileProgramSpace, first: Int, rows: Int, lanes: Int,
    step: Int
  ) {
    guard let target = tile.workspace.pointer(to: tile.tilts, lanes: lanes) else { return }
    let space = general.workspace
    // Outputs may share memory with inputs, so changed inputs are written anew each time.
    func logFactors(_ change: (UnsafeMutableRawPointer) -> Void) -> [Double] {
      write(states, general, first: first, rows: rows, lanes: lanes)
      if let state = space.pointer(to: general.state, lanes: lanes) { change(state) }
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
      func values(_ setting: StateProbes.Setting) -> [Double] {
        logFactors { state in
          for (feature, value) in setting {
            for lane in 0..<lanes { space.set(state, (part.features.lowerBound + feature) * lanes + lane, value) }
          }
        }
      }
      for (feature, probe) in zip(part.features, probes.probes) {
        let own = values(probe.setting)
        let reference = probe.reference.map(values) ?? own.map { _ in 0 }
        for lane in 0..<lanes { tile.workspace.set(target, feature * lanes + lane, own[lane] - reference[lane]) }
      }
      guard probes.isRelative else { continue }
      for lane in 0..<lanes {
        let most = part.features.map { tile.workspace.number(at: target, $0 * lanes + lane) }.max() ?? 0
        for feature in part.features {
          let number = tile.workspace.number(at: target, feature * lanes + lane)
          tile.workspace.set(target, feature * lanes + lane, number - most)
        }
      }
    }
  }
}
