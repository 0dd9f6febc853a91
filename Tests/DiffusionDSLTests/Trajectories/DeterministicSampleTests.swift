import DiffusionDSL
import Foundation
import Testing

/// Chains without noise.
struct DeterministicSampleTests {
  /// Where x_T = 1 leads for data of a standard deviation, whose estimate of x_0 is known exactly: computed by itself.
  static func factor(deviation: Double, betas: [Double]) -> Double {
    var kept = [1.0]
    for beta in betas { kept.append(kept[kept.count - 1] * (1 - beta)) }
    var x = 1.0
    for t in stride(from: betas.count, to: 1, by: -1) {
      let variance = deviation * deviation
      let estimate = x * variance * kept[t].squareRoot() / (variance * kept[t] + 1 - kept[t])
      let noise = (x - kept[t].squareRoot() * estimate) / (1 - kept[t]).squareRoot()
      x = kept[t - 1].squareRoot() * estimate + (1 - kept[t - 1]).squareRoot() * noise
    }
    return x * (1 - betas[0]).squareRoot()
  }

  @Test(arguments: [60, 20, 3])
  func normalDataAreReachedByTheirFactor(steps: Int) throws {
    let whole = try TrainedDiffusion(StridedTests.exact)
    let model = steps == 60 ? whole : try whole.strided(steps: steps)
    let rows = try model.deterministicSample(40, seed: 5)
    let first = try model.reverseTrajectory(count: 40, seed: 5).first { _ in true }
    let start = try #require(first).states
    for (column, deviation) in StridedTests.deviations.enumerated() {
      let factor = Self.factor(deviation: deviation, betas: model.betas)
      for row in 0..<40 {
        let expected = start[row][column] * factor
        #expect((rows[row][column] - expected).magnitude < 2e-5 * (1 + expected.magnitude), "\(rows[row]) \(expected)")
      }
    }
    // With many steps the factor tends to that of the data, less what the first step and the last leave out.
    if steps == 60 {
      #expect((Self.factor(deviation: 0.5, betas: model.betas) - 0.5).magnitude < 0.05)
    }
  }

  @Test func imagesInBlocksAreThoseOfTiles() throws {
    let model = try BlockSamplingTests.model(BlockSamplingTests.cases[0], lastStep: .learned(), steps: 5)
    let many = try model.deterministicSample(40, seed: 3, options: ComputeOptions(threads: 1))
    let one = try model.deterministicSample(1, seed: 3, firstChain: 7, options: ComputeOptions(threads: 2))
    #expect(one[0] == many[7])
    #expect(one[0] != (try model.sample(1, seed: 3, firstChain: 7))[0])
    #expect(one[0].allSatisfy { $0.isFinite })
  }

  @Test func bitsHaveNoChainWithoutNoise() throws {
    let bits = try TrainedDiffusion(
      Diffusion {
        BinomialKernel(bits: 2)
        ConstantErasure(steps: 8)
        ReverseFunction(bits: 2) { x, _ in BinomialStep(probability: x * 0 + 0.5) }
      })
    #expect(throws: DefinitionError.self) { try bits.deterministicSample(3, seed: 1) }
    let model = try TrainedDiffusion(StridedTests.exact)
    #expect(throws: DataError.self) { try model.deterministicSample(0, seed: 1) }
  }
}
