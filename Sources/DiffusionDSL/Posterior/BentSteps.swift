import Expressions
import Foundation

// A step of the model times psi, family by family: what is drawn, and its weight (Docs/Mathematics.md, M56 to M58).

extension PosteriorFormulas {
  /// Log odds of bits and logarithms of classes are bent by no more than these: d is kept within [0.05, 0.95].
  static let mostTilt = Foundation.log(19.0)
  /// A normal step is bent by no more than so many of its standard deviations.
  static let mostShift = 2.0

  static func clipped(_ x: Formula, _ most: Double) -> Formula { max(Formula(-most), min(Formula(most), x)) }

  /// psi of a table at t + offset, for each value: (kept r + (1 - kept) sum pi r)^exponent.
  func psi(_ column: Int, _ pi: [Double], _ offset: Int) -> Formula {
    let r = concatenate(pi.indices.map { number(column, $0) })
    let kept = table(tables.kept, offset)
    let mixed = r * kept + sum(r * Formula(pi)) * (1 - kept)
    if tables.exponents.allSatisfy({ $0 == 1 }) { return mixed }
    return exp(log(max(mixed, 1e-30)) * table(tables.exponents, offset))
  }

  /// psi of a normal factor at t + offset, as k N(y; root x, variance).
  func normal(
    _ column: Int, _ offset: Int
  ) -> (y: Formula, root: Formula, variance: Formula, logConstant: Formula) {
    let (y, variance) = (number(column), number(column, 1))
    let stretch = table(tables.stretches, offset)
    var logConstant = Formula(0)
    if tables.exponents.contains(where: { $0 != 1 }) {
      logConstant =
        (log(stretch) + (1 - table(tables.exponents, offset)) * log(variance * (2 * Double.pi))) * 0.5
    }
    return (y, table(tables.roots, offset), variance * stretch + table(tables.noises, offset), logConstant)
  }

  func logNormal(_ misfit: Formula, _ variance: Formula) -> Formula {
    (square(misfit) / variance + log(variance * (2 * Double.pi))) * -0.5
  }

  /// What a step does to a part: what is drawn, and the log weight of the draw but for general factors.
  struct Bent {
    var draw: Formula
    var logWeight: Formula
  }

  /// A part's step p(x_{t-1} | x_t) times psi_{t-1}, over psi_t(x_t).
  ///
  /// - Parameters:
  ///   - now: x_t of the part; nil where there is none, at the start.
  ///   - offset: of psi of what is drawn: -1 in a step, 0 at the start.
  ///   - gradient: of log psi, where the step is bent by one, for its numbers; nil where it is not.
  ///   - tilt: log r at the values of bits or classes, where the step is bent by them; nil where it is not.
  ///   - isTwistedStep: whether psi_{t-1} depends on the model, so that the closed forms only bend the step.
  func bent(
    _ part: DiffusionModel.Part, _ step: any StateDistribution, now: Formula?, offset: Int,
    gradient: Formula?, tilt: Formula?, isTwistedStep: Bool
  ) -> Bent {
    switch step {
    case let step as NormalStates:
      bentNormals(part, step, now: now, offset: offset, gradient: gradient, isTwistedStep: isTwistedStep)
    case let step as BitStates:
      bentBits(part, step, now: now, offset: offset, tilt: tilt, isTwistedStep: isTwistedStep)
    case let step as CategoryStates:
      bentClasses(part, step, now: now, offset: offset, tilt: tilt, isTwistedStep: isTwistedStep)
    default: Bent(draw: step.draw(model.noise(part)), logWeight: 0)
    }
  }

  /// The means and variances of a normal step times its columns' psi; and the log weight of that.
  func multiplied(
    _ part: DiffusionModel.Part, _ step: NormalStates, now: Formula?, offset: Int, isTwistedStep: Bool
  ) -> (mean: Formula, variance: Formula, logWeight: Formula) {
    let variance = step.variance.broadcast(to: [step.features], stage: .step)
    let has = part.columns.map { factors.columns[$0].normal != nil && !isTwistedStep }
    guard has.contains(true) else { return (step.mean, variance, 0) }
    var (means, variances, weights) = ([Formula](), [Formula](), [Formula]())
    for (index, column) in part.columns.enumerated() {
      let (mu, sigma) = (step.mean[index], variance[index])
      guard has[index] else {
        means.append(mu)
        variances.append(sigma)
        continue
      }
      let psi = normal(column, offset)
      let total = psi.variance + sigma * square(psi.root)
      let gain = sigma * psi.root / total
      means.append(mu + gain * (psi.y - psi.root * mu))
      variances.append(sigma * psi.variance / total)
      weights.append(logNormal(psi.y - psi.root * mu, total) + psi.logConstant)
      if let now {
        let before = normal(column, offset + 1)
        weights.append(-(logNormal(before.y - before.root * now[index], before.variance) + before.logConstant))
      }
    }
    return (concatenate(means), concatenate(variances), weights.total)
  }

  func bentNormals(
    _ part: DiffusionModel.Part, _ step: NormalStates, now: Formula?, offset: Int, gradient: Formula?,
    isTwistedStep: Bool
  ) -> Bent {
    let (mean, variance, logWeight) = multiplied(part, step, now: now, offset: offset, isTwistedStep: isTwistedStep)
    let noise = model.noise(part)
    let deviation = sqrt(variance)
    guard let gradient else { return Bent(draw: mean + deviation * noise, logWeight: logWeight) }
    // Eq. 61, no farther than is sensible; then log p - log m of the draw, which is (z^2 - (z + u)^2) / 2. A gradient
    // that is NaN, as that of log(sigmoid(x)) far out, bends nothing.
    let bend = deviation * gradient
    let shift = PosteriorFormulas.clipped(select(square(bend) .> -1, bend, 0), PosteriorFormulas.mostShift)
    return Bent(
      draw: mean + deviation * (noise + shift), logWeight: logWeight - sum(shift * (noise + shift * 0.5)))
  }

  func bentBits(
    _ part: DiffusionModel.Part, _ step: BitStates, now: Formula?, offset: Int, tilt: Formula?, isTwistedStep: Bool
  ) -> Bent {
    guard case let process as BinomialProcess = part.process else {
      return Bent(draw: step.draw(model.noise(part)), logWeight: 0)
    }
    let stay = exp(step.logStay)
    var (ofFlip, ofStay) = ([Formula](), [Formula]())
    var weights: [Formula] = []
    for (index, column) in part.columns.enumerated() {
      guard factors.columns[column].table != nil else {
        ofFlip.append(1)
        ofStay.append(1)
        continue
      }
      let p = process.activities[index]
      let psi = psi(column, [1 - p, p], offset)
      let reference = step.reference[index]
      ofFlip.append(select(reference, psi[0], psi[1]))
      ofStay.append(select(reference, psi[1], psi[0]))
      let flipped: Formula = step.flip[index] * ofFlip[index]
      let stayed: Formula = stay[index] * ofStay[index]
      weights.append(log(max(flipped + stayed, 1e-37)))
      if let now {
        let before = self.psi(column, [1 - p, p], offset + 1)
        weights.append(-log(max(select(now[index], before[1], before[0]), 1e-37)))
      }
    }
    let logWeight = weights.isEmpty ? Formula(0) : weights.total
    func distribution(_ flips: Formula, _ stays: Formula) -> BitStates {
      BitStates(reference: step.reference, flip: flips / (flips + stays))
    }
    if weights.isEmpty, tilt == nil { return Bent(draw: step.draw(model.noise(part)), logWeight: 0) }
    let (flips, stays) = (step.flip * concatenate(ofFlip), stay * concatenate(ofStay))
    let base = distribution(flips, stays)
    // With another psi, this one only bends the step: the draw is weighed by p / m.
    func unbent(_ draw: Formula) -> Formula {
      guard isTwistedStep else { return 0 }
      let psi = select(square(draw - step.reference), concatenate(ofFlip), concatenate(ofStay))
      return -sum(log(max(psi, 1e-37)))
    }
    guard let tilt else {
      let draw = base.draw(model.noise(part))
      return Bent(draw: draw, logWeight: logWeight + unbent(draw))
    }
    // d = r(1) / (r(0) + r(1)), as log odds; those of a difference from x_t move the other way where that is 1.
    let odds = exp(PosteriorFormulas.clipped(tilt, PosteriorFormulas.mostTilt) * (1 - step.reference * 2))
    let proposal = distribution(flips * odds, stays)
    let draw = proposal.draw(model.noise(part))
    return Bent(
      draw: draw, logWeight: logWeight + unbent(draw) + base.logDensity(draw) - proposal.logDensity(draw))
  }

  func bentClasses(
    _ part: DiffusionModel.Part, _ step: CategoryStates, now: Formula?, offset: Int, tilt: Formula?,
    isTwistedStep: Bool
  ) -> Bent {
    guard case let process as CategoricalProcess = part.process else {
      return Bent(draw: step.draw(model.noise(part)), logWeight: 0)
    }
    let column = part.columns.lowerBound
    var (base, logWeight) = (step, Formula(0))
    var unbent: (Formula) -> Formula = { _ in 0 }
    if factors.columns[column].table != nil {
      let psi = psi(column, process.shares, offset)
      if isTwistedStep { unbent = { -log(max(sum($0 * psi), 1e-37)) } }
      let total = sum(step.probabilities * psi)
      base = CategoryStates(probabilities: step.probabilities * psi / max(total, 1e-37))
      logWeight = log(max(total, 1e-37))
      if let now {
        let before = sum(now * self.psi(column, process.shares, offset + 1))
        logWeight = logWeight - log(max(before, 1e-37))
      }
    }
    guard let tilt else {
      let draw = base.draw(model.noise(part))
      return Bent(draw: draw, logWeight: logWeight + unbent(draw))
    }
    let raised = base.probabilities * exp(PosteriorFormulas.clipped(tilt, PosteriorFormulas.mostTilt))
    let proposal = CategoryStates(probabilities: raised / sum(raised))
    let draw = proposal.draw(model.noise(part))
    return Bent(draw: draw, logWeight: logWeight + unbent(draw) + base.logDensity(draw) - proposal.logDensity(draw))
  }
}
