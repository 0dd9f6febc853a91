import Expressions

/// The formulas that `PosteriorPrograms` compiles.
struct PosteriorFormulas {
  let model: DiffusionModel
  let scaling: Scaling
  let factors: CombinedFactors
  let tables: GuidanceTables
  let schema: Schema
  /// Where each column's numbers begin, among the inputs.
  let places: [Int]
  let inputCount: Int
  let isTwisted: Bool
  /// The square of the general factors' width on the way, and 1 where they bend steps; nil where these are not tuned.
  let tuning: (squaredWidth: Formula, bending: Formula)?
  /// x_t, which gradients are taken at.
  let state: Formula

  init(_ trained: TrainedDiffusion, _ factors: CombinedFactors, _ guidance: Guidance) {
    model = trained.model
    scaling = trained.scaling
    schema = trained.definition.schema
    self.factors = factors
    tables = GuidanceTables(guidance, betas: trained.betas, isLastStepLearned: model.isLastStepLearned)
    (places, inputCount) = factors.places
    isTwisted = guidance.isTwisted
    let numbers = Formula.input(PosteriorPrograms.numbers, shape: [inputCount])
    tuning = factors.tuning == nil ? nil : (numbers[inputCount - 2], numbers[inputCount - 1])
    state = model.stateInput.asVariable
  }

  func table(_ values: [Double], _ offset: Int) -> Formula {
    Formula(values).atStep(offset: offset)
  }
  func number(_ column: Int, _ index: Int = 0) -> Formula {
    Formula.input(PosteriorPrograms.numbers, shape: [inputCount])[places[column] + index]
  }

  var hasGeneral: Bool {
    !factors.formulas.isEmpty || factors.columns.contains { $0.interval != nil }
  }

  func tilts(_ part: DiffusionModel.Part, _ offset: Int) -> Formula? {
    guard !factors.formulas.isEmpty, !isTwisted, part.process.noiseKind == .uniform else { return nil }
    // At t = 0 r is itself.
    let tilts = Formula.input(PosteriorPrograms.tilts, shape: [model.features])[part.features] * power(offset)
    return tuning.map { tilts * $0.bending } ?? tilts
  }

  /// x_T and its log weight.
  var start: [Formula] {
    let bent = model.parts.map {
      self.bent(
        $0, $0.process.stationary, now: nil, offset: 0, gradient: nil, tilt: nil, isTwistedStep: isTwisted)
    }
    let x = concatenate(bent.map(\.draw))
    return [x, (bent.map(\.logWeight) + (hasGeneral ? [general(x, 0, hasFormulas: !isTwisted)] : [])).total]
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
      // A tuning without bending concerns formulas alone.
      var log = ofIntervals(means, -1)
      if !isTwistedStep { log = log + ofFormulas(means, -1) * (tuning?.bending ?? 1) }
      let whole = gradient(of: log, at: means)
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
    if hasGeneral {
      terms += [general(x, -1, hasFormulas: !isTwistedStep), -general(state, 0, hasFormulas: !isTwisted)]
    }
    return [x, terms.total]
  }
}
