import DiffusionDSL
import Distributions
import Foundation
import Testing

/// Rows with noise, and the draws from what they may have been.
struct DenoisingTests {
  /// The mean and variance of x_0 given y for normal data of a deviation, by a chain whose reverse steps are exact: the
  /// joint normal of x_1, x_t and y in closed form, and the paper's last step.
  static func expected(
    _ y: Double, deviation: Double, noise: Double, betas: [Double]
  ) -> (mean: Double, variance: Double) {
    var kept: [Double] = []
    for beta in betas { kept.append((kept.last ?? 1) * (1 - beta)) }
    let t = kept.firstIndex { (1 - $0) / $0 >= noise * noise } ?? kept.count - 1
    func total(_ index: Int) -> Double { deviation * deviation * kept[index] + 1 - kept[index] }
    let covariance = (kept[t] / kept[0]).squareRoot() * total(0)
    let gain = covariance / total(t)
    let left = total(0) - gain * covariance
    // What y lacks of the step's noise is added.
    let added = (1 - kept[t]) - kept[t] * noise * noise
    let last = 1 - betas[0]
    return (last.squareRoot() * gain * kept[t].squareRoot() * y, last * (left + gain * gain * added) + betas[0])
  }

  @Test(arguments: [0.05, 0.3, 1, 4])
  func normalRowsAreDrawnFromTheirPosterior(noise: Double) throws {
    let model = try TrainedDiffusion(StridedTests.exact)
    let measured = [[0.4, -1.5], [-1, 3]]
    let count = 20_000
    let answers = try model.denoised(measured, standardDeviation: noise, draws: count, seed: 5)
    #expect(answers.count == 2)
    for (row, answer) in zip(measured, answers) {
      #expect(answer.count == count)
      for (column, deviation) in StridedTests.deviations.enumerated() {
        let (mean, variance) = Self.expected(row[column], deviation: deviation, noise: noise, betas: model.betas)
        let numbers = answer.map { $0[column] }
        let found = numbers.reduce(0, +) / Double(count)
        let spread = numbers.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(count)
        // 16 comparisons of 5.5 standard errors: 1e-6 in all.
        #expect(abs(found - mean) < 5.5 * (variance / Double(count)).squareRoot(), "\(found) for \(mean)")
        #expect(abs(spread / variance - 1) < 5.5 * (2 / Double(count)).squareRoot(), "\(spread) for \(variance)")
      }
    }
    // Near the posterior of the data, which knows no steps: the chain's own noise of 0.01 at x_1 and once more at x_0 is
    // what it differs by, and what the next step has more of noise.
    let exact = 4 * noise * noise / (4 + noise * noise)
    let ofChain = Self.expected(0, deviation: 2, noise: noise, betas: model.betas).variance
    #expect(ofChain > exact && ofChain < exact * 1.25 + 0.03, "\(ofChain) for \(exact)")
  }

  @Test func drawsAreThoseOfTheirRowAndSeed() throws {
    let model = try TrainedDiffusion(StridedTests.exact)
    let rows = [[0.4, -1.5], [-1, 3], [2, 2]]
    let answers = try model.denoised(rows, standardDeviation: 0.5, draws: 4, seed: 5)
    let again = try model.denoised(
      rows, standardDeviation: 0.5, draws: 4, seed: 5, options: ComputeOptions(threads: 1))
    #expect(answers.map(\.flat) == again.map(\.flat))
    #expect(answers[0][0] != answers[0][1])
    let last = try model.denoised([rows[2]], standardDeviation: 0.5, draws: 4, seed: 5, firstChain: 8)
    #expect(last[0] == answers[2])
    #expect(answers[0].flat != (try model.denoised(rows, standardDeviation: 0.5, draws: 4, seed: 6))[0].flat)
  }

  @Test func picturesInBlocksAreThoseOfTiles() throws {
    let model = try BlockSamplingTests.model(BlockSamplingTests.cases[0], lastStep: .learned(), steps: 5)
    let pictures = Array(try model.sample(40, seed: 3))
    let many = try model.denoised(pictures, standardDeviation: 0.4, seed: 3, options: ComputeOptions(threads: 1))
    let one = try model.denoised([pictures[0]], standardDeviation: 0.4, seed: 3, options: ComputeOptions(threads: 2))
    #expect(one[0] == many[0] && one[0].count == 1)
  }

  /// Where the chain's last step leaves nothing of the data, any noise is less than its own.
  @Test func stepsThatLeaveNothingOfTheDataAreSteps() throws {
    let model = try TrainedDiffusion(
      Diffusion {
        GaussianKernel(dimensions: 1)
        ConstantErasure(steps: 4)
        ReverseFunction(dimensions: 1) { x, _ in GaussianStep(mean: x * 0.5, variance: x * 0 + 0.5) }
      })
    #expect(model.betas.last == 1)
    for deviation in [0.1, 1.7, 2, 1e6] {
      let draws = try model.denoised([[1.0]], standardDeviation: deviation, draws: 3, seed: 1)[0]
      #expect(draws.allSatisfy { $0[0].isFinite })
    }
    #expect(throws: DefinitionError.self) { try model.denoised([[1.0]], standardDeviation: 1e200, seed: 1) }
    #expect(throws: DataError.self) { try model.denoised([[Double]](), standardDeviation: 1, seed: 1) }
  }

  @Test func mistakesAreTold() throws {
    let model = try TrainedDiffusion(StridedTests.exact)
    for deviation in [0, -1, .nan, .infinity, 100] {
      #expect(throws: DefinitionError.self) {
        try model.denoised([[0.0, 1]], standardDeviation: deviation, seed: 1)
      }
    }
    for rows in [[[0.0, .nan]], [[1.0]]] {
      #expect(throws: DataError.self) { try model.denoised(rows, standardDeviation: 1, seed: 1) }
    }
    #expect(throws: DataError.self) { try model.denoised([[0.0, 1]], standardDeviation: 1, draws: 0, seed: 1) }
    let bits = try TrainedDiffusion(
      Diffusion {
        BinomialKernel(bits: 2)
        ConstantErasure(steps: 8)
        ReverseFunction(bits: 2) { x, _ in BinomialStep(probability: x * 0 + 0.5) }
      })
    #expect(throws: DefinitionError.self) { try bits.denoised([[0.0, 1]], standardDeviation: 1, seed: 1) }
  }
}
