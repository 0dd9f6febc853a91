import Expressions

/// What a forward process does to a part of the state, as formulas over the row's step t; in nats.
///
/// A row of data has `columns` numbers; a state has `features`, which differ for categories: a class is one number in a
/// row and one indicator for each class in a state.
protocol KernelProcess: Sendable {
  /// Numbers of a row of data.
  var columns: Int { get }
  /// Numbers of a state.
  var features: Int { get }
  /// Numbers of noise that a draw takes.
  var noises: Int { get }
  /// What kind of noise a draw takes.
  var noiseKind: NoiseKind { get }
  /// Numbers that a network's readout has for this part.
  var readouts: Int { get }

  /// A row's numbers, shape [columns], as a state, shape [features].
  func encoded(_ row: Formula) -> Formula
  /// The same in numbers, and back.
  func state(of row: [Double]) -> [Double]
  func row(of state: [Double]) -> [Double]

  /// pi.
  var stationary: any StateDistribution { get }
  /// q(x_t | x_{t-1}).
  func forward(_ before: Formula) -> any StateDistribution
  /// q(x_t | x_0).
  func marginal(_ data: Formula) -> any StateDistribution
  /// q(x_{t-1} | x_t, x_0); a point at t = 1.
  func posterior(_ data: Formula, _ state: Formula) -> any StateDistribution
  /// p(x_{t-1} | x_t) from a network's readout.
  func reverse(_ readout: Formula, _ state: Formula) -> any StateDistribution

  /// Bounds on H(X_{t-1} | X_t) under q, in nats, for t >= 2; see `EntropyBounds`.
  ///
  /// - Parameter data: of the states of x_0.
  func entropyBounds(_ t: Int, _ clock: ErasureClock, _ data: StateMoments) -> EntropyBounds

  /// KL(q(x_T | x_0) || pi), cell by cell of a row, shape [columns].
  func priorLosses(_ data: Formula) -> Formula
  /// -L_0 of the paper's last step, cell by cell of a row, shape [columns].
  func lastLosses(_ data: Formula) -> Formula
  /// About what -log p(x_0 | x_1) of a learned last step will be for each cell of a row.
  var expectedLastLoss: Double { get }
}

extension KernelProcess {
  // Most states are rows.
  func encoded(_ row: Formula) -> Formula { row }
  func state(of row: [Double]) -> [Double] { row }
  func row(of state: [Double]) -> [Double] { state }

  /// What is one for each cell of a row, shape [columns], for each number of a state, shape [features].
  func spread(_ cells: Formula) -> Formula {
    // A row's cells are a state's numbers, or one cell is all of them.
    columns == features ? cells : cells[0].broadcast(to: [features], stage: cells.stage)
  }
}

/// The noise that draws are made of.
enum NoiseKind: Sendable {
  /// Standard normal.
  case normal
  /// Uniform on [0, 1).
  case uniform
}
