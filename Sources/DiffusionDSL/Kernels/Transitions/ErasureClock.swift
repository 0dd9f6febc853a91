import Foundation

/// What a schedule of given betas leaves of x_0 after t steps, in Double; index t, from 0 to T.
public struct ErasureClock: Sendable {
  /// beta_1 ... beta_T, beta_t at index t - 1.
  public let betas: [Double]
  /// abar_0 = 1, abar_1 ... abar_T.
  public let alphaBars: [Double]
  /// 1 - abar_t, accurate where abar_t is near 1.
  public let noises: [Double]

  /// - Parameter betas: beta_1 ... beta_T.
  public init(_ betas: [Double]) {
    var logAlphaBar = 0.0
    var (alphaBars, noises) = ([1.0], [0.0])
    for beta in betas {
      logAlphaBar += log1p(-beta)
      alphaBars.append(exp(logAlphaBar))
      noises.append(-expm1(logAlphaBar))
    }
    self.betas = betas
    self.alphaBars = alphaBars
    self.noises = noises
  }
}
