import Distributions
import Formulas
import Foundation

@testable import DiffusionDSL

/// Reverse functions of bits that are q's exact reversal, bit by bit, with their log odds perturbed by normal noise:
/// near enough to q that importance weights are of use, and wrong enough that an error shows.
enum PerturbedReversal {
  static let betas = (1...8).map { 1 / Double(8 - $0 + 1) }
  static let means = [0.2, 0.5, 0.7, 0.4]
  /// Chances of the 16 rows of data, the first bit varying fastest: uneven, and coupled.
  static let data: [Double] = {
    let weights = (0..<16).map { Foundation.exp(1.5 * Foundation.sin(Double($0 * $0) + 0.3)) }
    let total = weights.reduce(0, +)
    return weights.map { $0 / total }
  }()

  /// - Parameter noise: the standard deviation of the perturbation.
  static func definition(_ lastStep: LastStep, noise: Double = 0.3, seed: UInt64 = 1) -> Diffusion {
    let bits = means.count
    let rows = (0..<1 << bits).map { code in (0..<bits).map { Double(code >> $0 & 1) } }
    func kernel(_ betas: ArraySlice<Double>, from i: [Double], to j: [Double]) -> Double {
      let left = betas.reduce(1.0) { $0 * (1 - $1) }
      return zip(zip(i, j), means).reduce(1.0) { product, item in
        let ((a, b), p) = item
        let one = a * left + p * (1 - left)
        return product * (b == 1 ? one : 1 - one)
      }
    }
    func chances(_ t: Int) -> [Double] {
      rows.map { to in zip(rows, data).reduce(0.0) { $0 + $1.1 * kernel(betas[0..<t], from: $1.0, to: to) } }
    }
    var stream = NoiseSource(seed: seed, purpose: "perturbation").stream(chain: 0, step: 0)
    // [T, bits, 16]: the log odds of a 1 at t - 1, given each x_t.
    var table: [Double] = []
    for t in 1...betas.count {
      let (before, now) = (chances(t - 1), chances(t))
      let odds = rows.indices.map { state in
        (0..<bits).map { bit -> Double in
          let one = rows.indices.reduce(0.0) { total, previous in
            total
              + rows[previous][bit] * before[previous]
              * kernel(betas[t - 1..<t], from: rows[previous], to: rows[state]) / now[state]
          }
          return Foundation.log(one / (1 - one)) + noise * Double(stream.nextNormal())
        }
      }
      for bit in 0..<bits { table += odds.map { $0[bit] } }
    }
    let logOdds = Formula(table, shape: [betas.count, bits, rows.count]).atStep(offset: -1)
    return Diffusion {
      BinomialKernel(means: means)
      Fixed(betas)
      ReverseFunction(bits: bits, lastStep: lastStep) { x, _ in
        // 1 for the state that x is.
        let place = relu(1 - squaredDistance(x, centres: Formula(rows.flatMap { $0 }, shape: [rows.count, bits])))
        return BinomialStep(probability: sigmoid(affine(logOdds, place)))
      }
    }
  }
}
