/// What the readout z of a Gaussian kernel means for the reverse step's mean.
public enum MeanParameterisation: String, Codable, CaseIterable, Hashable, Sendable {
  /// mu = (x - z)(1 - Sigma) + z (eqs. 64-65).
  case interpolated
  /// mu = x sqrt(1 - beta_t) + z sqrt(beta_t): a perturbation of the forward kernel's mean.
  case forwardMean
  /// z is the predicted x_0.
  case data
  /// z is the predicted noise in x_t. Where nothing of x_0 is left in x_t (abar_t = 0), -z is the predicted x_0.
  case noise
  /// mu = z.
  case direct
}

/// Where the reverse step's variance comes from.
public enum VarianceParameterisation: Codable, Hashable, Sendable {
  /// Sigma = sigmoid(z_Sigma + logit beta_t), one for each dimension (eq. 65).
  case learned
  /// beta_t: right for data of unit variance.
  case forward
  /// beta_t (1 - abar_{t-1}) / (1 - abar_t): right for a single point; beta_1 for a learned last step.
  case posterior
}

/// Where p(x_0 | x_1) comes from.
public enum LastStep: Codable, Hashable, Sendable {
  /// The forward kernel, run once more: p(x_0 | x_1) = T_pi(x_0 | x_1; beta_1) (eq. 44).
  case paper
  /// The reverse function, as at every other step; its variance is at least `floor`, in the scaled data's units.
  ///
  /// On data without noise the bound of a learned last step grows without end; a floor of beta_1 ends it.
  case learned(floor: Double = 0)

  var isLearned: Bool {
    if case .learned = self { true } else { false }
  }
}

/// A network that gives the reverse step's parameters from x_t: layers, then a readout.
public struct ReverseNetwork: Codable, Hashable, Sendable {
  public let mean: MeanParameterisation
  public let variance: VarianceParameterisation
  public let lastStep: LastStep
  public let layers: [Placed<Layer>]
  public let readout: Placed<Readout>

  public init(
    mean: MeanParameterisation = .interpolated, variance: VarianceParameterisation = .learned,
    lastStep: LastStep = .paper, @NetworkBuilder _ body: () -> NetworkBuilder.Complete
  ) {
    let body = body()
    self.mean = mean
    self.variance = variance
    self.lastStep = lastStep
    layers = body.layers
    readout = body.readout
  }
}
