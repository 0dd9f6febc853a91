import Formulas

/// The mean and variance of a Gaussian reverse step, as formulas.
public struct GaussianStep: ReverseStep {
  /// f_mu(x_t, t), shape [dimensions] or a scalar for all, in the scaled data's units.
  public var mean: Formula
  /// The diagonal of f_Sigma(x_t, t), positive, shape [dimensions] or a scalar for all, in the scaled data's squared
  /// units.
  public var variance: Formula

  /// - Parameters:
  ///   - mean: shape [dimensions] or a scalar for all.
  ///   - variance: positive; shape [dimensions] or a scalar for all.
  public init(mean: Formula, variance: Formula) {
    self.mean = mean
    self.variance = variance
  }

  public var formulas: StepFormulas { StepFormulas(GaussianKernel.typeName, ["mean": mean, "variance": variance]) }
}
