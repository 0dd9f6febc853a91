import Formulas

// Proposals of steps over classes: a table multiplies the classes' chances exactly, and general factors raise them by
// their values.

extension CategoricalTransitions {
  public var probes: StateProbes { .indicators(classes) }

  public func centred(_ state: Formula, root: Formula) -> Formula { state }
  public func estimate(_ step: CategoryStates, _ x: Formula) -> Formula { step.mean }
  public func proposalMean(_ step: CategoryStates, _ target: TwistedTarget) -> Formula { step.mean }

  public func logTwists(_ estimate: Formula, _ factors: ColumnFactors) -> [Formula] {
    factors.psi(0, stationary: shares, at: 0).map { [log(max(sum(estimate * $0), 1e-37))] } ?? []
  }

  public func proposal(_ step: CategoryStates, _ target: TwistedTarget) -> Proposal {
    var (base, logWeight) = (step, Formula(0))
    // Where the table is not part of the target (`isTwistedStep`), it only changes the proposal m: the draw has the
    // weight p / m.
    var correction: (Formula) -> Formula = { _ in 0 }
    if let psi = target.psi(0, stationary: shares) {
      if target.isTwistedStep { correction = { -log(max(sum($0 * psi), 1e-37)) } }
      let total = sum(step.probabilities * psi)
      base = CategoryStates(probabilities: step.probabilities * psi / max(total, 1e-37))
      logWeight = log(max(total, 1e-37))
      if let state = target.state, let before = target.psiOfState(0, stationary: shares) {
        logWeight = logWeight - log(max(sum(state * before), 1e-37))
      }
    }
    guard let tilt = target.boundedTilt else {
      let draw = base.draw(target.noise)
      return Proposal(draw: draw, logWeight: logWeight + correction(draw))
    }
    let raised = base.probabilities * exp(tilt)
    let tilted = CategoryStates(probabilities: raised / sum(raised))
    let draw = tilted.draw(target.noise)
    return Proposal(
      draw: draw, logWeight: logWeight + correction(draw) + base.logDensity(draw) - tilted.logDensity(draw))
  }
}
