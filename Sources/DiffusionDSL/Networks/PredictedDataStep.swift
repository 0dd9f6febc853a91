import Formulas

extension GaussianStep {
  /// The step that follows from a prediction of x_0: x_{t-1} is drawn from q(x_{t-1} | x_t, x_0), with x_0 of the
  /// predicted mean and variance.
  ///
  /// With the coefficients of `StepSymbols`, its mean is a_t z + b_t x_t and its variance v_t + a_t^2 s, where z and s
  /// are the prediction's (Docs/Mathematics.md, M4). For data of one number that are N(0, 4), the mean and variance of
  /// x_0 given x_t are known:
  ///
  /// ```swift
  /// let definition = Diffusion {
  ///   GaussianKernel(dimensions: 1)
  ///   Cosine(steps: 20)
  ///   ReverseFunction(dimensions: 1, lastStep: .learned()) { x, step in
  ///     let spread = 4 * step.alphaBar + step.noise
  ///     return GaussianStep(
  ///       predictedData: 4 * sqrt(step.alphaBar) / spread * x, variance: 4 * step.noise / spread, from: x, step)
  ///   }
  /// }
  /// ```
  ///
  /// - Parameters:
  ///   - prediction: the mean of x_0 given x_t, in the scaled data's units; shape [dimensions] or a scalar for all.
  ///   - variance: that of x_0 given x_t, 0 or more, in the scaled data's squared units; shape [dimensions] or a scalar
  ///     for all. Where it is 0, the step's variance is v_t, which is 0 at t = 1: there it needs the paper's last step,
  ///     or a learned one with a floor.
  ///   - state: x_t, as the reverse function gets it; for a part of a product, the part's numbers.
  ///   - step: what the reverse function knows of t.
  public init(predictedData prediction: Formula, variance: Formula, from state: Formula, _ step: StepSymbols) {
    self.init(
      mean: step.dataCoefficient * prediction + step.stateCoefficient * state,
      variance: square(step.dataCoefficient) * variance + step.posteriorVariance)
  }
}
