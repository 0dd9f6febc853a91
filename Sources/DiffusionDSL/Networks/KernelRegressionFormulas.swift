import Expressions
import Foundation

// q(x_0 | x_t) where x_0 is near one of n rows, part by part: the log weights of the rows, and, given the weights of
// all parts together, the reverse step (Docs/Mathematics.md, section 4).

/// A part of the kernel with the rows' states of it.
struct RegressionPart: Sendable {
  let process: any KernelProcess
  /// Shape [n, features].
  let rows: Formula
  /// The logarithm of the bandwidth, or the log odds of a replacement; a scalar.
  let nearness: Formula

  /// log q(x_t | row i) for each row, up to what is the same for all: shape [n].
  func logWeights(_ x: Formula) -> Formula {
    switch process {
    case let process as GaussianProcess: process.regressionLogWeights(x, rows, logBandwidth: nearness)
    case let process as BinomialProcess: process.regressionLogWeights(x, rows, replacement: sigmoid(nearness))
    case let process as CategoricalProcess: process.regressionLogWeights(x, rows, replacement: sigmoid(nearness))
    default: Formula(0)
    }
  }

  /// p(x_{t-1} | x_t) from the rows' weights, which add up to 1; shape [n].
  func step(_ x: Formula, _ weights: Formula) -> any StateDistribution {
    switch process {
    case let process as GaussianProcess: process.regressed(x, rows, weights, logBandwidth: nearness)
    case let process as BinomialProcess: process.regressed(x, rows, weights, replacement: sigmoid(nearness))
    case let process as CategoricalProcess: process.regressed(x, rows, weights, replacement: sigmoid(nearness))
    default: process.stationary
    }
  }

  /// p(x_{t-1} | x_t) of all parts.
  ///
  /// - Parameter excluded: x_0, part by part; a row that is equal to it counts for nothing.
  static func steps(
    _ sides: [RegressionPart], _ parts: [DiffusionModel.Part], of x: Formula, without excluded: [Formula]?
  ) -> [any StateDistribution] {
    func sum(_ terms: [Formula]) -> Formula { terms.dropFirst().reduce(terms.first ?? Formula(0), +) }
    var logWeights = sum(zip(sides, parts).map { $0.logWeights(x[$1.features]) })
    if let excluded {
      // Rounding aside: rows were scaled in Double, x_0 in the tiles' precision.
      let distances = sum(zip(sides, excluded).map { squaredDistance($1, centres: $0.rows) })
      logWeights = select(distances .> 1e-10, logWeights, -1e30)
    }
    let weights = softmax(logWeights)
    return zip(sides, parts).map { $0.step(x[$1.features], weights) }
  }
}

extension GaussianProcess {
  /// 1 - abar_t + abar_t h^2, the variance of x_t around sqrt(abar_t) times its row.
  private func spread(_ logBandwidth: Formula) -> Formula {
    tables.now(tables.noise) + tables.now(tables.alphaBar) * exp(logBandwidth * 2)
  }

  fileprivate func regressionLogWeights(_ x: Formula, _ rows: Formula, logBandwidth: Formula) -> Formula {
    let centres = rows * tables.now(exp(tables.logAlphaBar * 0.5))
    return squaredDistance(x, centres: centres) * (-0.5 / spread(logBandwidth))
  }

  fileprivate func regressed(
    _ x: Formula, _ rows: Formula, _ weights: Formula, logBandwidth: Formula
  ) -> any StateDistribution {
    let rows = rows.broadcast(to: rows.shape, stage: .step)
    let noise = tables.now(tables.noise)
    let own = exp(logBandwidth * 2)
    let share = noise / spread(logBandwidth)
    // E and Var of the row; then of x_0, which given its row is normal.
    let centre = affineTransposed(rows, weights)
    let variance = max(0, affineTransposed(square(rows), weights) - square(centre))
    let mean = centre * share + x * (tables.now(exp(tables.logAlphaBar * 0.5)) * own / spread(logBandwidth))
    return reverse(dataMean: mean, dataVariance: variance * square(share) + own * share, x)
  }
}

extension BinomialProcess {
  fileprivate func regressionLogWeights(_ x: Formula, _ rows: Formula, replacement: Formula) -> Formula {
    let p = Formula(activities)
    // abar_t (1 - replacement), and what is left, as a sum of positive numbers.
    let kept = alphaBarNow * (1 - replacement)
    let drawn = noiseNow + alphaBarNow * replacement
    // How much likelier x_t is from a row with a 1 than from one with a 0.
    let one = log(p * drawn + kept) - log(p * drawn)
    let zero = log((1 - p) * drawn) - log((1 - p) * drawn + kept)
    return affine(rows, select(x, one, zero))
  }

  fileprivate func regressed(
    _ x: Formula, _ rows: Formula, _ weights: Formula, replacement: Formula
  ) -> any StateDistribution {
    let p = Formula(activities)
    // q(x_t | x_0) for x_0 = 1 and 0.
    let share = select(x, p, 1 - p) * noiseNow
    let (fromOne, fromZero) = (share + x * alphaBarNow, share + (1 - x) * alphaBarNow)
    // The chance that x_0 is 1, given x_t and a row with a 1, or with a 0.
    func chance(_ one: Formula) -> Formula { one * fromOne / (one * fromOne + (1 - one) * fromZero) }
    let drawn = p * replacement
    let (ofOne, ofZero) = (chance(drawn + (1 - replacement)), chance(drawn))
    let ones = affineTransposed(rows, weights)
    return reverse(probability: ofZero + ones * (ofOne - ofZero), .data, x)
  }
}

extension CategoricalProcess {
  fileprivate func regressionLogWeights(_ x: Formula, _ rows: Formula, replacement: Formula) -> Formula {
    let kept = alphaBarNow * (1 - replacement)
    let drawn = noiseNow + alphaBarNow * replacement
    return affine(rows, log(x * kept + sum(x * Formula(shares)) * drawn))
  }

  fileprivate func regressed(
    _ x: Formula, _ rows: Formula, _ weights: Formula, replacement: Formula
  ) -> any StateDistribution {
    // q(x_t | x_0 = k), and the same averaged over pi, which is pi's share of x_t.
    let share = sum(x * Formula(shares))
    let density = x * alphaBarNow + share * noiseNow
    let evidence = density * (1 - replacement) + share * replacement
    let ratio = affineTransposed(rows, weights) / evidence
    let kept = ratio * density * (1 - replacement)
    return reverse(
      probabilities: kept + Formula(shares) * density * (sum(ratio) * replacement), .data, x)
  }
}
