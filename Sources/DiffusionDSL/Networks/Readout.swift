/// The last, affine layer of a reverse network, and how it depends on the time step.
public struct Readout: Codable, Hashable, Sendable {
  public enum Kind: Codable, Hashable, Sendable {
    /// An independent readout for each step (Sohl-Dickstein et al. 2015, appendix D.1).
    case perStep
    /// A mix of so many readouts by Gaussian bumps over t (eqs. 62-63).
    case bumps(Int)
    /// One readout for all steps; the network gets t and its log signal-to-noise ratio as sinusoidal inputs.
    case shared
  }

  public let kind: Kind

  public init(_ kind: Kind) { self.kind = kind }
}
