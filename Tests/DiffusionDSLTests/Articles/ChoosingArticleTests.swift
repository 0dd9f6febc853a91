// article
import DiffusionDSL
import Foundation
// end of article
import Testing

// The regions between the two marks are the Swift blocks of the article Choosing.md, in its order; one test runs them,
// one compares the texts, and one measures the article's table, which takes long and is done only when asked for.

// article
func fitted(
  _ model: Diffusion, to rows: [[Double]], updates: Int = 10_000, seed: UInt64 = 1
) async throws -> TrainedDiffusion {
  try await model.fit(
    to: rows, using: .adam(rate: .cosine(3e-3)), steps: updates, seed: seed, options: TrainingOptions(batchSize: 256))
}
// end of article

@Suite struct ChoosingArticleTests {
  @Test func articleRuns() async throws {
    let rows = TwoMoons.rows(20_000, seed: 1)
    let heldOut = TwoMoons.rows(1_000, seed: 2)
    // article
    let model = Diffusion {
      GaussianKernel(dimensions: 2)
      Geometric(steps: 100, firstVariance: 1e-3, lastVariance: 0.998)
      ReverseNetwork(mean: .forwardMean, lastStep: .learned()) {
        for _ in 0..<3 { Dense(64, activation: .silu) }
        Readout(.bumps(10))
      }
    }
    let trained = try await fitted(model, to: rows, updates: 500)
    // end of article

    // article
    let bound = try trained.lowerBound(on: heldOut, draws: 4)
    print(bound)
    print("on the training rows:", try trained.lowerBound(on: Array(rows.prefix(2_000)), draws: 4).bits)
    // end of article
    let truth = heldOut.map(TwoMoons.log2Density).reduce(0, +) / Double(heldOut.count)
    // A bound is below the truth, and even so short a training is far above what pi gives.
    #expect(bound.bits < truth + 5 * bound.standardError)
    #expect(bound.bits > truth - 0.7 && bound.overNull > 1)

    // article
    let estimate = try trained.logProbability(of: Array(heldOut.prefix(100)), trajectories: 64)
    print("bits by number of trajectories:", estimate.rise.map { ($0.trajectories, $0.nats / log(2)) })
    // end of article
    #expect(estimate.rise.map(\.trajectories) == [1, 2, 4, 8, 16, 32, 64])

    // article
    let worst = bound.terms.min { $0.bits < $1.bits }
    print("the most expensive term:", worst?.kind as Any, worst?.bits as Any)
    let ledger = try trained.entropyLedger(on: Dataset(heldOut), seed: 1)
    print("steps that are far from their best:", ledger.miscalibratedSteps)
    // end of article
    #expect(worst.map { $0.bits < 0 } == true)
    #expect(ledger.steps.count == 99)

    // article
    var bounds: [Double] = []
    for seed: UInt64 in 1...3 {
      let other = try await fitted(model, to: rows, updates: 500, seed: seed)
      bounds.append(try other.lowerBound(on: heldOut, draws: 4).bits)
    }
    print("seeds differ by", (bounds.max() ?? 0) - (bounds.min() ?? 0), "bits, error", bound.standardError)
    // end of article
    #expect(bounds[0] == bound.bits)
    #expect(Set(bounds).count == 3)
  }

  @Test func articleSaysWhatRuns() throws {
    try Article.compare("Choosing.md", with: #filePath, blocks: 7)
  }
}
