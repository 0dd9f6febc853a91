/// The last, affine layer of a reverse network, and how it depends on the time step.
///
/// It gives D numbers for a row, or 2 D where the variance is learned. All of its parameters start at 0; with the
/// default parameterisation the first model then takes the step N((1 - beta_t) x_t, beta_t I).
public struct Readout: Codable, Hashable, Sendable {
  /// How the readout depends on t.
  public enum Kind: Codable, Hashable, Sendable {
    /// An independent readout for each step (Sohl-Dickstein et al. 2015, appendix D.1).
    case perStep
    /// A mix of so many readouts, 1 or more, by Gaussian bumps over t (Sohl-Dickstein et al. 2015, eqs. 62-63).
    case bumps(Int)
    /// One readout for all steps; the network gets t and its log signal-to-noise ratio as sinusoidal inputs.
    case shared
  }

  /// How it depends on t.
  public let kind: Kind

  /// - Parameter kind: how it depends on t.
  public init(_ kind: Kind) { self.kind = kind }
}
