import DiffusionDSL
import Foundation

/// A stationary Gaussian texture on a small torus, of mean 0 and variance 1: its covariance is a circular convolution,
/// and so are the best reverse steps of a diffusion of it. The bound of these with one variance for all pixels has a
/// closed form.
struct TorusTexture {
  let side: Int
  /// Pixels.
  var size: Int { side * side }
  /// The covariance's eigenvalues, by frequency; their mean is 1.
  let spectrum: [Double]
  /// Its eigenvectors, orthonormal and symmetric: the Hartley transform, [frequency][pixel].
  let basis: [[Double]]

  /// - Parameters:
  ///   - side: pixels of a line, and lines.
  ///   - smoothness: how much weaker the highest frequencies are than the lowest; 0 for white noise.
  init(side: Int, smoothness: Double) {
    self.side = side
    let places = (0..<side * side).map { (x: $0 % side, y: $0 / side) }
    let turn = 2 * Double.pi / Double(side)
    let spectrum = places.map { place -> Double in
      let roughness = 2 - cos(turn * Double(place.x)) - cos(turn * Double(place.y))
      return 1 / ((1 + smoothness * roughness) * (1 + smoothness * roughness))
    }
    let mean = spectrum.reduce(0, +) / Double(spectrum.count)
    self.spectrum = spectrum.map { $0 / mean }
    basis = places.map { frequency in
      places.map { place in
        let angle = turn * Double(frequency.x * place.x + frequency.y * place.y)
        return (cos(angle) + sin(angle)) / Double(side)
      }
    }
  }

  /// Independent textures.
  func rows(_ count: Int, seed: UInt64) -> [[Double]] {
    let source = NoiseSource(seed: seed, purpose: "textures")
    return (0..<count).map { row in
      var stream = source.stream(chain: UInt64(row), step: 0)
      let weights = spectrum.map { $0.squareRoot() * Double(stream.nextNormal()) }
      return (0..<size).map { pixel in
        weights.indices.reduce(0.0) { $0 + weights[$1] * basis[$1][pixel] }
      }
    }
  }

  /// The reverse steps that are best among those with independent pixels: x_0 given x_t has the mean of each frequency by
  /// itself, and each pixel has the mean of the frequencies' variances.
  func reverseFunction(_ lastStep: LastStep) -> ReverseFunction {
    let (matrix, eigenvalues, size) = (basis.flatMap { $0 }, spectrum, size)
    return ReverseFunction(dimensions: size, lastStep: lastStep) { x, step in
      let transform = Formula(matrix, shape: [size, size])
      let spectrum = Formula(eigenvalues)
      let spread = step.alphaBar * spectrum + step.noise
      let filtered = spectrum * sqrt(step.alphaBar) / spread * affine(transform, x)
      return GaussianStep(
        predictedData: affine(transform, filtered), variance: mean(spectrum * step.noise / spread), from: x,
        step)
    }
  }

  /// K of these steps in bits a pixel, with the paper's last step.
  func bound(betas: [Double]) -> Double {
    let oracle = GaussianOracle(betas: betas, m: 0, s: 1)
    let (alphaBars, noises) = (oracle.alphaBars, oracle.noises)
    var nats = log(noises[betas.count]) / 2 - (log(2 * Double.pi * betas[0]) + 1) / 2
    for t in 2...betas.count {
      let variances = spectrum.map { $0 * noises[t] / (alphaBars[t] * $0 + noises[t]) }
      let variance = variances.reduce(0, +) / Double(size)
      let ofData = alphaBars[t - 1].squareRoot() * betas[t - 1] / noises[t]
      nats -= log(1 + ofData * ofData * variance / oracle.posteriorVariance(t)) / 2
    }
    return nats / M_LN2
  }
}
