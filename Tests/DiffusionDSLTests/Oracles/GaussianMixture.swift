import DiffusionDSL
import Foundation

/// A mixture of isotropic normals and the moments of its true reverse steps (References/mixture_reverse.py).
struct GaussianMixture: Decodable, Sendable {
  let weights: [Double]
  let means: [[Double]]
  let deviations: [Double]

  var dimensions: Int { means[0].count }

  /// Weighted points of a mixture on a line, for means over it.
  func points(_ rule: NormalRule) -> [(x: Double, weight: Double)] {
    weights.indices.flatMap { k in
      rule.points.map { (means[k][0] + deviations[k] * $0.x, weights[k] * $0.weight) }
    }
  }

  /// Rows drawn from the mixture.
  func rows(_ count: Int, seed: UInt64) throws -> Dataset {
    let source = NoiseSource(seed: seed, purpose: "mixture data")
    let choice = NoiseSource(seed: seed, purpose: "mixture component")
    var flat: [Double] = []
    for row in 0..<count {
      var component = choice.stream(chain: UInt64(row), step: 0)
      var position = Double(component.nextUniform())
      var k = 0
      while k + 1 < weights.count, position >= weights[k] {
        position -= weights[k]
        k += 1
      }
      var stream = source.stream(chain: UInt64(row), step: 0)
      for mean in means[k] { flat.append(mean + deviations[k] * Double(stream.nextNormal())) }
    }
    return try Dataset(complete: flat, dimensions: dimensions)
  }

  /// The normal step with the mean and variances of q(x_{t-1} | x_t).
  func reverseFunction(lastStep: LastStep) -> ReverseFunction {
    let variances = Formula(deviations.map { $0 * $0 })
    let d = dimensions
    return ReverseFunction(dimensions: d, lastStep: lastStep) { x, step in
      let now = variances * step.alphaBar + step.noise
      let before = variances * step.alphaBarBefore + step.noiseBefore
      let gain = sqrt(1 - step.beta) * before / now
      let spread = step.beta * before / now
      let centres = (0..<d).map { column in Formula(means.map { $0[column] }) }
      // Component by component: how far x_t is from its centre, in coordinate after coordinate.
      let offsets = (0..<d).map { x[$0] - centres[$0] * sqrt(step.alphaBar) }
      var distance = square(offsets[0])
      for offset in offsets.dropFirst() { distance = distance + square(offset) }
      let share = softmax(Formula(weights.map { log($0) }) - log(now) * (Double(d) / 2) - distance / now * 0.5)
      let guesses = (0..<d).map { centres[$0] * sqrt(step.alphaBarBefore) + gain * offsets[$0] }
      let mean = guesses.map { sum(share * $0) }
      let variance = zip(guesses, mean).map { sum(share * (spread + square($0 - $1))) }
      return GaussianStep(mean: concatenate(mean), variance: concatenate(variance))
    }
  }
}
