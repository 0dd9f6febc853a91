import CAllocationProbe
import Foundation
import Testing

@testable import DiffusionDSL

/// Posteriors of models of images: known pixels, evidence in closed form, and that nothing but the seed decides.
@Suite struct ImagePosteriorTests {
  private static let (width, height) = (12, 10)
  private static var pixels: Int { width * height }
  private static let known = (0..<pixels).map { $0 % width < 6 }

  /// Before training its chain is that of white noise exactly, whatever the network.
  private static func white(steps: Int = 12) throws -> TrainedDiffusion {
    try ImageModelTests.begun(
      ImageModelTests.paper(width: width, height: height, steps: steps),
      on: try Dataset(ImageModelTests.white(40, pixels)))
  }

  private static func logNormal(_ x: Double, variance: Double) -> Double {
    -x * x / (2 * variance) - log(2 * Double.pi * variance) / 2
  }

  /// White noise with known pixels: every way has Z in closed form, with weights that hardly differ.
  @Test func evidenceOfWhiteNoiseIsInClosedForm() throws {
    let model = try Self.white()
    let row = ImageModelTests.white(1, Self.pixels, seed: 8)[0]
    let answer = try model.posterior { Observe(mask: Self.known, equals: row) }.sample(
      50, method: .particles(200, repeats: 4), seed: 3)
    let expected = zip(row, Self.known).reduce(0.0) { $1.1 ? $0 + Self.logNormal($1.0, variance: 1) : $0 }
    #expect(abs(answer.logEvidence - expected) < 0.01, "\(answer.logEvidence), not \(expected)")
    let near = try model.posterior { Near(to: row, standardDeviation: 0.5) }.sample(
      50, method: .particles(1_000, repeats: 20), seed: 3)
    let truth = row.reduce(0.0) { $0 + Self.logNormal($1, variance: 1.25) }
    let error = try #require(near.logEvidenceStandardError)
    let limit = standardErrors(comparisons: 1, degreesOfFreedom: 19)
    // Sums over so many pixels are rounded to Float.
    #expect(abs(near.logEvidence - truth) < 0.01 + limit * error, "\(near.logEvidence) +- \(error), not \(truth)")
  }

  /// Factors told as vectors, and column by column as those of few columns are: the same mathematics, so the same
  /// particles and evidence but for rounding.
  @Test func vectorsSayWhatColumnsDo() throws {
    let model = try Self.white()
    let row = ImageModelTests.white(1, Self.pixels, seed: 8)[0]
    let near = Near(to: row, standardDeviation: 0.5).factor
    let observed = Observe(mask: Self.known, equals: row).factor
    let oneNear = Near(119, to: 0.5, standardDeviation: 0.1).factor
    let ways: [([PosteriorFactor], Guidance)] = [
      ([observed], .carried), ([observed], .twisted), ([observed, oneNear], .carried), ([near], .carried),
      ([near], .twisted), ([near], .annealed), ([near], .constant), ([oneNear], .annealed),
    ]
    for (factors, guidance) in ways {
      func outcome(leastVector: Int, _ precision: Precision) throws -> ParticleWork.Outcome {
        let combined = try CombinedFactors(factors, model, leastVector: leastVector)
        #expect(combined.vectors.isEmpty == (leastVector > Self.pixels))
        let options = ComputeOptions(threads: 1, precision: precision)
        let work = ParticleWork(
          model, try PosteriorPrograms(model, combined, guidance, options: options), [combined], particles: 150,
          repeats: 1, isWeighted: true, seed: 6, threads: 1, cancellation: Cancellation(of: "a test", 1, "repeats"))
        return try work.run(WorkerPool(threads: 1))[0][0]
      }
      let vectors = try outcome(leastVector: 64, .double)
      let columns = try outcome(leastVector: 1_000, .double)
      let difference = abs(vectors.logEvidence - columns.logEvidence)
      #expect(
        difference < 1e-9 * abs(columns.logEvidence),
        "\(guidance.name): \(vectors.logEvidence), not \(columns.logEvidence)")
      let differences: [Double] = zip(vectors.states, columns.states).map { abs($0 - $1) }
      #expect(vectors.states.count == columns.states.count && (differences.max() ?? 1) < 1e-9, "\(guidance.name)")
    }
  }

  /// Of an image whose known pixels are vectors, and of one too small for that.
  @Test(arguments: [(12, 10), (6, 5)])
  func knownPixelsComeOutToTheBit(_ width: Int, _ height: Int) throws {
    let pixels = width * height
    let known = (0..<pixels).map { $0 % width < width / 2 }
    let levels = (0..<40 * pixels).map { UInt8($0 * 37 % 251) }
    let data = try Dataset(levels: levels, dimensions: pixels)
    let model = try ImageModelTests.begun(
      ImageModelTests.paper(width: width, height: height), on: data, scaling: .whole)
    let row = data[3]
    let posteriors = [
      model.posterior { Observe(mask: known, equals: row) },
      model.posterior {
        Observe(mask: known, equals: row)
        Near(pixels - 1, to: 100, standardDeviation: 20)
      },
    ]
    let ways: [(PosteriorMethod, Guidance)] = [
      (.particles(40, repeats: 2), .carried), (.particles(40, repeats: 2), .twisted), (.perturbed, .carried),
      (.perturbed, .constant),
    ]
    for posterior in posteriors {
      for (method, guidance) in ways {
        let answer = try posterior.sample(5, method: method, guidance: guidance, seed: 2)
        #expect(answer.samples.count == 5)
        for sample in answer.samples {
          for pixel in 0..<pixels where known[pixel] {
            #expect(sample[pixel].bitPattern == row[pixel].bitPattern)
          }
          let others: [Double] = (0..<pixels).filter { !known[$0] }.map { sample[$0] }
          #expect(others.allSatisfy { $0.isFinite } && Set(others).count == others.count)
        }
      }
    }
  }

  /// Samples of the perturbed chain have no weights: what an answer tells of them is of each alike.
  @Test func perturbedSamplesCountAlike() throws {
    let model = try Self.white()
    let row = ImageModelTests.white(1, Self.pixels, seed: 8)[0]
    let answer = try model.posterior { Near(to: row, standardDeviation: 0.5) }.sample(
      8, method: .perturbed, guidance: .constant, seed: 2)
    let pixel = Self.pixels - 1
    let average = answer.samples.reduce(0.0) { $0 + $1[pixel] } / 8
    #expect(abs(try answer.mean(of: pixel).value - average) < 1e-9)
  }

  /// Neither threads, nor rows of a tile that follow from them, nor other queries of the call change a bit.
  @Test func answersDependOnTheSeedAlone() throws {
    let model = try Self.white()
    let rows = ImageModelTests.white(3, Self.pixels, seed: 9)
    let posteriors = rows.map { row in
      model.posterior {
        Observe(mask: Self.known, equals: row)
        Near(119, to: 0.5, standardDeviation: 0.1)
      }
    }
    for (particles, repeats) in [(300, 1), (70, 3)] {
      func ask(_ threads: Int) throws -> [PosteriorAnswer] {
        try Posterior.sample(
          20, from: posteriors, method: .particles(particles, repeats: repeats), seed: 4,
          options: ComputeOptions(threads: threads))
      }
      let first = try ask(1)
      for threads in [2, 7] {
        for (one, other) in zip(first, try ask(threads)) {
          #expect(one.samples == other.samples)
          #expect(one.logEvidences == other.logEvidences)
        }
      }
      for (place, posterior) in posteriors.enumerated() {
        let alone = try posterior.sample(
          20, method: .particles(particles, repeats: repeats), seed: 4, options: ComputeOptions(threads: 4))
        #expect(alone.samples == first[place].samples)
        #expect(alone.logEvidences == first[place].logEvidences)
      }
    }
  }

  @Test(
    .enabled(if: allocation_probe_works() == 1, "allocations are counted with the GNU C library, without sanitizers"))
  func aStepAllocatesNothing() throws {
    let row = ImageModelTests.white(1, Self.pixels, seed: 8)[0]
    func allocations(_ steps: Int) throws -> Int64 {
      let model = try Self.white(steps: steps)
      let factors = try CombinedFactors([Observe(mask: Self.known, equals: row).factor], model)
      let programs = try PosteriorPrograms(model, factors, .carried, options: ComputeOptions(threads: 1))
      let pool = WorkerPool(threads: 1)
      let work = ParticleWork(
        model, programs, [factors], particles: 200, repeats: 1, isWeighted: true, keepsParticles: false, seed: 1,
        threads: 1, cancellation: Cancellation(of: "a test", 1, "repeats"))
      allocation_probe_start()
      _ = try work.run(pool)
      return allocation_probe_read().allocations
    }
    _ = try allocations(5)
    let few = try allocations(10)
    #expect(try allocations(60) == few)
  }
}
