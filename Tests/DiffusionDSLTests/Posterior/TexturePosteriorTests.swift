import Foundation
import Testing

@testable import DiffusionDSL

/// Pictures of a stationary Gaussian texture on a torus, some of whose pixels are known: the model's own distribution is
/// a normal by recursion, and so is its posterior.
@Suite struct TexturePosteriorTests {
  typealias Matrix = [[Double]]
  private static let texture = TorusTexture(side: 8, smoothness: 0.4)
  private static let steps = 30
  /// A few, some of them neighbours, so that particles stay many.
  private static let known = [0, 3, 18, 28, 29, 54]

  /// a^-1 b, by elimination; a is positive definite.
  private static func solved(_ a: Matrix, _ b: Matrix) -> Matrix {
    var (a, b) = (a, b)
    for pivot in a.indices {
      for row in a.indices where row != pivot {
        let factor = a[row][pivot] / a[pivot][pivot]
        for column in a.indices { a[row][column] -= factor * a[pivot][column] }
        for column in b[0].indices { b[row][column] -= factor * b[pivot][column] }
      }
    }
    return b.indices.map { row in b[row].map { $0 / a[row][row] } }
  }

  /// The covariance of what the model draws: steps are circular convolutions and noise of one variance, so each frequency
  /// has a recursion of its own.
  private static func covariance(betas: [Double]) -> Matrix {
    let oracle = GaussianOracle(betas: betas, m: 0, s: 1)
    var variances = texture.spectrum.map { _ in 1.0 }
    for t in stride(from: betas.count, through: 1, by: -1) {
      let (alphaBar, noise) = (oracle.alphaBars[t], oracle.noises[t])
      let ofData = oracle.alphaBars[t - 1].squareRoot() * betas[t - 1] / noise
      let ofState = (1 - betas[t - 1]).squareRoot() * oracle.noises[t - 1] / noise
      let gains = texture.spectrum.map { $0 * alphaBar.squareRoot() / (alphaBar * $0 + noise) }
      let rests = texture.spectrum.map { $0 * noise / (alphaBar * $0 + noise) }
      let rest = rests.reduce(0, +) / Double(texture.size)
      let drawn = ofData * ofData * rest + oracle.posteriorVariance(t)
      variances = zip(variances, gains).map { variance, gain in
        let factor = ofData * gain + ofState
        return factor * factor * variance + drawn
      }
    }
    return (0..<texture.size).map { i in
      (0..<texture.size).map { j in
        variances.indices.reduce(0.0) { $0 + variances[$1] * texture.basis[$1][i] * texture.basis[$1][j] }
      }
    }
  }

  /// log N(values; 0, covariance), the determinant by elimination.
  private static func logNormal(_ values: [Double], _ covariance: Matrix) -> Double {
    let weighed = solved(covariance, values.map { [$0] })
    var (square, logDeterminant) = (0.0, 0.0)
    for (value, other) in zip(values, weighed) { square += value * other[0] }
    var rest = covariance
    for pivot in rest.indices {
      logDeterminant += log(rest[pivot][pivot])
      for row in rest.indices.dropFirst(pivot + 1) {
        let factor = rest[row][pivot] / rest[pivot][pivot]
        for column in rest.indices { rest[row][column] -= factor * rest[pivot][column] }
      }
    }
    return -(square + logDeterminant + Double(values.count) * log(2 * Double.pi)) / 2
  }

  /// The evidence, and the means and variances of the pixels that are not known.
  @Test func aTextureIsCompleted() throws {
    let (texture, known) = (Self.texture, Self.known)
    let trained = try TrainedDiffusion(
      Diffusion {
        GaussianKernel(dimensions: texture.size)
        ConstantErasure(steps: Self.steps)
        texture.reverseFunction(.learned())
      })
    let covariance = Self.covariance(betas: trained.betas)
    let row = texture.rows(1, seed: 11)[0]
    let open = (0..<texture.size).filter { !known.contains($0) }
    func block(_ rows: [Int], _ columns: [Int]) -> Matrix { rows.map { i in columns.map { covariance[i][$0] } } }
    // [known][open]
    let gains = Self.solved(block(known, known), block(known, open))
    let logEvidence = Self.logNormal(known.map { row[$0] }, block(known, known))
    let posterior = trained.posterior { Observe(mask: row.indices.map { known.contains($0) }, equals: row) }
    let limit = standardErrors(comparisons: 2 * (2 * open.count + 1), degreesOfFreedom: 39)
    for guidance in [Guidance.carried, .twisted] {
      let answer = try posterior.sample(
        100, method: .particles(1_000, repeats: 40), guidance: guidance, seed: 3)
      let evidenceError = try #require(answer.logEvidenceStandardError)
      #expect(
        abs(answer.logEvidence - logEvidence) < limit * evidenceError,
        "\(guidance.name): log Z \(answer.logEvidence) +- \(evidenceError), not \(logEvidence)")
      #expect(evidenceError < 0.05)
      var largest = 0.0
      for (place, pixel) in open.enumerated() {
        var (truth, variance) = (0.0, covariance[pixel][pixel])
        for (index, given) in known.enumerated() {
          truth += gains[index][place] * row[given]
          variance -= gains[index][place] * covariance[given][pixel]
        }
        let centre = truth
        let mean = try answer.mean(of: pixel)
        let square = answer.expectation { ($0[pixel] - centre) * ($0[pixel] - centre) }
        let (meanError, squareError) = (try #require(mean.standardError), try #require(square.standardError))
        #expect(
          abs(mean.value - truth) < limit * meanError,
          "\(guidance.name), pixel \(pixel): mean \(mean.value) +- \(meanError), not \(truth)")
        #expect(
          abs(square.value - variance) < limit * squareError,
          "\(guidance.name), pixel \(pixel): variance \(square.value) +- \(squareError), not \(variance)")
        #expect(meanError < 0.04 && squareError < 0.07, "\(meanError) \(squareError)")
        largest = max(largest, abs(truth))
      }
      // Without what is known the means were 0.
      #expect(largest > 0.3)
    }
  }
}
