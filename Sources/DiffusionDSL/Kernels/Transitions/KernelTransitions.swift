import Formulas

/// What a forward process does to a part of the state, as formulas over the row's step t; in nats.
///
/// A row of data has `columns` numbers; a state has `features`, which differ for categories: a class is one number in a
/// row and one indicator for each class in a state. There are no defaults: whatever training, bounds, samples and
/// posteriors ask of a family is here, so that one which compiles is complete.
public protocol KernelTransitions: Sendable {
  /// The distribution of each step.
  associatedtype States: StateDistribution

  // MARK: Numbers

  /// How many numbers a row of data has.
  var columns: Int { get }
  /// How many numbers a state has.
  var features: Int { get }
  /// How many random numbers a draw takes.
  var noises: Int { get }
  /// Which distribution these random numbers have.
  var noiseKind: NoiseKind { get }
  /// How many numbers a network's readout has for this part.
  var readouts: Int { get }

  // MARK: Rows and states

  /// A row's numbers, shape [columns], as a state, shape [features].
  func encoded(_ row: Formula) -> Formula
  /// A row's numbers as a state.
  func state(of row: [Double]) -> [Double]
  /// A state as a row's numbers.
  func row(of state: [Double]) -> [Double]
  /// Repeats one number for each cell of a row, shape [columns], over the numbers of a state, shape [features].
  func spread(_ cells: Formula) -> Formula
  /// The columns as values in the data's units, for the formula of a `Factor`: a number, a bit, or K indicators.
  ///
  /// - Parameters:
  ///   - state: shape [features].
  ///   - units: the mean and scale of each column; 0 and 1 for discrete ones.
  func values(_ state: Formula, units: [(mean: Double, scale: Double)]) -> [Formula]
  /// For each number of a state, the scale of the column that it is of; 1 for discrete ones.
  func scales(ofColumns scales: [Double]) -> [Double]

  // MARK: Steps

  /// pi.
  var stationary: States { get }
  /// q(x_t | x_{t-1}).
  func forward(_ before: Formula) -> States
  /// q(x_t | x_0).
  func marginal(_ data: Formula) -> States
  /// q(x_{t-1} | x_t, x_0); a point at t = 1.
  func posterior(_ data: Formula, _ state: Formula) -> States
  /// p(x_{t-1} | x_t) from a network's readout, shape [readouts].
  func reverse(_ readout: Formula, _ state: Formula) -> States
  /// p(x_{t-1} | x_t) from formulas that were written by hand, of the form that the kernel asks for.
  func reverse(_ step: StepFormulas, _ state: Formula) -> States

  // MARK: Bounds

  /// Bounds on H(X_{t-1} | X_t) under q, in nats, for t >= 2; see `EntropyBounds`.
  ///
  /// - Parameter data: of the states of x_0.
  func entropyBounds(_ t: Int, _ clock: ErasureClock, _ data: StateMoments) -> EntropyBounds
  /// KL(q(x_T | x_0) || pi), cell by cell of a row, shape [columns].
  func priorLosses(_ data: Formula) -> Formula
  /// -L_0 of the paper's last step, cell by cell of a row, shape [columns]: the entropy of q(x_1 | x_0) less
  /// log pi(x_0) - E log pi(x_1).
  func lastLosses(_ data: Formula) -> Formula
  /// A rough value of -log p(x_0 | x_1) with a learned last step, in nats for each cell of a row; a control variate.
  var expectedLastLoss: Double { get }

  // MARK: Regression over rows

  /// The one parameter of a `KernelRegression` for this part, which says how near to a kept row x_0 is: its name in
  /// files, and where it starts.
  func nearness(_ regression: KernelRegression) -> (name: String, start: Double)
  /// log q(x_t | x_0 near row i) for each row, up to a constant that all rows share: shape [n].
  ///
  /// - Parameters:
  ///   - rows: the rows' states, shape [n, features].
  ///   - nearness: the parameter, a scalar.
  func regressionLogWeights(_ state: Formula, _ rows: Formula, nearness: Formula) -> Formula
  /// p(x_{t-1} | x_t) from the rows' weights, shape [n], which add up to 1.
  func regressed(_ state: Formula, _ rows: Formula, _ weights: Formula, nearness: Formula) -> States

  // MARK: Posteriors

  /// E x_0, shape [features], under the step p(x_{t-1} | x_t), given x_t.
  func estimate(_ step: States, _ state: Formula) -> Formula
  /// For each column with a closed form, log r at an estimate of x_0, widened by what is left of the diffusion.
  func logTwists(_ estimate: Formula, _ factors: ColumnFactors) -> [Formula]
  /// A draw from the step p(x_{t-1} | x_t) moved towards psi_{t-1}, and its log weight; see `TwistedTarget`.
  func proposal(_ step: States, _ target: TwistedTarget) -> Proposal
  /// Where the gradient of general factors is taken: E x_{t-1} under the step times the closed forms, or the step's own
  /// mean, for a part whose proposals use no gradient.
  func proposalMean(_ step: States, _ target: TwistedTarget) -> Formula
  /// Where general factors are evaluated on the way to t = 0: a continuous x_t drawn towards x_0 by `root`, a discrete
  /// one as it is.
  func centred(_ state: Formula, root: Formula) -> Formula
  /// The states at which general factors are evaluated, for a part whose proposals go by their values.
  var probes: StateProbes { get }
}

/// The noise that draws are made of.
public enum NoiseKind: Sendable {
  /// Standard normal.
  case normal
  /// Uniform on [0, 1).
  case uniform
}
