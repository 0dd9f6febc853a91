import Distributions
import Formulas

/// One thread's memory for the chains of a tile, and the noise that they are made of.
struct ChainSpace {
  let start: TileWorkspace
  let step: TileWorkspace
  let last: TileWorkspace?
  let startNoise: TileNoise
  let stepNoise: TileNoise
  let lastNoise: TileNoise?
  let stepState: TileInput
  let lastState: TileInput?

  /// - Parameter purpose: what the steps' random numbers are for.
  init(_ programs: ChainPrograms, rows: Int, seed: UInt64, purpose: Purpose = "sample") {
    func noise(_ purpose: Purpose, _ shared: SharedValues) -> TileNoise {
      TileNoise(seed: seed, purpose: purpose, for: shared.program, programs.model)
    }
    start = TileWorkspace(shared: programs.start, maximumRows: rows)
    step = TileWorkspace(shared: programs.step, maximumRows: rows)
    last = programs.last.map { TileWorkspace(shared: $0, maximumRows: rows) }
    startNoise = noise("sample start", programs.start)
    stepNoise = noise(purpose, programs.step)
    lastNoise = programs.last.map { noise(purpose, $0) }
    stepState = programs.step.program.input(DiffusionModel.state)
    lastState = programs.last?.program.input(DiffusionModel.state)
  }

  /// x_T of a tile's chains, [feature][lane].
  func begin(lanes: Int, firstChain: UInt64, steps: Int) -> UnsafeMutableRawPointer {
    startNoise.fill(start, lanes: lanes, firstChain: firstChain, step: UInt32(steps))
    start.run(lanes: lanes, step: steps)
    return start.output(0, lanes: lanes)
  }

  /// x_{t-1} from x_t, [feature][lane]; what is returned stays until the next call.
  func advance(
    _ states: UnsafeMutableRawPointer, bytes: Int, lanes: Int, firstChain: UInt64, step t: Int, isLast: Bool
  ) -> UnsafeMutableRawPointer {
    let (space, noise, input) =
      if isLast, let last, let lastNoise, let lastState { (last, lastNoise, lastState) } else {
        (step, stepNoise, stepState)
      }
    // A step that ignores x_t has no such input.
    space.pointer(to: input, lanes: lanes)?.copyMemory(from: states, byteCount: bytes)
    noise.fill(space, lanes: lanes, firstChain: firstChain, step: UInt32(t))
    space.run(lanes: lanes, step: t)
    return space.output(0, lanes: lanes)
  }
}
