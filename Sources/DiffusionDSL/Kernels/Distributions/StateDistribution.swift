import Expressions

/// A distribution of a part of a state, as formulas: what a step of the forward or reverse process draws from.
///
/// Kernels say which distribution each step has; how to draw from it, its density, its entropy and its divergence from
/// another follow from the family alone. In nats, and over the scaled data's units where numbers are continuous.
protocol StateDistribution: Sendable {
  /// E x, shape [features].
  var mean: Formula { get }
  /// A draw, shape [features], made of the family's noise.
  func draw(_ noise: Formula) -> Formula
  /// log p(x) for x of shape [features], cell by cell of a row, shape [columns]: their sum is that of all.
  func logDensities(_ x: Formula) -> Formula
  /// Their sum, a scalar.
  func logDensity(_ x: Formula) -> Formula
  /// The entropy, a scalar.
  var entropy: Formula { get }
  /// KL(self || other) for another distribution of the same family, cell by cell of a row, shape [columns].
  ///
  /// Where this one is a point, what it gives is -log p(x) of the other at that point.
  func divergences(to other: any StateDistribution) -> Formula
  /// Their sum, a scalar.
  func divergence(to other: any StateDistribution) -> Formula
}

extension StateDistribution {
  func logDensity(_ x: Formula) -> Formula { sum(logDensities(x)) }
  func divergence(to other: any StateDistribution) -> Formula { sum(divergences(to: other)) }
}

extension Formula {
  /// What a divergence between two families would be: a fault.
  static var noDivergence: Formula { .faulty("there is no divergence between states of two families") }
}
