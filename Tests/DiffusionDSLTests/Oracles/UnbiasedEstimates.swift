import Foundation
import Testing

@testable import DiffusionDSL

/// Whether eq. 9's estimate of p(x_0) has the mean p(x_0) at 10 and at 100 trajectories, over a thousand replicates
/// each, and its logarithm rises with their number.
///
/// - Parameters:
///   - truth: log p(x_0), in nats.
///   - comparisons: of the whole test.
func expectUnbiasedEstimates(
  _ trained: TrainedDiffusion, of row: [Double], truth: Double, seed: UInt64, comparisons: Int, _ label: String
) throws {
  var logs: [Double] = []
  for trajectories in [10, 100] {
    let found = try trained.logProbability(
      of: Dataset(Array(repeating: row, count: 1_000)), trajectories: trajectories, seed: seed)
    let (mean, error) = RowAverage(nil)(found.rows.map { exp($0.nats - truth) })
    #expect(
      abs(mean - 1) < standardErrors(comparisons: comparisons) * error, "\(label), N = \(trajectories): \(mean) of p")
    logs.append(found.nats)
  }
  #expect(logs[0] < logs[1], "\(label)")
}
