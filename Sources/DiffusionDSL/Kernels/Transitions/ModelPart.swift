/// A leaf of a model's kernel as formulas, with its place in rows, states, noise and readouts.
struct ModelPart: Sendable {
  let transitions: any KernelTransitions
  /// Its numbers of a row of data.
  let columns: Range<Int>
  /// Its numbers of a state.
  let features: Range<Int>
  /// Its numbers of the noise of its kind.
  let noises: Range<Int>
  /// Its numbers of a network's readout.
  let readouts: Range<Int>
}
