import Formulas

/// A distribution of a part of a state, as formulas: what a step of the forward or reverse process draws from.
///
/// Kernels say which distribution each step has; how to draw from it, its density, its entropy and its divergence from
/// another are the family's. In nats, and over the scaled data's units where numbers are continuous.
public protocol StateDistribution: Sendable {
  /// E x, shape [features].
  var mean: Formula { get }
  /// A draw, shape [features], made of the family's noise (`KernelTransitions.noiseKind`), shape [noises].
  func draw(_ noise: Formula) -> Formula
  /// log p(x) for x of shape [features], cell by cell of a row, shape [columns]: their sum is that of all.
  func logDensities(_ x: Formula) -> Formula
  /// The entropy, a scalar.
  var entropy: Formula { get }
  /// KL(self || other), cell by cell of a row, shape [columns].
  ///
  /// Where this distribution is a point, the result is -log p(x) of the other at that point.
  func divergences(to other: Self) -> Formula

  /// The sum of `logDensities`, a scalar. A requirement, since some families have the sum for less than its terms.
  func logDensity(_ x: Formula) -> Formula
  /// The sum of `divergences`, a scalar.
  func divergence(to other: Self) -> Formula
}

extension StateDistribution {
  /// The sum of `logDensities`.
  public func logDensity(_ x: Formula) -> Formula { sum(logDensities(x)) }
  /// The sum of `divergences`.
  public func divergence(to other: Self) -> Formula { sum(divergences(to: other)) }
}
