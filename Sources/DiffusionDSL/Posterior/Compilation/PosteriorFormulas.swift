import Formulas

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
  /// Where the numbers of a part whose factors are vectors begin, by its first column.
  private let vectorStarts: [Int: Int]
  private let vectorCount: Int
  let isTwisted: Bool
  /// The square of the general factors' width on the way, and 1 where they guide proposals; nil where these are not
  /// tuned.
  let tuning: (squaredWidth: Formula, guiding: Formula)?
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
    var starts: [Int: Int] = [:]
    var reached = 0
    for vector in factors.vectors {
      starts[vector.lowerBound] = reached
      reached += 2 * vector.count
    }
    (vectorStarts, vectorCount) = (starts, reached)
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

  /// What the factors say in closed form of a part's columns.
  func closedForms(_ part: ModelPart) -> ColumnFactors {
    func weights(_ column: Int) -> Formula? {
      factors.columns[column].table.map { table in concatenate(table.indices.map { number(column, $0) }) }
    }
    if let start = vectorStarts[part.columns.lowerBound] {
      let (count, middle) = (part.columns.count, start + part.columns.count)
      let numbers = Formula.tileInput(PosteriorPrograms.vectors, shape: [vectorCount])
      return ColumnFactors(
        columns: part.columns.map { .init(weights: weights($0)) },
        vector: .init(
          mean: numbers[start..<middle], variance: numbers[middle..<middle + count],
          isGiven: factors.columns[part.columns].map { $0.normal == nil ? 0 : 1 }), tables: tables)
    }
    return ColumnFactors(
      columns: part.columns.map { column in
        .init(
          normal: factors.columns[column].normal.map { _ in (number(column), number(column, 1)) },
          weights: weights(column))
      }, tables: tables)
  }

  /// log psi of general factors at a part's probes.
  private func tilts(_ part: ModelPart, _ offset: Int) -> Formula? {
    guard !factors.formulas.isEmpty, !isTwisted, !part.transitions.probes.isEmpty else { return nil }
    // At t = 0 the factor is r itself.
    let tilts = Formula.input(PosteriorPrograms.tilts, shape: [model.features])[part.features] * power(offset)
    return tuning.map { tilts * $0.guiding } ?? tilts
  }

  /// The target of a part's step.
  ///
  /// - Parameters:
  ///   - state: x_t of the part; nil where there is no psi_t to divide by.
  ///   - offset: of psi of what is drawn: -1 in a step, 0 at the start.
  private func target(
    _ part: ModelPart, state: Formula? = nil, gradient: Formula? = nil, tilt: Formula? = nil, offset: Int,
    isTwistedStep: Bool
  ) -> TwistedTarget {
    TwistedTarget(
      noise: model.noise(part), state: state, factors: closedForms(part), gradient: gradient, tilt: tilt,
      isTwistedStep: isTwistedStep, offset: offset)
  }

  /// x_T and its log weight.
  var start: [Formula] {
    let proposals = model.parts.map { part in
      part.transitions.stationaryStep.proposal(target(part, offset: 0, isTwistedStep: isTwisted))
    }
    let x = concatenate(proposals.map(\.draw))
    return [x, (proposals.map(\.logWeight) + (hasGeneral ? [general(x, 0, hasFormulas: !isTwisted)] : [])).total]
  }

  /// x_{t-1} and its log weight.
  func step(_ reverse: [any PartStep], isLast: Bool) -> [Formula] {
    let isTwistedStep = isTwisted && !isLast
    let gradients = gradients(reverse, isTwistedStep: isTwistedStep)
    let proposals = zip(zip(model.parts, reverse), gradients).map { pair, gradient in
      let (part, step) = pair
      return step.proposal(
        target(
          part, state: isTwisted ? nil : state[part.features], gradient: gradient, tilt: tilts(part, -1), offset: -1,
          isTwistedStep: isTwistedStep))
    }
    let x = concatenate(proposals.map(\.draw))
    var terms = proposals.map(\.logWeight)
    if hasGeneral {
      terms += [general(x, -1, hasFormulas: !isTwistedStep), -general(state, 0, hasFormulas: !isTwisted)]
    }
    return [x, terms.total]
  }

  /// The gradients of log psi that the parts' proposals may follow: of the model's own estimate at x_t, and of general
  /// factors at the means that the proposals have after the closed forms.
  private func gradients(_ reverse: [any PartStep], isTwistedStep: Bool) -> [Formula?] {
    var gradients: [Formula?] = model.parts.map { _ in nil }
    if isTwistedStep {
      let whole = gradient(of: logTwist(state), at: state)
      gradients = model.parts.map { whole[$0.features] }
    }
    guard hasGeneral else { return gradients }
    let means = concatenate(
      zip(model.parts, reverse).map { part, step in
        step.proposalMean(target(part, offset: -1, isTwistedStep: isTwistedStep))
      }
    ).asVariable
    // A tuning that does not guide proposals leaves out the gradient of formulas, but not that of intervals.
    var log = ofIntervals(means, -1)
    if !isTwistedStep { log = log + ofFormulas(means, -1) * (tuning?.guiding ?? 1) }
    let whole = gradient(of: log, at: means)
    return zip(model.parts, gradients).map { part, gradient in
      gradient.map { $0 + whole[part.features] } ?? whole[part.features]
    }
  }
}
