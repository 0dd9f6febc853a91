import DiffusionDSL
import ExampleSupport
import Foundation

/// Scores of several methods on the same held-out rows.
struct CrossValidation: Sendable {
  /// Bits of each scored row under the fit that had not seen it, by method.
  private(set) var scores: [String: [Double]] = [:]

  /// The rows to train on and those to score, by their places, fold by fold.
  static func folds(rows: Int, count: Int, seed: UInt64) -> [(training: [Int], heldOut: [Int])] {
    var stream = RandomStream(seed: seed, purpose: "penguins/folds")
    let order = Array(0..<rows).shuffled(using: &stream)
    return (0..<count).map { fold in
      (
        order.indices.filter { $0 % count != fold }.map { order[$0] },
        order.indices.filter { $0 % count == fold }.map { order[$0] }
      )
    }
  }

  /// Adds a fold's rows; every method gets its folds in the same order.
  mutating func add(_ bits: [Double], for method: String) {
    scores[method, default: []] += bits
  }

  /// Bits a row, on average, and their standard error.
  func moments(of method: String) -> Moments { Moments(of: scores[method] ?? []) }

  /// By how many bits a row `method` is better than `other`, with the standard error of the rows' differences.
  func difference(_ method: String, minus other: String) -> Moments {
    Moments(of: zip(scores[method] ?? [], scores[other] ?? []).map { $0 - $1 })
  }
}
