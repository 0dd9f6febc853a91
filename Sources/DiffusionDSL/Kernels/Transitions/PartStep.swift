import Formulas

/// A part's distribution at one step of either process, whatever its family.
///
/// A family's distributions can be compared with those of the same family alone. Here one stands beside the transitions
/// that it is of, so that a comparison with, say, q(x_{t-1} | x_t, x_0) is asked of the step and needs no cast.
protocol PartStep: Sendable {
  /// E x, shape [features].
  var mean: Formula { get }
  /// The entropy, a scalar.
  var entropy: Formula { get }
  /// A draw, shape [features].
  func draw(_ noise: Formula) -> Formula
  /// log p(x), cell by cell of a row, shape [columns].
  func logDensities(_ x: Formula) -> Formula
  /// KL(q(x_{t-1} | x_t, x_0) || this), cell by cell of a row; at t = 1, -log p(x_0 | x_1).
  func losses(_ data: Formula, _ state: Formula) -> Formula
  /// Their sum, a scalar.
  func loss(_ data: Formula, _ state: Formula) -> Formula
  /// See `KernelTransitions.estimate`.
  func estimate(_ state: Formula) -> Formula
  /// See `KernelTransitions.proposal`.
  func proposal(_ target: TwistedTarget) -> Proposal
  /// See `KernelTransitions.proposalMean`.
  func proposalMean(_ target: TwistedTarget) -> Formula
}

/// A step of one family.
struct FamilyStep<Transitions: KernelTransitions>: PartStep {
  let transitions: Transitions
  let states: Transitions.States

  init(_ transitions: Transitions, _ states: Transitions.States) {
    self.transitions = transitions
    self.states = states
  }

  var mean: Formula { states.mean }
  var entropy: Formula { states.entropy }
  func draw(_ noise: Formula) -> Formula { states.draw(noise) }
  func logDensities(_ x: Formula) -> Formula { states.logDensities(x) }

  func losses(_ data: Formula, _ state: Formula) -> Formula {
    transitions.posterior(data, state).divergences(to: states)
  }

  func loss(_ data: Formula, _ state: Formula) -> Formula {
    transitions.posterior(data, state).divergence(to: states)
  }

  func estimate(_ state: Formula) -> Formula { transitions.estimate(states, state) }
  func proposal(_ target: TwistedTarget) -> Proposal { transitions.proposal(states, target) }
  func proposalMean(_ target: TwistedTarget) -> Formula { transitions.proposalMean(states, target) }
}

// The same steps as `KernelTransitions` gives, for callers that do not know the family.

extension KernelTransitions {
  var stationaryStep: any PartStep { FamilyStep(self, stationary) }
  func forwardStep(_ before: Formula) -> any PartStep { FamilyStep(self, forward(before)) }
  func marginalStep(_ data: Formula) -> any PartStep { FamilyStep(self, marginal(data)) }
  func posteriorStep(_ data: Formula, _ state: Formula) -> any PartStep { FamilyStep(self, posterior(data, state)) }
  func reverseStep(_ readout: Formula, _ state: Formula) -> any PartStep { FamilyStep(self, reverse(readout, state)) }
  func reverseStep(_ step: StepFormulas, _ state: Formula) -> any PartStep { FamilyStep(self, reverse(step, state)) }
  func regressedStep(
    _ state: Formula, _ rows: Formula, _ weights: Formula, nearness: Formula
  ) -> any PartStep {
    FamilyStep(self, regressed(state, rows, weights, nearness: nearness))
  }
}
