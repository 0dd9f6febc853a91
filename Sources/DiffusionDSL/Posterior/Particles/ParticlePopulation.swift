import Distributions
import Formulas
import Foundation

/// The particles of one repeat on their way: states in tiles, as programs have them, and weights in Double.
///
/// Tiles are written by whichever thread has them; all else changes between sweeps over the tiles, on one thread. Its
/// memory serves one repeat after the other, so that a step without resampling allocates nothing.
final class ParticlePopulation: @unchecked Sendable {
  let states: TileRows
  /// What a sweep over the tiles found for each particle: its step's log weight, or log psi.
  let found: AlignedBuffer
  private(set) var logWeights: [Double]
  private(set) var ancestors: [Int]
  private(set) var logEvidence = 0.0
  private(set) var effectiveSampleSizes: [Double] = []
  /// log psi_t by the model's own estimate of x_0.
  private var twists: [Double]
  /// The estimates of other models' densities in log psi_t.
  private var densities: [Double]
  private var weights: [Double]
  private let steps: Int

  init(_ model: DiffusionModel, particles: Int, tileRows: Int, precision: Precision) {
    states = TileRows(features: model.features, rows: particles, tileRows: tileRows, precision: precision)
    found = AlignedBuffer(count: particles, precision: .double)
    let zeros = Array(repeating: 0.0, count: particles)
    (logWeights, twists, densities, weights) = (zeros, zeros, zeros, zeros)
    ancestors = Array(0..<particles)
    steps = model.steps
  }

  var particles: Int { logWeights.count }

  /// Makes the memory that of a repeat at its start. States are drawn anew before they are read.
  func restart() {
    for particle in logWeights.indices {
      (logWeights[particle], twists[particle], densities[particle]) = (0, 0, 0)
      ancestors[particle] = particle
    }
    logEvidence = 0
    effectiveSampleSizes.removeAll(keepingCapacity: true)
    effectiveSampleSizes.reserveCapacity(steps + 1)
  }

  /// Multiplies the weights by those of a step.
  func weigh() {
    for particle in logWeights.indices { logWeights[particle] += found[particle] }
  }

  /// Replaces the twist that a particle carries by that of its new state; at t = 0 by none, where the last step's program
  /// has r itself.
  func replaceTwists(isEnd: Bool) {
    for particle in logWeights.indices {
      let twist = isEnd ? 0 : found[particle]
      logWeights[particle] += twist - twists[particle]
      twists[particle] = twist
    }
  }

  /// Replaces the estimates of other models' densities that a particle carries.
  func replaceDensities(_ new: [Double]) {
    for particle in logWeights.indices { logWeights[particle] += new[particle] - densities[particle] }
    densities = new
  }

  /// A particle whose weight is no number or infinite.
  var spoiled: Int? { logWeights.firstIndex { $0.isNaN || $0 == .infinity } }

  /// Keeps the effective sample size, and resamples where it is below half of the particles.
  ///
  /// - Parameters:
  ///   - mayResample: whether the particles may be resampled.
  ///   - offset: a uniform number, asked for where they are.
  /// - Returns: whether any particle has a weight.
  func resample(mayResample: Bool, offset: () -> Double) -> Bool {
    guard normalise(logWeights, into: &weights) else { return false }
    let size = 1 / weights.reduce(0) { $0 + $1 * $1 }
    effectiveSampleSizes.append(size)
    guard mayResample, size < Double(particles) / 2 else { return true }
    logEvidence += SpecialFunctions.logMeanExp(logWeights)
    let chosen = systematic(weights, count: particles, offset: offset())
    states.rearrange(chosen)
    twists = chosen.map { twists[$0] }
    densities = chosen.map { densities[$0] }
    ancestors = chosen.map { ancestors[$0] }
    for particle in logWeights.indices { logWeights[particle] = 0 }
    return true
  }

  /// What the repeat found.
  ///
  /// - Parameter isWeighted: whether the weights mean anything; particles without weights count alike.
  func outcome(isWeighted: Bool) -> ParticleWork.Outcome {
    ParticleWork.Outcome(
      states: states.values,
      weights: (isWeighted ? normalised(logWeights) : nil) ?? logWeights.map { _ in 1 / Double(particles) },
      ancestors: ancestors,
      logEvidence: finalLogEvidence(isWeighted: isWeighted), effectiveSampleSizes: effectiveSampleSizes)
  }

  /// log Z^; NaN without weights.
  func finalLogEvidence(isWeighted: Bool) -> Double {
    logEvidence + (isWeighted ? SpecialFunctions.logMeanExp(logWeights) : .nan)
  }
}
