import Formulas
import Foundation

/// Independent normals, one for each feature; a draw is made of standard normal noise.
public struct NormalStates: StateDistribution {
  /// Shape [features].
  public var mean: Formula
  /// Shape [features] or a scalar for all; 0 for a point.
  var variance: Formula
  /// The variance's logarithm, in the variance's shape. For a point, -log(2 pi) - 1, which turns a divergence from it
  /// into minus a log density.
  var logVariance: Formula
  let features: Int

  /// - Parameter logVariance: shape [features] or a scalar for all.
  init(mean: Formula, logVariance: Formula, features: Int) {
    self.init(mean: mean, variance: exp(logVariance), logVariance: logVariance, features: features)
  }

  init(mean: Formula, variance: Formula, logVariance: Formula, features: Int) {
    self.mean = mean
    self.variance = variance
    self.logVariance = logVariance
    self.features = features
  }

  static let logVarianceOfPoint = -Foundation.log(2 * Double.pi) - 1

  public func draw(_ noise: Formula) -> Formula {
    // exp(log v / 2) rather than sqrt(v): a tiny variance does not underflow on the way.
    mean + exp(logVariance * 0.5) * noise
  }

  public func logDensities(_ x: Formula) -> Formula {
    (square(x - mean) * exp(-logVariance) + logVariance + Foundation.log(2 * Double.pi)) * -0.5
  }

  public func divergences(to other: NormalStates) -> Formula {
    let misfit = (square(mean - other.mean) + variance) * exp(-other.logVariance)
    return (misfit + other.logVariance - logVariance - 1) * 0.5
  }

  // Each sum is taken by itself: where all features share one variance, its terms are computed once and not for each
  // feature.

  public func logDensity(_ x: Formula) -> Formula {
    let misfit = sum(square(x - mean) * exp(-logVariance))
    return (misfit + total(logVariance) + Double(features) * Foundation.log(2 * Double.pi)) * -0.5
  }

  public var entropy: Formula { (total(logVariance) + Double(features) * (1 + Foundation.log(2 * Double.pi))) * 0.5 }

  public func divergence(to other: NormalStates) -> Formula {
    let misfit = (square(mean - other.mean) + variance) * exp(-other.logVariance)
    if other.logVariance.shape == .scalar {
      return (sum(misfit) + (other.logVariance - (logVariance + 1)) * Double(features)) * 0.5
    }
    return (sum(misfit + other.logVariance) - (total(logVariance) + Double(features))) * 0.5
  }

  /// The sum over the features.
  private func total(_ formula: Formula) -> Formula {
    formula.shape == .scalar ? formula * Double(features) : sum(formula)
  }
}
