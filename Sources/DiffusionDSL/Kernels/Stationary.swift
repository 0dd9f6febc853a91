/// The chance of a 1 in pi of a binomial kernel.
public enum BitMean: Hashable, Sendable {
  /// This chance, in (0, 1).
  case given(Double)
  /// Each bit's activity in the data that the model is trained on, kept off 0 and 1: (n_1 + 1/2) / (n + 1).
  case fromData
}

/// The classes' shares in pi of a categorical kernel.
public enum ClassShares: Hashable, Sendable {
  /// The same for each.
  case uniform
  /// These, positive and adding up to 1.
  case given([Double])
  /// Those in the data that the model is trained on, kept off 0: (n_k + 1/2) / (n + K/2).
  case fromData
}
