/// The mean and variance of a Gaussian reverse step, as formulas.
public struct GaussianStep: Sendable {
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
}

/// What a reverse function may know of the time step; each a scalar formula, the same for all rows.
public struct StepSymbols: Sendable {
  /// t, from 1 to T.
  public let t = Formula.stepSymbol("t")
  /// beta_t.
  public let beta = Formula.stepSymbol("beta")
  /// abar_t, the product of 1 - beta up to t.
  public let alphaBar = Formula.stepSymbol("alphaBar")
  /// 1 - abar_t, accurate where abar_t is near 1.
  public let noise = Formula.stepSymbol("noise")
  /// abar_{t-1}.
  public let alphaBarBefore = Formula.stepSymbol("alphaBarBefore")
  /// 1 - abar_{t-1}.
  public let noiseBefore = Formula.stepSymbol("noiseBefore")
}

extension Formula {
  static func stepSymbol(_ name: String) -> Formula { .symbol(name, shape: .scalar, stage: .step) }
}

/// A reverse step written by hand: the mean and variance of p(x_{t-1} | x_t) as formulas of x_t and t.
///
///     ReverseFunction(dimensions: 1) { x, step in
///       GaussianStep(mean: x * sqrt(1 - step.beta), variance: step.beta)
///     }
///
/// Everything is in the scaled data's units. It has no parameters, so there is nothing to train.
public struct ReverseFunction: Codable, Hashable, Sendable {
  /// Where p(x_0 | x_1) comes from.
  public let lastStep: LastStep
  /// Numbers of a row.
  public let dimensions: Int
  let mean: Formula
  let variance: Formula

  /// A mistake in the formulas, or shapes that do not fit, is a fault of the definition, reported when it is compiled.
  ///
  /// - Parameters:
  ///   - dimensions: numbers of a row, as many as the kernel's.
  ///   - lastStep: where p(x_0 | x_1) comes from; `.paper` does not ask the function at t = 1.
  ///   - step: the mean and variance, given x_t (shape [dimensions]) and what is known of t.
  public init(
    dimensions: Int, lastStep: LastStep = .paper, _ step: (_ x: Formula, _ step: StepSymbols) -> GaussianStep
  ) {
    let result = step(.symbol("x", shape: [dimensions], stage: .row), StepSymbols())
    self.lastStep = lastStep
    self.dimensions = dimensions
    mean = result.mean
    variance = result.variance
  }
}
