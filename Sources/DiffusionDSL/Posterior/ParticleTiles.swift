import Distributions
import Expressions

// The tiles of particles: their memory, their inputs, and programs of their states alone.

extension ParticleWork {
  /// One thread's memory for the tiles of all programs.
  struct Space {
    let start: Stage
    let step: Stage
    let last: Stage
    let twist: Stage?
    let general: Stage?
  }

  struct Stage {
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

  func write(_ states: [Double], _ stage: Stage, first: Int, rows: Int, lanes: Int) {
    guard let target = stage.workspace.pointer(to: stage.state, lanes: lanes) else { return }
    let features = model.features
    for lane in 0..<lanes {
      let row = first + min(lane, rows - 1)
      for feature in 0..<features {
        stage.workspace.set(target, feature * lanes + lane, states[row * features + feature])
      }
    }
  }

  func write(_ numbers: [Double], _ stage: Stage, lanes: Int) {
    guard let target = stage.workspace.pointer(to: stage.numbers, lanes: lanes) else { return }
    for (index, number) in numbers.enumerated() {
      for lane in 0..<lanes { stage.workspace.set(target, index * lanes + lane, number) }
    }
  }

  /// Runs a program of states alone, tile by tile.
  func evaluate(
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
  func writeTilts(
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
}
