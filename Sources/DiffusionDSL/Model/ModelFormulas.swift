import Formulas

// What a model's programs are made of, as formulas of its inputs.

extension DiffusionModel {
  /// x_t, shape [features].
  var stateInput: Formula { .input(DiffusionModel.state, shape: [features]) }

  /// p(x_{t-1} | x_t) of each part.
  func reverse(of state: Formula) -> [any PartStep] { reverse(state, nil) }

  /// The noise that a part's draws are made of.
  func noise(_ part: ModelPart) -> Formula {
    switch part.transitions.noiseKind {
    case .normal: Formula.input(DiffusionModel.normals, shape: [normalCount])[part.noises]
    case .uniform: Formula.input(DiffusionModel.uniforms, shape: [uniformCount])[part.noises]
    }
  }

  /// The model of rows that are levels, if these are: x_0 then lies anywhere in its level.
  func dequantising(_ data: Dataset, _ scaling: Scaling) -> DiffusionModel {
    guard data.areLevels else { return self }
    var model = self
    model.levelWidths = scaling.scale.map { 1 / $0 }
    return model
  }

  /// The same with levels of one width for all numbers, nil for none.
  func dequantising(width: Double?) -> DiffusionModel {
    var model = self
    model.levelWidths = width.map { Array(repeating: $0, count: dimensions) }
    return model
  }

  /// x_0, a row of data.
  private var row: Formula {
    let row = Formula.input(DiffusionModel.data, shape: [dimensions])
    guard let widths = levelWidths, let first = widths.first else { return row }
    // The middle of a level is what is gathered.
    let place = Formula.input(DiffusionModel.levels, shape: [dimensions]) - 0.5
    return row + (widths.allSatisfy { $0 == first } ? place * first : place * Formula(widths))
  }

  /// A part of a row of data as a state.
  private func data(_ part: ModelPart) -> Formula { part.transitions.encoded(row[part.columns]) }

  /// A row of data as a state, part by part.
  var encodedData: [Formula] { parts.map(data) }

  /// Draws of all parts as one state.
  func draw(_ steps: [any PartStep]) -> Formula {
    concatenate(zip(parts, steps).map { $1.draw(noise($0)) })
  }

  /// x_{t-1} that steps from the state, x_t, lead to without noise; nil for a kernel whose steps cannot be taken so.
  private func implicit(_ steps: [any PartStep]) -> Formula? {
    let states = zip(parts, steps).map { part, step in
      (part.transitions as? any ComposableTransitions)?.implicitStep(step, state: stateInput[part.features])
    }
    let known = states.compactMap { $0 }
    return known.count == states.count ? concatenate(known) : nil
  }

  /// x_{t-1} from the state, x_t, by reverse steps.
  ///
  /// - Parameter isDeterministic: whether steps add no noise; of a family that cannot do without they still do.
  func advanced(by steps: [any PartStep], isDeterministic: Bool) -> Formula {
    (isDeterministic ? implicit(steps) : nil) ?? draw(steps)
  }

  /// x_{t-1} from the state, x_t, by the model's own reverse step.
  func step(isDeterministic: Bool) -> Formula {
    advanced(by: reverse(of: stateInput), isDeterministic: isDeterministic)
  }

  /// x_0 from the state, x_1, by the paper's last step (eq. 44).
  func ended(isDeterministic: Bool) -> Formula {
    isDeterministic ? concatenate(forwardSteps.map(\.mean)) : forward
  }

  /// Whether there is a chain without noise.
  var isComposable: Bool { parts.allSatisfy { $0.transitions is any ComposableTransitions } }

  /// Which cells of a part of the row are observed.
  func observed(_ part: ModelPart) -> Formula {
    Formula.input(DiffusionModel.observed, shape: [dimensions])[part.columns]
  }

  /// A draw of all parts as one state: from one distribution for the cells that are observed, from another for those
  /// that are missing.
  func draw(observed: [any PartStep], missing: [any PartStep]) -> Formula {
    concatenate(
      parts.indices.map { index in
        let part = parts[index]
        let noise = noise(part)
        return select(
          part.transitions.spread(self.observed(part)), observed[index].draw(noise), missing[index].draw(noise))
      })
  }

  /// A draw from pi.
  var start: Formula { draw(parts.map(\.transitions.stationaryStep)) }

  /// x_t drawn from q(x_t | x_{t-1}), the state being x_{t-1}; at t = 1 the paper's last step too, from x_1 to x_0
  /// (eq. 44).
  var forward: Formula { draw(forwardSteps) }

  /// q(x_t | x_{t-1}) of each part, the state being x_{t-1}.
  var forwardSteps: [any PartStep] { parts.map { $0.transitions.forwardStep(stateInput[$0.features]) } }

  /// x_t drawn from q(x_t | x_0).
  var noised: Formula { draw(parts.map { $0.transitions.marginalStep(data($0)) }) }

  /// Rows of scaled data, one behind the other, as states.
  func states(of rows: [Double]) -> [Double] {
    stride(from: 0, to: rows.count, by: dimensions).flatMap { start in
      parts.flatMap { part in
        part.transitions.state(of: part.columns.map { rows[start + $0] })
      }
    }
  }

  /// Differences of scaled states in the data's units.
  func stretched(_ differences: [Double], _ scaling: Scaling) -> [Double] {
    let scales = parts.flatMap { part in
      part.transitions.scales(ofColumns: part.columns.map { scaling.scale[$0] })
    }
    return differences.indices.map { differences[$0] * scales[$0 % features] }
  }

  /// States, one behind the other, as rows of scaled data.
  func rows(of states: [Double]) -> [Double] {
    stride(from: 0, to: states.count, by: features).flatMap { start in
      parts.flatMap { part in
        part.transitions.row(of: part.features.map { states[start + $0] })
      }
    }
  }

  /// The reverse step's loss for one row, part by part: KL(q(x_{t-1} | x_t, x_0) || p(x_{t-1} | x_t)), and at t = 1,
  /// with a learned last step, -log p(x_0 | x_1).
  var stepLosses: [Formula] { stepLosses(isTraining: false) }

  /// - Parameter isTraining: whether the row may be one of those that a `KernelRegression` keeps; it is then left out
  ///   of the regression (leave-one-out), or the best bandwidth would be 0.
  private func stepLosses(isTraining: Bool) -> [Formula] {
    let state = noised
    return zip(parts, reverse(state, isTraining ? encodedData : nil)).map { part, reverse in
      reverse.loss(data(part), state[part.features])
    }
  }

  /// The same of a model with one part, cell by cell of the row, shape [columns]; nil for other models.
  var cellLosses: Formula? {
    guard parts.count == 1, let part = parts.first else { return nil }
    let state = noised
    return reverse(of: state).first?.losses(data(part), state[part.features])
  }

  /// The terms of K other than those of the reverse steps, for one row: KL(q(x_T | x_0) || pi) part by part, then the
  /// paper's last step's loss part by part; and log pi(x_0), part by part.
  ///
  /// - Parameter observedOnly: whether to count the observed cells only.
  func ends(observedOnly: Bool = false) -> (losses: [Formula], nulls: [Formula]) {
    func total(_ part: ModelPart, _ cells: Formula) -> Formula {
      observedOnly ? sum(observed(part) * cells) : sum(cells)
    }
    let losses =
      parts.map { total($0, $0.transitions.priorLosses(data($0))) }
      + parts.map { isLastStepLearned ? Formula(0) : total($0, $0.transitions.lastLosses(data($0))) }
    return (losses, parts.map { total($0, $0.transitions.stationaryStep.logDensities(data($0))) })
  }

  /// A control variate for the step loss, by step: 0 for a divergence, and for a learned last step the rough value that
  /// the parts give.
  ///
  /// The loss of a learned last step is minus a log density, which may be far from 0. As one of T steps, of which one
  /// is drawn, it would dominate the variance of the estimate of K. So its rough value is subtracted where the step is
  /// drawn and added once for all rows; this changes no expectation and no gradient.
  private var expectedLoss: [Double] {
    var losses = Array(repeating: 0.0, count: steps)
    if isLastStepLearned {
      losses[0] = parts.reduce(0) { $0 + $1.transitions.expectedLastLoss * Double($1.columns.count) }
    }
    return losses
  }

  /// -K for one row whose step t was drawn uniformly: its expectation over t and noise is -K.
  var trainingLoss: Formula {
    let ends = ends().losses.total
    let count = steps - firstReverseStep + 1
    guard count > 0 else { return ends }
    let expected = expectedLoss
    let total: Double = expected.reduce(0, +)
    return (stepLosses(isTraining: true).total - tables.now(Formula(expected))) * Double(count) + ends + total
  }
}

extension [Formula] {
  /// The sum of scalars.
  var total: Formula {
    guard let first else { return Formula(0) }
    return count == 1 ? first : sum(concatenate(self))
  }
}
