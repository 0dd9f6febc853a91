import Foundation

/// What bounds the entropy of a reverse step under q: Sohl-Dickstein et al. 2015, eq. 24, in a form that always holds.
///
///     H(X_{t-1} | X_t) = H(X_t | X_{t-1}) + H(X_{t-1}) - H(X_t)
///
/// Conditioning on X_0 too lowers it, and KL(q(x_t) || pi) falls with t, so that H(X_{t-1}) - H(X_t) is at most
/// E log pi(X_t) - E log pi(X_{t-1}). In nats.
public struct EntropyBounds: Sendable {
  /// H(X_t | X_{t-1}).
  public var forward: Double
  /// H(X_{t-1} | X_0).
  public var before: Double
  /// H(X_t | X_0).
  public var now: Double
  /// E log pi(X_t) - E log pi(X_{t-1}).
  public var surpriseFall: Double

  /// - Parameters:
  ///   - forward: H(X_t | X_{t-1}).
  ///   - before: H(X_{t-1} | X_0).
  ///   - now: H(X_t | X_0).
  ///   - surpriseFall: E log pi(X_t) - E log pi(X_{t-1}).
  public init(forward: Double, before: Double, now: Double, surpriseFall: Double) {
    self.forward = forward
    self.before = before
    self.now = now
    self.surpriseFall = surpriseFall
  }

  var lower: Double { forward + before - now }
  var upper: Double { forward + surpriseFall }

  static func + (left: EntropyBounds, right: EntropyBounds) -> EntropyBounds {
    EntropyBounds(
      forward: left.forward + right.forward, before: left.before + right.before, now: left.now + right.now,
      surpriseFall: left.surpriseFall + right.surpriseFall)
  }
}

/// Means and variances of the data's states, feature by feature, in scaled units.
public struct StateMoments: Sendable {
  /// One for each number of a state.
  public var means: [Double]
  /// As many as means.
  public var variances: [Double]
}

/// The entropy of a distribution over a few values, in nats.
func entropy(ofChances chances: [Double]) -> Double {
  chances.reduce(0) { $1 > 0 ? $0 - $1 * log($1) : $0 }
}
