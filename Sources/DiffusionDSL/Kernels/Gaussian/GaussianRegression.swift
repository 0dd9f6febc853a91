import Formulas
import Foundation

// q(x_0 | x_t) where x_0 is normal around one of n rows (Docs/Mathematics.md, section 4).

extension GaussianTransitions {
  public func nearness(_ regression: KernelRegression) -> (name: String, start: Double) {
    ("logBandwidth", Foundation.log(regression.bandwidth))
  }

  /// 1 - abar_t + abar_t h^2, the variance of x_t around sqrt(abar_t) times its row.
  private func spread(bandwidth logBandwidth: Formula) -> Formula {
    tables.now(tables.noise) + tables.now(tables.alphaBar) * exp(logBandwidth * 2)
  }

  public func regressionLogWeights(_ x: Formula, _ rows: Formula, nearness logBandwidth: Formula) -> Formula {
    let centres = rows * tables.now(exp(tables.logAlphaBar * 0.5))
    return squaredDistance(x, centres: centres) * (-0.5 / spread(bandwidth: logBandwidth))
  }

  public func regressed(
    _ x: Formula, _ rows: Formula, _ weights: Formula, nearness logBandwidth: Formula
  ) -> NormalStates {
    let rows = rows.broadcast(to: rows.shape, stage: .step)
    let noise = tables.now(tables.noise)
    let own = exp(logBandwidth * 2)
    let share = noise / spread(bandwidth: logBandwidth)
    // E and Var of the row; then of x_0, which given its row is normal.
    let centre = affineTransposed(rows, weights)
    let variance = max(0, affineTransposed(square(rows), weights) - square(centre))
    let mean =
      centre * share + x * (tables.now(exp(tables.logAlphaBar * 0.5)) * own / spread(bandwidth: logBandwidth))
    return reverse(dataMean: mean, dataVariance: variance * square(share) + own * share, x)
  }
}
