// article
import DiffusionDSL
import Foundation
// end of article
import Testing

// The regions between the two marks are the Swift blocks of the article GettingStarted.md, in its order; one test runs
// them, the other compares the texts.

// article
func orbit(_ count: Int, seed: UInt64) throws -> [[Double]] {
  var stream = RandomStream(seed: seed, purpose: "orbit")
  let radius = try Normal(mean: 2, standardDeviation: 0.1)
  let angle = try Uniform(lower: 0, upper: 2 * Double.pi)
  return (0..<count).map { _ in
    let (r, a) = (radius.sample(using: &stream), angle.sample(using: &stream))
    return [r * cos(a), r * sin(a)]
  }
}
// end of article

@Suite struct GettingStartedTests {
  @Test func articleRuns() async throws {
    // article
    let model = Diffusion {
      GaussianKernel(dimensions: 2)
      LearnedSchedule(steps: 40, firstVariance: 1e-3)
      ReverseNetwork {
        RadialBasis(units: 16)
        Readout(.perStep)
      }
    }
    // end of article

    // article
    let rows = try orbit(20_000, seed: 1)
    let trained = try await model.fit(to: rows, using: .adam(rate: 1e-2), steps: 500, seed: 1)
    // end of article

    // article
    let bound = try trained.lowerBound(on: orbit(5_000, seed: 2))
    print("K = \(bound.bits) bits a row, with a standard error of \(bound.standardError)")
    print("that is \(bound.overNull) bits above independent normals of the training data's means and variances")
    // end of article
    #expect(bound.overNull > 0.5)
    #expect(bound.standardError < 0.1)

    // article
    let samples = try trained.sample(1_000, seed: 7)
    for row in samples.prefix(3) { print("x = \(row[0]), y = \(row[1])") }
    // end of article
    #expect(samples.count == 1_000)

    // article
    for slice in try trained.reverseTrajectory(count: 200, seed: 7) where slice.step % 20 == 0 {
      print("t = \(slice.step): the first chain is at \(slice.states[0]), and will drift by \(slice.drift[0])")
    }
    // end of article

    // article
    let training = try model.training(
      on: Dataset(rows), using: .adam(rate: .cosine(1e-2)), steps: 500, seed: 1, options: .init(averaging: 0.99))
    for await progress in training.progress {
      print("step \(progress.step) of \(progress.steps): K is about \(progress.boundBits) bits")
    }
    let averaged = try await training.value
    // end of article
    #expect(try averaged.lowerBound(on: orbit(5_000, seed: 2)).overNull > 0.5)

    // article
    let file = URL.temporaryDirectory.appending(path: "orbit-\(UUID()).safetensors")
    try trained.save(to: file)
    let loaded = try TrainedDiffusion(contentsOf: file)
    // end of article

    // article
    let further = try await loaded.resume(on: Dataset(rows), totalSteps: (loaded.trainingSteps ?? 0) + 100)
    // end of article
    #expect(further.trainingSteps == 600)
    try FileManager.default.removeItem(at: file)
    #expect(try loaded.sample(1_000, seed: 7) == samples)

    // article
    let deeper = Diffusion {
      GaussianKernel(dimensions: 2)
      Cosine(steps: 100)
      ReverseNetwork(lastStep: .learned()) {
        Dense(32, activation: .silu)
        for _ in 0..<2 {
          Residual { Dense(32, activation: .silu) }
        }
        Readout(.shared)
      }
    }
    // end of article
    #expect(try await deeper.fit(to: rows, steps: 2, seed: 1).steps == 100)

    // article
    do {
      _ = try trained.lowerBound(on: [[0.1, 0.2, 0.3]])
    } catch DataError.wrongDimensions(let expected, let found) {
      print("the model has \(expected) dimensions, these rows have \(found)")
    }
    // end of article
  }

  @Test func articleSaysWhatRuns() throws {
    try Article.compare("GettingStarted.md", with: #filePath, blocks: 12)
  }
}
