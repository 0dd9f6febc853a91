/// How training draws the step t of each tile.
public enum StepSampling: String, Codable, CaseIterable, Hashable, Sendable {
  /// Every step as often as any other.
  case uniform
  /// Steps in proportion to the root of the mean square of their losses, as training has met them lately (Nichol,
  /// Dhariwal 2021, eq. 18), and at least a tenth as often as uniformly. Losses are weighted by the inverse, so that
  /// what training minimises is the bound as ever, with less noise where steps' losses differ much.
  ///
  /// It is not for optimisers that evaluate a minibatch more than once (`WholeGradientOptimiser`), since a minibatch's
  /// steps depend on when it is evaluated.
  case byLoss
}
