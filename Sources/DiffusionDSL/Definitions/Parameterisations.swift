/// What the readout z of a Gaussian kernel, D numbers for a row, means for the reverse step's mean mu. x is x_t, Sigma
/// the step's variance; all in the scaled data's units.
public enum MeanParameterisation: String, Codable, CaseIterable, Hashable, Sendable {
  /// mu = (x - z)(1 - Sigma) + z: the paper's (Sohl-Dickstein et al. 2015, eq. 65).
  case interpolated
  /// mu = x sqrt(1 - beta_t) + z sqrt(beta_t): a perturbation of the forward kernel's mean.
  case forwardMean
  /// z is the predicted x_0: mu is the mean of q(x_{t-1} | x_t, x_0 = z).
  case data
  /// z is the predicted noise in x_t (Ho, Jain, Abbeel 2020): mu is the same mean for the x_0 that follows from it.
  /// Where nothing of x_0 is left in x_t (abar_t = 0), -z is the predicted x_0.
  case noise
  /// z is v = sqrt(abar_t) epsilon - sqrt(1 - abar_t) x_0, epsilon the noise in x_t (Salimans, Ho 2022, section 4 and
  /// appendix D): mu is the same mean for x_0 = sqrt(abar_t) x - sqrt(1 - abar_t) z. The prediction stays of use where
  /// little noise is left, unlike `data`, and where much is, unlike `noise`.
  case velocity
  /// mu = z.
  case direct
}

/// Where the reverse step's variance Sigma, D numbers for a row, comes from; in the scaled data's squared units.
public enum VarianceParameterisation: Codable, Hashable, Sendable {
  /// Sigma = sigmoid(z_Sigma + logit beta_t), one for each dimension (Sohl-Dickstein et al. 2015,
  /// eq. 64). Where beta_t is 1 this is 1, whatever z_Sigma.
  case learned
  /// beta_t: right for data of unit variance.
  case forward
  /// beta_t (1 - abar_{t-1}) / (1 - abar_t): right for a single point; beta_1 for a learned last step.
  case posterior
}

/// What the readout z of bits or classes means for the reverse step's probabilities.
public enum ProbabilityParameterisation: String, Codable, CaseIterable, Hashable, Sendable {
  /// z moves the log odds of a predicted x_0, and the step is the sum over x_0 of s(x_0) q(x_{t-1} | x_t, x_0). With
  /// z = 0 the prediction is that for data drawn from pi.
  case data
  /// z moves the log odds of x_{t-1} itself, from those of the forward step: the paper's f_b (Sohl-Dickstein et al.
  /// 2015, Table App.1).
  case direct
}

/// Where p(x_0 | x_1) comes from.
public enum LastStep: Codable, Hashable, Sendable {
  /// The forward kernel, run once more: p(x_0 | x_1) = N(sqrt(1 - beta_1) x_1, beta_1 I) (Sohl-Dickstein et
  /// al. 2015, eq. 44). It has no parameters.
  case paper
  /// The reverse function, as at every other step; its variance is at least `floor`, 0 or more, in the scaled data's
  /// squared units.
  ///
  /// On data without noise the bound of a learned last step grows without end; a floor of beta_1 ends it.
  case learned(floor: Double = 0)

  var isLearned: Bool {
    if case .learned = self { true } else { false }
  }

  /// The argument as it would be written.
  var sourceText: String {
    switch self {
    case .paper: "lastStep: .paper"
    case .learned(let floor): "lastStep: .learned(\(floor == 0 ? "" : "floor: \(floor)"))"
    }
  }
}
