import Formulas

// Proposals of steps over bits: each bit has two values, so tables multiply its chances exactly, and general factors
// move its log odds.

extension BinomialTransitions {
  public var probes: StateProbes { .bits(features) }

  public func centred(_ state: Formula, root: Formula) -> Formula { state }
  public func estimate(_ step: BitStates, _ x: Formula) -> Formula { step.mean }
  public func proposalMean(_ step: BitStates, _ target: TwistedTarget) -> Formula { step.mean }

  private func pi(_ bit: Int) -> [Double] { [1 - activities[bit], activities[bit]] }

  public func logTwists(_ estimate: Formula, _ factors: ColumnFactors) -> [Formula] {
    activities.indices.compactMap { bit in
      factors.psi(bit, stationary: pi(bit), at: 0).map { psi in
        log(max(psi[0] + estimate[bit] * (psi[1] - psi[0]), 1e-37))
      }
    }
  }

  /// psi of a flip and of staying, bit by bit, and the log weight of a draw from the step times these: the normaliser
  /// over psi_t(x_t). The weight is nil where no bit has a table.
  private func tables(
    _ step: BitStates, _ stay: Formula, _ target: TwistedTarget
  ) -> (ofFlip: Formula, ofStay: Formula, logWeight: Formula?) {
    var (ofFlip, ofStay) = ([Formula](), [Formula]())
    var weights: [Formula] = []
    for bit in activities.indices {
      guard let psi = target.psi(bit, stationary: pi(bit)) else {
        ofFlip.append(1)
        ofStay.append(1)
        continue
      }
      let reference = step.reference[bit]
      ofFlip.append(select(reference, psi[0], psi[1]))
      ofStay.append(select(reference, psi[1], psi[0]))
      let flipped: Formula = step.flip[bit] * ofFlip[bit]
      let stayed: Formula = stay[bit] * ofStay[bit]
      weights.append(log(max(flipped + stayed, 1e-37)))
      if let state = target.state, let before = target.psiOfState(bit, stationary: pi(bit)) {
        weights.append(-log(max(select(state[bit], before[1], before[0]), 1e-37)))
      }
    }
    return (concatenate(ofFlip), concatenate(ofStay), weights.isEmpty ? nil : weights.total)
  }

  public func proposal(_ step: BitStates, _ target: TwistedTarget) -> Proposal {
    let stay = exp(step.logStay)
    let (ofFlip, ofStay, weight) = tables(step, stay, target)
    let tilt = target.boundedTilt
    if weight == nil, tilt == nil { return Proposal(draw: step.draw(target.noise), logWeight: 0) }
    let logWeight = weight ?? 0
    func distribution(_ flips: Formula, _ stays: Formula) -> BitStates {
      BitStates(reference: step.reference, flip: flips / (flips + stays))
    }
    let (flips, stays) = (step.flip * ofFlip, stay * ofStay)
    let base = distribution(flips, stays)
    // Where the tables are no part of the target, they only move the proposal: the draw is weighed by p / m.
    func corrected(_ draw: Formula) -> Formula {
      guard target.isTwistedStep else { return 0 }
      let psi = select(square(draw - step.reference), ofFlip, ofStay)
      return -sum(log(max(psi, 1e-37)))
    }
    guard let tilt else {
      let draw = base.draw(target.noise)
      return Proposal(draw: draw, logWeight: logWeight + corrected(draw))
    }
    // d = r(1) / (r(0) + r(1)), as log odds; those of a difference from x_t move the other way where that is 1.
    let odds = exp(tilt * (1 - step.reference * 2))
    let tilted = distribution(flips * odds, stays)
    let draw = tilted.draw(target.noise)
    return Proposal(
      draw: draw, logWeight: logWeight + corrected(draw) + base.logDensity(draw) - tilted.logDensity(draw))
  }
}
