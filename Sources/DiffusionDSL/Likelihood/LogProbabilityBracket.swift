import Distributions
import Formulas
import Foundation

/// A model's own mean log probability, E_p log p(x_0), between two estimates that hold on average.
///
/// For samples that the model drew. The lower one is eq. 9 of Sohl-Dickstein et al. 2015 over fresh forward
/// trajectories; the upper one has among them the trajectory that the sample came by. E lower <= E log p <= E upper,
/// and they close as trajectories grow in number. Neither holds draw by draw.
public struct LogProbabilityBracket: Sendable {
  /// For each sample, in nats: log of the mean weight of `trajectories` forward trajectories.
  public let lowerNats: [Double]
  /// For each sample, in nats: log of the mean weight of its own trajectory and `trajectories` - 1 forward ones.
  public let upperNats: [Double]
  /// Trajectories for each sample.
  public let trajectories: Int

  /// The mean of the lower estimates and its standard error, in bits.
  public var lower: (bits: Double, standardError: Double) { LogProbabilityBracket.bits(lowerNats) }
  /// The mean of the upper estimates and its standard error, in bits.
  public var upper: (bits: Double, standardError: Double) { LogProbabilityBracket.bits(upperNats) }

  private static func bits(_ nats: [Double]) -> (bits: Double, standardError: Double) {
    let mean = RowAverage(nil)(nats)
    return (mean.mean / M_LN2, mean.standardError / M_LN2)
  }
}

extension LogProbabilityBracket: CustomStringConvertible {
  /// Both estimates in bits with their standard errors, and what they are over.
  public var description: String {
    let ends = [lower, upper].map { $0.bits.decimals(standardError: $0.standardError) }
    return "E log p between \(ends[0]) and \(ends[1]) bits a row, over \(lowerNats.count.counted("sample")) with "
      + "\(trajectories) trajectories each"
  }
}

extension TrainedDiffusion {
  /// The model's own mean log probability, bracketed from both sides.
  ///
  /// - Parameters:
  ///   - samples: how many samples to draw, 2 or more.
  ///   - trajectories: for each sample, 2 or more.
  ///   - seed: names the random numbers.
  ///   - options: threads, precision and vector width.
  /// - Throws: `DataError` for counts that are too small or too large; `DefinitionError` where the model cannot be
  ///   compiled; `Cancelled` when the task is cancelled.
  public func logProbabilityBracket(
    samples: Int, trajectories: Int = 64, seed: UInt64, options: ComputeOptions = .init()
  ) throws -> LogProbabilityBracket {
    guard samples >= 2 else { throw DataError.invalidCount(what: "the number of samples less 1", value: samples - 1) }
    guard trajectories >= 2 else {
      throw DataError.invalidCount(what: "the number of trajectories less 1", value: trajectories - 1)
    }
    guard samples <= Int(Int32.max) / max(1, model.features) else { throw DataError.tooManyRows(samples) }
    // A chain is not stored: the same program with the same noise draws it again, equal to the bit, and the second time
    // x_0 is known.
    func chains(from data: Dataset) throws -> (logWeights: [Double], ends: [Double]) {
      try paths(
        .model, from: data, perRow: 1, seed: seed, purposes: ("bracket start", "bracket"), firstChain: 0,
        options: options, work: "the bracket of log p")
    }
    let blank = try Dataset(
      complete: Array(repeating: Double(0), count: samples * dimensions), dimensions: dimensions)
    let rows = scaling.undone(try chains(from: blank).ends)
    let data = try Dataset(rows)
    let own = try chains(from: data).logWeights
    let forward = try logProbability(of: data, trajectories: trajectories, seed: seed, options: options)
    let upper = own.enumerated().map { index, weight in
      let start = index * trajectories
      return SpecialFunctions.logMeanExp([weight] + forward.logWeights[start..<start + trajectories - 1])
    }
    return LogProbabilityBracket(
      lowerNats: forward.rows.map(\.nats), upperNats: upper, trajectories: trajectories)
  }
}
