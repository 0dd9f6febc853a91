import Expressions
import Foundation

/// One step of a posterior's chains as programs: draws from a model's step bent towards r, and what the particles weigh
/// for it (Docs/Mathematics.md, section 11).
///
/// With targets gamma_t = pi(x_T) prod p(x_{s-1} | x_s) psi_t(x_t), a particle's weight takes
/// p(x_{t-1} | x_t) psi_{t-1}(x_{t-1}) / [psi_t(x_t) m(x_{t-1} | x_t)], m what it was drawn from. Where psi has a closed
/// form for a column, m is p psi_{t-1}, normalised, and what is left is the normaliser over psi_t(x_t). General factors
/// bend normal steps by their gradient (eq. 61) and bits and classes by their values, and are weighed by p / m.
struct PosteriorPrograms {
  /// Numbers of the columns' factors: for each column, as many as `CombinedFactors.inputs` gives.
  static let numbers = "factors"
  /// log r(x) at each value of the bits and classes, less that at the state itself.
  static let tilts = "tilts"

  /// x_T from pi psi_T: the state and its log weight.
  let start: SharedValues
  /// x_{t-1} from x_t, for t >= 2, and from x_1 at t = 1: the state, and its log weight without what `twist` gives.
  let step: SharedValues
  let last: SharedValues
  /// log psi_t(x_t) where it depends on the model; nil where it does not.
  let twist: SharedValues?
  /// log r(x) of all general factors, one by one; nil where there is none.
  let general: SharedValues?
  /// Whether steps need the general factors' values at each bit and class.
  let needsTilts: Bool

  init(
    _ trained: TrainedDiffusion, _ factors: CombinedFactors, _ guidance: Guidance, options: ComputeOptions
  ) throws {
    let formulas = PosteriorFormulas(trained, factors, guidance)
    if let (index, fault) = formulas.faults.first {
      throw PosteriorError.invalidFormula(factor: factors.formulas[index].description, message: fault)
    }
    func compile(_ outputs: [Formula]) throws(DefinitionError) -> SharedValues {
      try trained.compile(outputs, precision: options.precision, level: options.vectorLevel)
    }
    let model = trained.model
    start = try compile(formulas.start)
    step = try compile(formulas.step(model.reverse(of: formulas.state), isLast: false))
    last = try compile(
      formulas.step(
        model.isLastStepLearned ? model.reverse(of: formulas.state) : model.forwardDistributions, isLast: true))
    twist = try formulas.isTwisted ? compile([formulas.twist]) : nil
    general = try factors.formulas.isEmpty ? nil : compile(formulas.logFactors(model.stateInput))
    needsTilts = !factors.formulas.isEmpty && model.parts.contains { $0.process.noiseKind == .uniform }
  }
}

/// The formulas that `PosteriorPrograms` compiles.
struct PosteriorFormulas {
  private let model: DiffusionModel
  private let scaling: Scaling
  private let factors: CombinedFactors
  private let tables: GuidanceTables
  private let schema: Schema
  /// Where each column's numbers begin, among the inputs.
  private let places: [Int]
  private let inputCount: Int
  let isTwisted: Bool
  /// x_t, which gradients are taken at.
  let state: Formula

  /// Log odds of bits and logarithms of classes are bent by no more than these: d is kept within [0.05, 0.95].
  private static let mostTilt = Foundation.log(19.0)
  /// A normal step is bent by no more than so many of its standard deviations.
  private static let mostShift = 2.0
  /// Where a general r is 0, it counts as e to this on the way: a power of 0 would be the wrong limit, and a state from
  /// which one more step leads to what is possible must not lose its particles.
  static let logOfZero = -1.5
  /// Below this log r(x) is that of a 0.
  static let leastLog = -300.0

  init(_ trained: TrainedDiffusion, _ factors: CombinedFactors, _ guidance: Guidance) {
    model = trained.model
    scaling = trained.scaling
    schema = trained.definition.schema
    self.factors = factors
    tables = GuidanceTables(guidance, betas: trained.betas, isLastStepLearned: model.isLastStepLearned)
    (places, inputCount) = factors.places
    isTwisted = if case .twisted = guidance { true } else { false }
    state = model.stateInput.asVariable
  }

  private func table(_ values: [Double], _ offset: Int) -> Formula {
    Formula(values).atStep(offset: offset)
  }
  private func number(_ column: Int, _ index: Int = 0) -> Formula {
    Formula.input(PosteriorPrograms.numbers, shape: [inputCount])[places[column] + index]
  }

  // MARK: - General factors

  /// A state in the data's units, column by column.
  private func columns(_ x: Formula) -> [Formula] {
    model.parts.flatMap { part -> [Formula] in
      let x = x[part.features]
      if part.columns.count != part.features.count { return [x] }
      return part.columns.enumerated().map { index, column in
        let (mean, scale) = (scaling.mean[column], scaling.scale[column])
        return mean == 0 && scale == 1 ? x[index] : x[index] * scale + mean
      }
    }
  }

  /// log r(x) of each general factor.
  func logFactors(_ x: Formula) -> [Formula] {
    let input = FactorInput(columns: columns(x), schema: schema)
    return factors.formulas.map { $0.function(input) }
  }

  /// What is wrong with the general factors, by their place.
  var faults: [(Int, String)] {
    logFactors(model.stateInput).enumerated().compactMap { index, formula in
      if let fault = formula.fault { return (index, fault.message) }
      return formula.shape == .scalar
        ? nil : (index, "log r(x) is a scalar, not a value of shape \(formula.shape): add its numbers with sum")
    }
  }

  /// log psi of what has no closed form in a step, at t + offset.
  private func general(_ x: Formula, _ offset: Int) -> Formula {
    var terms: [Formula] = []
    for formula in logFactors(x) {
      // At t = 0 r is itself, wherever it is 0.
      let power = table(tables.powers, offset)
      let isEnd = table([1] + Array(repeating: 0.0, count: model.steps), offset)
      terms.append(
        select(
          isEnd, formula,
          select(formula .> Formula(PosteriorFormulas.leastLog), formula, Formula(PosteriorFormulas.logOfZero)) * power)
      )
    }
    for (index, column) in factors.columns.enumerated() where column.interval != nil {
      terms.append(logInterval(feature(x, index), index, offset))
    }
    return terms.isEmpty ? Formula(0) : terms.total
  }

  /// A continuous column's number in a state.
  private func feature(_ x: Formula, _ column: Int) -> Formula {
    for part in model.parts where part.columns.contains(column) {
      return x[part.features][column - part.columns.lowerBound]
    }
    return x[0]
  }

  /// The chance that x_0 lies in the interval, given x_t, were what is left of the diffusion the forward kernel; at t = 0,
  /// whether it does.
  private func logInterval(_ x: Formula, _ column: Int, _ offset: Int) -> Formula {
    let slot = factors.intervalSlot(column)
    let (lower, upper) = (number(column, slot), number(column, slot + 1))
    // Never 0 before the end, or the limit would be another.
    let width = sqrt(max(table(tables.noises, offset), 1e-12))
    let centre = x * table(tables.roots, offset)
    let isEnd = table([1] + Array(repeating: 0.0, count: model.steps), offset)
    let inside = (x .> lower) * (upper .> x)
    let log = PosteriorFormulas.logNormalInterval((lower - centre) / width, (upper - centre) / width)
    return select(isEnd, select(inside, 0, -1e30), log)
  }

  /// log (Phi(b) - Phi(a)), about: Phi as the logistic function of 1.5976 z + 0.07056 z^3, which is off by less than
  /// 1.4e-4 (Bowling, Khasawneh, Kaewkuekool, Cho 2009). psi may be any positive function, so particles lose nothing.
  private static func logNormalInterval(_ a: Formula, _ b: Formula) -> Formula {
    func odds(_ z: Formula) -> Formula {
      let z = max(-15, min(15, z))
      return z * (square(z) * 0.07056 + 1.5976)
    }
    // sigmoid(u) - sigmoid(v) = (e^u - e^v) / ((1 + e^u) (1 + e^v))
    let (u, v) = (odds(b), odds(a))
    return u + log(max(-expm1(v - u), 1e-30)) - softplus(u) - softplus(v)
  }

  private static func clipped(_ x: Formula, _ most: Double) -> Formula { max(Formula(-most), min(Formula(most), x)) }

  // MARK: - Closed forms

  /// psi of a table at t + offset, for each value: (kept r + (1 - kept) sum pi r)^exponent.
  private func psi(_ column: Int, _ pi: [Double], _ offset: Int) -> Formula {
    let r = concatenate(pi.indices.map { number(column, $0) })
    let kept = table(tables.kept, offset)
    let mixed = r * kept + sum(r * Formula(pi)) * (1 - kept)
    if tables.exponents.allSatisfy({ $0 == 1 }) { return mixed }
    return exp(log(max(mixed, 1e-30)) * table(tables.exponents, offset))
  }

  /// psi of a normal factor at t + offset, as k N(y; root x, variance).
  private func normal(
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

  private func logNormal(_ misfit: Formula, _ variance: Formula) -> Formula {
    (square(misfit) / variance + log(variance * (2 * Double.pi))) * -0.5
  }

  /// What a step does to a part: what is drawn, and the log weight of the draw but for general factors.
  private struct Bent {
    var draw: Formula
    var logWeight: Formula
  }

  /// A part's step p(x_{t-1} | x_t) times psi_{t-1}, over psi_t(x_t).
  ///
  /// - Parameters:
  ///   - now: x_t of the part; nil where there is none, at the start.
  ///   - offset: of psi of what is drawn: -1 in a step, 0 at the start.
  ///   - shift: the gradient of the general factors at the step's means, or nil; given the means.
  private func bent(
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
  private func multiplied(
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

  private func bentNormals(
    _ part: DiffusionModel.Part, _ step: NormalStates, now: Formula?, offset: Int, gradient: Formula?,
    isTwistedStep: Bool
  ) -> Bent {
    let (mean, variance, logWeight) = multiplied(part, step, now: now, offset: offset, isTwistedStep: isTwistedStep)
    let noise = model.noise(part)
    let deviation = sqrt(variance)
    guard let gradient else { return Bent(draw: mean + deviation * noise, logWeight: logWeight) }
    // Eq. 61, no farther than is sensible; then log p - log m of the draw, which is (z^2 - (z + u)^2) / 2.
    let shift = PosteriorFormulas.clipped(deviation * gradient, PosteriorFormulas.mostShift)
    return Bent(
      draw: mean + deviation * (noise + shift), logWeight: logWeight - sum(shift * (noise + shift * 0.5)))
  }

  private func bentBits(
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

  private func bentClasses(
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

  // MARK: - Twisting

  /// E x_0 of each part under the model's step, given x_t: of normals, bits and classes alike, from E x_{t-1}.
  private func estimates(_ reverse: [any StateDistribution], _ x: Formula) -> [Formula] {
    zip(model.parts, reverse).map { part, step in
      let x = x[part.features]
      guard case let process as GaussianProcess = part.process, let step = step as? NormalStates else {
        return step.mean
      }
      let gaussian = process.tables
      return (step.mean - x * gaussian.now(gaussian.posteriorOfState)) / gaussian.now(gaussian.posteriorOfData)
    }
  }

  /// log psi_t(x_t): r at the model's estimate of x_0.
  private func logTwist(_ x: Formula) -> Formula {
    let reverse = model.reverse(of: x)
    let estimates = estimates(reverse, x)
    var terms: [Formula] = []
    for (part, estimate) in zip(model.parts, estimates) {
      for (index, column) in part.columns.enumerated() where factors.columns[column].normal != nil {
        let variance = number(column, 1) + table(tables.noises, 0)
        terms.append(logNormal(number(column) - estimate[index], variance))
      }
      if let process = part.process as? BinomialProcess {
        for (index, column) in part.columns.enumerated() where factors.columns[column].table != nil {
          let p = process.activities[index]
          let psi = psi(column, [1 - p, p], 0)
          terms.append(log(max(psi[0] + estimate[index] * (psi[1] - psi[0]), 1e-37)))
        }
      } else if let process = part.process as? CategoricalProcess,
        factors.columns[part.columns.lowerBound].table != nil
      {
        terms.append(log(max(sum(estimate * psi(part.columns.lowerBound, process.shares, 0)), 1e-37)))
      }
    }
    return terms.isEmpty ? Formula(0) : terms.total
  }

  var twist: Formula { logTwist(model.stateInput) }

  // MARK: - Programs

  private var hasGeneral: Bool {
    !factors.formulas.isEmpty || factors.columns.contains { $0.interval != nil }
  }

  private func tilts(_ part: DiffusionModel.Part, _ offset: Int) -> Formula? {
    guard !factors.formulas.isEmpty, part.process.noiseKind == .uniform else { return nil }
    return Formula.input(PosteriorPrograms.tilts, shape: [model.features])[part.features]
      * table(tables.powers, offset)
  }

  /// x_T and its log weight.
  var start: [Formula] {
    let bent = model.parts.map {
      self.bent(
        $0, $0.process.stationary, now: nil, offset: 0, gradient: nil, tilt: nil, isTwistedStep: isTwisted)
    }
    let x = concatenate(bent.map(\.draw))
    return [x, (bent.map(\.logWeight) + (hasGeneral ? [general(x, 0)] : [])).total]
  }

  /// x_{t-1} and its log weight.
  func step(_ reverse: [any StateDistribution], isLast: Bool) -> [Formula] {
    let isTwistedStep = isTwisted && !isLast
    var gradients: [Formula?] = model.parts.map { _ in nil }
    var terms: [Formula] = []
    if isTwistedStep {
      let log = logTwist(state)
      let whole = gradient(of: log, at: state)
      gradients = model.parts.map { whole[$0.features] }
    }
    if hasGeneral {
      // At the step's means, after the closed forms; of bits and classes, their chances.
      let means = concatenate(
        zip(model.parts, reverse).map { part, step in
          guard let step = step as? NormalStates else { return step.mean }
          return multiplied(
            part, step, now: nil, offset: -1, isTwistedStep: isTwistedStep
          ).mean
        }
      ).asVariable
      let whole = gradient(of: general(means, -1), at: means)
      gradients = zip(model.parts, gradients).map { part, gradient in
        gradient.map { $0 + whole[part.features] } ?? whole[part.features]
      }
    }
    let bent = zip(zip(model.parts, reverse), gradients).map { pair, gradient in
      let (part, step) = pair
      return self.bent(
        part, step, now: isTwisted ? nil : state[part.features], offset: -1, gradient: gradient,
        tilt: tilts(part, -1), isTwistedStep: isTwistedStep)
    }
    let x = concatenate(bent.map(\.draw))
    terms += bent.map(\.logWeight)
    if hasGeneral { terms += [general(x, -1), -general(state, 0)] }
    return [x, terms.total]
  }
}

extension CombinedFactors {
  /// The numbers that programs take in for a column: of a normal factor y and its variance, of an interval its limits, of a
  /// table r of each value.
  private func numbers(_ column: Column) -> [Double] {
    var numbers: [Double] = []
    if let normal = column.normal { numbers += [normal.mean, normal.variance] }
    if let interval = column.interval {
      numbers += [Swift.max(interval.lower, -1e18), Swift.min(interval.upper, 1e18)]
    }
    return numbers + (column.table ?? [])
  }

  /// All numbers, column by column.
  var numbers: [Double] { columns.flatMap(numbers) }

  /// Where each column's numbers begin, and how many there are; at least one, so that there is an input.
  var places: (starts: [Int], count: Int) {
    var (starts, count) = ([Int](), 0)
    for column in columns {
      starts.append(count)
      count += numbers(column).count
    }
    return (starts, Swift.max(1, count))
  }

  /// Where an interval's numbers begin among its column's.
  func intervalSlot(_ column: Int) -> Int { columns[column].normal == nil ? 0 : 2 }
}
