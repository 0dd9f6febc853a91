import Formulas

/// Independent bits, one for each feature, as the chance that each differs from a reference; made of uniform noise.
///
/// Between neighbouring steps bits seldom change, so the chance of a change is small and keeps its digits, where a
/// chance near 1 would lose them.
public struct BitStates: StateDistribution {
  /// The bits from which these may differ, 0 or 1; shape [features].
  let reference: Formula
  /// The chance that a bit differs; shape [features].
  let flip: Formula
  /// log flip; for a point, 0.
  let logFlip: Formula
  /// log(1 - flip); for a point, 0.
  let logStay: Formula

  init(reference: Formula, flip: Formula, logFlip: Formula, logStay: Formula) {
    self.reference = reference
    self.flip = flip
    self.logFlip = logFlip
    self.logStay = logStay
  }

  /// - Parameter flip: clipped so that log flip and log(1 - flip) are finite in Float.
  init(reference: Formula, flip: Formula) {
    let flip = min(max(flip, 1e-36), 1 - 0x1p-24)
    self.init(reference: reference, flip: flip, logFlip: log(flip), logStay: log1p(-flip))
  }

  public var mean: Formula { reference + (1 - reference * 2) * flip }

  public func draw(_ noise: Formula) -> Formula {
    select(flip .> noise, 1 - reference, reference)
  }

  public func logDensities(_ x: Formula) -> Formula { select(square(x - reference), logFlip, logStay) }

  public var entropy: Formula { -sum(flip * (logFlip - logStay) + logStay) }

  public func divergences(to other: BitStates) -> Formula {
    // Both differ from the same reference, or the chances could not be compared.
    return flip * (logFlip - other.logFlip) + (1 - flip) * (logStay - other.logStay)
  }
}
