import Formulas

// psi by the model's own estimate of x_0 (Wu et al. 2023).

extension PosteriorFormulas {
  /// log psi_t(x_t): r at the model's estimate of x_0.
  func logTwist(_ x: Formula) -> Formula {
    let estimates = zip(model.parts, model.reverse(of: x)).map { part, step in step.estimate(x[part.features]) }
    var terms = zip(model.parts, estimates).flatMap { part, estimate in
      part.transitions.logTwists(estimate, closedForms(part))
    }
    terms += tempered(concatenate(estimates), 0)
    return terms.isEmpty ? Formula(0) : terms.total
  }

  var twist: Formula { logTwist(model.stateInput) }
}
