import Foundation
import Testing

@testable import DiffusionDSL

/// What chains without weights get wrong, and how far: the table of Docs/Posteriors.md.
///
/// `DIFFUSION_TABLES=1 Scripts/test --filter PerturbedBias` prints it.
@Suite struct PerturbedBiasTests {
  struct Moments {
    var mean: Double
    var variance: Double
    var standardError: Double
  }

  private static func moments(_ values: [Double]) -> Moments {
    let (mean, error) = RowAverage(nil)(values)
    let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count - 1)
    return Moments(mean: mean, variance: variance, standardError: error)
  }

  /// Inpaintings that give the observed number to every step, clean or with fresh noise, and call the result the
  /// posterior: written here, since the library has no such thing.
  private static func replaced(_ misfit: Double, observed: Double, isClamped: Bool, count: Int) throws -> Moments {
    let betas = ConstantErasure(steps: GaussianPosteriorTests.steps).betas
    let steps = betas.count
    func spread(_ t: Int) -> [[Double]] {
      let left = Double(steps - t) / Double(steps) * GaussianPosteriorTests.correlation
      return [[1, left], [left, 1]]
    }
    let noise = NoiseSource(seed: 8, purpose: "replacement")
    var streams = (0..<count).map { noise.stream(chain: UInt64($0), step: 0) }
    var states = streams.indices.map { [Double(streams[$0].nextNormal()), Double(streams[$0].nextNormal())] }
    for t in stride(from: steps, through: 1, by: -1) {
      let (before, now, root) = (spread(t - 1), spread(t), (1 - betas[t - 1]).squareRoot())
      let exact = GaussianPosteriorTests.times(before, GaussianPosteriorTests.inverse(now)).map { $0.map { $0 * root } }
      let explained = GaussianPosteriorTests.times(
        GaussianPosteriorTests.times(exact, now), GaussianPosteriorTests.transposed(exact))
      let left = Double(steps - t) / Double(steps)
      for chain in states.indices {
        states[chain][0] =
          isClamped
          ? observed : left.squareRoot() * observed + (1 - left).squareRoot() * Double(streams[chain].nextNormal())
        let x = states[chain]
        states[chain] = (0..<2).map { i in
          misfit * (exact[i][0] * x[0] + exact[i][1] * x[1])
            + max(0, before[i][i] - explained[i][i]).squareRoot() * Double(streams[chain].nextNormal())
        }
      }
    }
    return moments(states.map { $0[1] })
  }

  @Test func chainsWithoutWeightsAreBiased() throws {
    let isPrinting = ProcessInfo.processInfo.environment["DIFFUSION_TABLES"] != nil
    // The table is of many samples; what the test asks for shows with few.
    let (count, particles, repeats) = isPrinting ? (20_000, 4_000, 30) : (8_000, 500, 2)
    var lines = ["| Case | Reverse means | | Mean | Variance |", "| --- | --- | --- | --- | --- |"]
    func row(_ cells: String...) { lines.append("| " + cells.joined(separator: " | ") + " |") }
    func number(_ value: Double) -> String { String(format: "%.3f", value) }
    for item in GaussianPosteriorTests.cases where item.guidance == nil {
      for misfit in [1, 0.9] {
        let (trained, covariance) = try GaussianPosteriorTests.model(.learned(), misfit: misfit)
        let truth = GaussianPosteriorTests.truth(item, covariance)
        let label = misfit == 1 ? "exact" : "times \(misfit)"
        row("\(item)", label, "the model's posterior", number(truth.means[1]), number(truth.variances[1]))
        let posterior = trained.posterior { item.terms() }
        let answer = try posterior.sample(count, method: .particles(particles, repeats: repeats), seed: 2)
        let particles = Self.moments(answer.samples.column(1))
        row("", "", "`.particles(4_000)`", number(particles.mean), number(particles.variance))
        for guidance in [Guidance.carried, .constant, .annealed] {
          let found = Self.moments(
            try posterior.sample(count, method: .perturbed, guidance: guidance, seed: 2).samples.column(1))
          row("", "", "`.perturbed`, `.\(guidance.name)`", number(found.mean), number(found.variance))
        }
        guard item.description == "observed" else { continue }
        for isClamped in [true, false] {
          let found = try Self.replaced(misfit, observed: 0.8, isClamped: isClamped, count: count)
          row(
            "", "", isClamped ? "clamped" : "replaced by a fresh draw of q", number(found.mean), number(found.variance))
          // Well-fitted models hide the error; a misfitted one shows it.
          if misfit != 1 { #expect(abs(found.mean - truth.means[1]) > 4 * found.standardError) }
        }
      }
    }
    if isPrinting { print(lines.joined(separator: "\n")) }
    #expect(lines.count > 40)
  }
}
