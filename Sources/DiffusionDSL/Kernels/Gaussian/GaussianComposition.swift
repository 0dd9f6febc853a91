import Formulas

extension GaussianTransitions: ComposableTransitions {
  /// The mean and variance of x_0 that the step's own follow from, and those of the state at this chain's step before that
  /// follow from these.
  ///
  /// A step's variance is that of q(x_{t-1} | x_t, x_0), which is there whatever x_0, and what x_0's adds. One that is less
  /// than the former keeps its ratio to it.
  func composed(
    _ step: NormalStates, of whole: GaussianTransitions, taken: (Formula) -> Formula, state: Formula
  ) -> NormalStates {
    func was(_ table: Formula) -> Formula { taken(whole.tables.now(table)) }
    let (ofData, given) = (was(whole.tables.posteriorOfData), was(whole.tables.posteriorVariance))
    let data = (taken(step.mean) - state * was(whole.tables.posteriorOfState)) / ofData
    let variance = exp(taken(step.logVariance))
    let longer = tables.now(tables.posteriorOfData)
    // At t = 1 nothing is there whatever x_0.
    let composed =
      tables.now(tables.posteriorVariance) * min(variance / max(given, 1e-30), 1)
      + square(longer / ofData) * max(variance - given, 0)
    return NormalStates(
      mean: (data * longer + state * tables.now(tables.posteriorOfState)).labelled("mean"),
      logVariance: floored(log(composed)).labelled("variance"), features: dimensions)
  }

  func implicit(_ step: NormalStates, state: Formula) -> Formula {
    let data = estimate(step, state)
    let (root, noise) = (tables.now(sqrt(tables.alphaBar)), tables.now(sqrt(tables.noise)))
    let (rootBefore, noiseBefore) = (tables.now(sqrt(tables.alphaBarBefore)), tables.now(sqrt(tables.noiseBefore)))
    return (data * rootBefore + (state - data * root) * (noiseBefore / noise)).labelled("the step without noise")
  }
}
