import Expressions

// psi by the model's own estimate of x_0 (Wu et al. 2023).

extension PosteriorFormulas {
  /// E x_0 of each part under the model's step, given x_t: of normals, bits and classes alike, from E x_{t-1}.
  func estimates(_ reverse: [any StateDistribution], _ x: Formula) -> [Formula] {
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
  func logTwist(_ x: Formula) -> Formula {
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
    terms += annealed(concatenate(estimates), 0)
    return terms.isEmpty ? Formula(0) : terms.total
  }

  var twist: Formula { logTwist(model.stateInput) }
}
