import Distributions
import Formulas
import Foundation

/// log p(x_0) of rows, estimated by importance sampling over forward trajectories: Sohl-Dickstein et al. 2015, eq. 9.
///
/// The mean of the weights p(x_{0...T}) / q(x_{1...T} | x_0) is an unbiased estimate of p(x_0); its logarithm is a
/// lower bound on log p(x_0) on average, which rises with the number of trajectories. All in the data's units.
public struct LogProbability: Sendable {
  /// One row's estimate.
  public struct Row: Hashable, Sendable {
    /// The estimate of log p(x_0), in nats.
    public let nats: Double
    /// Its standard error, in nats, from the spread of the weights; it is too small where few of them count.
    public let standardErrorNats: Double
    /// (sum w)^2 / sum w^2: about how many trajectories carry the estimate.
    public let effectiveSampleSize: Double
    /// The estimate in bits.
    public var bits: Double { nats / M_LN2 }
    /// Its standard error in bits.
    public var standardError: Double { standardErrorNats / M_LN2 }
    /// Whether so few trajectories carry the estimate, under 10, that neither it nor its error is to be trusted: ask
    /// for more trajectories.
    public var isUnreliable: Bool { !(effectiveSampleSize >= 10) }
  }

  /// Estimates in the order of the rows.
  public let rows: [Row]
  /// The logarithms of the weights, in nats: `trajectories` for each row, one row behind the other.
  public let logWeights: [Double]
  /// Trajectories for each row.
  public let trajectories: Int
  /// The rows with an estimate of -infinity, each with the number that is to blame.
  public internal(set) var impossibleRows: [ImpossibleRow] = []
  /// Row weights with mean 1; nil: unweighted.
  let weights: [Double]?

  init(logWeights: [Double], trajectories: Int, weights: [Double]? = nil) {
    self.logWeights = logWeights
    self.trajectories = trajectories
    self.weights = weights
    rows = stride(from: 0, to: logWeights.count, by: trajectories).map {
      Row(logWeights[$0..<$0 + trajectories])
    }
  }

  private var average: (mean: Double, standardError: Double) { RowAverage(weights)(rows.map(\.nats)) }
  /// The mean over rows, in nats.
  public var nats: Double { average.mean }
  /// The mean over rows, in bits.
  public var bits: Double { nats / M_LN2 }
  /// The standard error of `nats`, over rows; NaN for one.
  public var standardErrorNats: Double { average.standardError }
  /// The standard error of `bits`, over rows; NaN for one.
  public var standardError: Double { standardErrorNats / M_LN2 }
  /// The rows whose estimates are not to be trusted.
  public var unreliableRows: [Int] { rows.indices.filter { rows[$0].isUnreliable } }
}

extension LogProbability.Row {
  init(_ logWeights: ArraySlice<Double>) {
    let count = Double(logWeights.count)
    nats = SpecialFunctions.logMeanExp(logWeights)
    let largest = logWeights.max() ?? 0
    // Where all weights are 0, the effective number of trajectories is 0.
    guard largest.isFinite, !nats.isNaN else {
      (effectiveSampleSize, standardErrorNats) = (0, .nan)
      return
    }
    let weights = logWeights.map { exp($0 - largest) }
    let (sum, squares) = (weights.reduce(0, +), weights.reduce(0) { $0 + $1 * $1 })
    effectiveSampleSize = sum * sum / squares
    // The delta method: the relative error of the mean weight.
    standardErrorNats =
      count > 1 ? max(0, (squares / (sum * sum) - 1 / count) * count / (count - 1)).squareRoot() : .nan
  }
}

extension LogProbability: CustomStringConvertible {
  /// The mean in bits with its standard error, what it is over, and how many rows are not to be trusted.
  public var description: String {
    let text =
      "log p = \(bits.decimals(standardError: standardError)) bits a row over \(rows.count.counted("row")), "
      + "\(trajectories) trajector\(trajectories == 1 ? "y" : "ies") each"
    let unreliable = unreliableRows.count
    let doubt =
      unreliable == 0
      ? [] : ["not to be trusted: \(unreliable.counted("row")) with an effective sample size below 10"]
    return ([text] + doubt + impossibleRows.lines).joined(separator: "\n")
  }
}

extension LogProbability.Row: CustomStringConvertible {
  /// The estimate in bits with its standard error, and what carries it.
  public var description: String {
    "\(bits.decimals(standardError: standardError)) bits, effective sample size "
      + String(format: "%.1f", effectiveSampleSize)
  }
}

extension TrainedDiffusion {
  /// log p(x_0) of rows by importance sampling over forward trajectories (Sohl-Dickstein et al. 2015, eq. 9).
  ///
  /// It costs one pass through all T steps for each trajectory. A row's estimate depends on the row, the seed and its
  /// chains alone; row i has the chains from `firstChain` + i * `trajectories` on.
  ///
  /// - Parameters:
  ///   - rows: in the data's units, of which cells may be missing: arrays, a `Dataset` or a `Table`.
  ///   - trajectories: for each row, 1 or more.
  ///   - seed: names the random numbers.
  ///   - firstChain: the first chain of row 0, where rows are scored in several calls.
  ///   - options: threads, precision and vector width.
  /// - Throws: `DataError` for what is no rows, rows that the kernel is not for, a field that a table lacks,
  ///   `trajectories` below 1, more chains than can be held, or a row so far from what the model was trained on that its
  ///   estimate is not a number (`.unscorable`); `DefinitionError` where the model cannot be compiled or the reverse
  ///   steps give numbers that are not finite;
  ///   `Cancelled` when the task is cancelled.
  public func logProbability(
    of rows: some RowSource, trajectories: Int = 256, seed: UInt64 = 0, firstChain: UInt64 = 0,
    options: ComputeOptions = .init()
  ) throws -> LogProbability {
    let data = try rows.dataset(for: definition.schema)
    let (logWeights, _) = try paths(
      .forward, from: data, perRow: trajectories, seed: seed, purposes: ("trajectory end", "trajectory"),
      firstChain: firstChain, options: options)
    var result = LogProbability(
      logWeights: logWeights, trajectories: trajectories, weights: data.normalizedWeights)
    do {
      result.impossibleRows = try impossibleRows(result.rows.map(\.nats), data)
    } catch let error as NonFiniteStep {
      throw error.fault(of: definition)
    }
    return result
  }

  /// Trajectories with the logarithms of their weights in nats and the data's units, and where they ended, in scaled
  /// units.
  func paths(
    _ drawer: PathPrograms.Drawer, from data: Dataset, perRow: Int, seed: UInt64,
    purposes: (start: Purpose, step: Purpose), firstChain: UInt64, options: ComputeOptions,
    work name: String = "log p by importance sampling"
  ) throws -> (logWeights: [Double], ends: [Double]) {
    try definition.kernel.check(data)
    guard perRow >= 1 else { throw DataError.invalidCount(what: "trajectories", value: perRow) }
    guard perRow <= Int(Int32.max) / max(1, model.features) / data.count else {
      throw DataError.tooManyChains(rows: data.count, trajectories: perRow)
    }
    let pool = WorkerPool(threads: options.threads, progress: options.progress)
    let cancellation = Cancellation(of: name, data.count * perRow, "trajectories")
    let work = try PathWork(
      self, drawer, data: data, perRow: perRow, seed: seed, purposes: purposes, firstChain: firstChain,
      options: options, threads: pool.threads, cancellation: cancellation)
    return try work.run(pool)
  }
}
