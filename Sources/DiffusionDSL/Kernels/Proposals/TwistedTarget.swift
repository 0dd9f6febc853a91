import Formulas
import Foundation

/// The twisted target of one part's step, p(x_{t-1} | x_t) psi_{t-1}(x_{t-1}) / psi_t(x_t), and what a proposal may know
/// of it (Docs/Mathematics.md, M56 to M58).
///
/// psi has closed forms for some columns, with which a family multiplies its step exactly. What general factors add is
/// known to first order (`gradient`) or at the part's values (`tilt`). Their psi itself enters the weight elsewhere, so
/// a proposal that followed `gradient` or `tilt` has the weight p / m: the density of the draw without them over the
/// density with them.
public struct TwistedTarget: Sendable {
  /// What the draw is made of, shape [noises].
  public let noise: Formula
  /// x_t of the part, shape [features]; nil where there is no psi_t to divide by, as at x_T.
  public let state: Formula?
  /// The closed forms.
  public let factors: ColumnFactors
  /// The gradient of log psi of general factors at `proposalMean`, shape [features]; nil where there are none.
  public let gradient: Formula?
  /// log psi of general factors at the part's `probes`, shape [features]; nil where there are none.
  public let tilt: Formula?
  /// Whether psi_{t-1} is the model's own estimate (`Guidance.twisted`), which `gradient` has: the closed forms may move
  /// the proposal, but are no part of the target, and a draw that they moved is weighed without them.
  public let isTwistedStep: Bool
  /// The step of what is drawn: -1 in a step, 0 at x_T.
  let offset: Int

  /// The largest shift of a normal step's mean, in the step's standard deviations.
  static let mostShift = 2.0
  /// The largest shift of the log odds of a bit or the logarithm of a class: log 19, which keeps d within [0.05, 0.95].
  static let mostTilt = Foundation.log(19.0)

  /// A column's normal factor at what is drawn; nil where the target has none.
  public func normal(_ column: Int) -> ColumnFactors.Normal? {
    isTwistedStep ? nil : factors.normal(column, at: offset)
  }

  /// A column's normal factor at x_t.
  public func normalOfState(_ column: Int) -> ColumnFactors.Normal? { factors.normal(column, at: offset + 1) }

  /// The normal factors of all columns at what is drawn and, where there is a psi_t to divide by, at x_t; nil where they
  /// are not told as vectors.
  var normals: (drawn: ColumnFactors.NormalVector, state: ColumnFactors.NormalVector?)? {
    guard !isTwistedStep, let drawn = factors.normals(at: offset) else { return nil }
    return (drawn, state == nil ? nil : factors.normals(at: offset + 1))
  }

  /// psi of a column's table at each value of what is drawn; nil where it has none.
  public func psi(_ column: Int, stationary pi: [Double]) -> Formula? {
    factors.psi(column, stationary: pi, at: offset)
  }

  /// The same at x_t.
  public func psiOfState(_ column: Int, stationary pi: [Double]) -> Formula? {
    factors.psi(column, stationary: pi, at: offset + 1)
  }

  /// `tilt`, clipped to +-`mostTilt`; nil where there is none.
  public var boundedTilt: Formula? { tilt.map { TwistedTarget.clipped($0, TwistedTarget.mostTilt) } }

  static func clipped(_ x: Formula, _ most: Double) -> Formula { max(Formula(-most), min(Formula(most), x)) }
}

/// A draw in a step of one part, and the draw's importance weight.
public struct Proposal: Sendable {
  /// x_{t-1}, shape [features].
  public var draw: Formula
  /// log of the target's density over the proposal's at the draw, without what general factors' psi adds; a scalar.
  public var logWeight: Formula

  /// - Parameters:
  ///   - draw: shape [features].
  ///   - logWeight: a scalar.
  public init(draw: Formula, logWeight: Formula) {
    self.draw = draw
    self.logWeight = logWeight
  }
}
