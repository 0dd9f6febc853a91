import Distributions
import Formulas
import Foundation

/// The entropy of each reverse step between bounds that always hold: Sohl-Dickstein et al. 2015, section 2.6, eq. 24.
///
/// The bounds are on H(X_{t-1} | X_t) under q, for any data. The model's own entropy lies between them at the optimum;
/// a step outside is not the best one, which is no error. The cross-entropy is what the step's predictions cost; where
/// it differs from the model's own entropy, the step is more or less sure than it should be.
///
/// Steps are marked beyond margins that chance passes at no step with a probability of 1 - 1e-6, by an empirical
/// Bernstein bound (Maurer, Pontil 2009, theorem 4). Near t = 0 nearly all of a step's entropy is in a few rows, which
/// a small sample may not meet: few rows give wide margins, not false marks.
public struct EntropyLedger: Sendable {
  /// One step, t >= 2; in bits a row.
  public struct Step: Sendable {
    /// t.
    public let t: Int
    /// H(X_t|X_{t-1}) + H(X_{t-1}|X_0) - H(X_t|X_0), in closed form.
    public let lowerBits: Double
    /// H(X_t|X_{t-1}) + E log pi(X_t) - E log pi(X_{t-1}), in closed form.
    public let upperBits: Double
    /// E_q H[p(. | x_t)], the model's own.
    public let modelBits: Double
    /// Its standard error.
    public let modelStandardError: Double
    /// E_q [-log p(x_{t-1} | x_t)].
    public let crossEntropyBits: Double
    /// The standard error of the difference of cross-entropy and own entropy, row by row.
    public let differenceStandardError: Double
    /// How far the model's entropy may lie outside the bounds by chance.
    public let modelMargin: Double
    /// How far cross-entropy and own entropy may differ by chance.
    public let differenceMargin: Double
    /// Whether the model's entropy lies outside the bounds, beyond the margin: then the step is not the optimum.
    public var isNotOptimal: Bool { modelBits < lowerBits - modelMargin || modelBits > upperBits + modelMargin }
    /// Whether cross-entropy and own entropy differ beyond the margin: then the step is over- or under-confident.
    public var isMiscalibrated: Bool { !(abs(crossEntropyBits - modelBits) <= differenceMargin) }
  }

  /// Steps from T down to 2.
  public let steps: [Step]

  /// Steps whose entropy lies outside the bounds by more than the margin, which the optimum's does not.
  public var notOptimalSteps: [Int] { steps.filter(\.isNotOptimal).map(\.t) }
  /// Steps that are over- or under-confident.
  public var miscalibratedSteps: [Int] { steps.filter(\.isMiscalibrated).map(\.t) }
}

extension EntropyLedger: CustomStringConvertible {
  /// Which steps, and how many of them are marked, each kind on a line of its own.
  public var description: String {
    func line(_ what: String, _ marked: [Int]) -> String {
      "\(what): " + (marked.isEmpty ? "none" : "\(marked.count.counted("step")), t = \(marked.listed())")
    }
    let range = steps.first.map { first in ", t = \(first.t) ... \(steps.last?.t ?? first.t)" } ?? ""
    return [
      "entropies of \(steps.count.counted("reverse step"))\(range)", line("not optimal", notOptimalSteps),
      line("miscalibrated", miscalibratedSteps),
    ].joined(separator: "\n")
  }
}

extension EntropyLedger.Step: CustomStringConvertible {
  /// The model's entropy with its standard error, the bounds, the cross-entropy, and what the step is marked as.
  public var description: String {
    "t = \(t): entropy \(modelBits.decimals(standardError: modelStandardError)) bits, bounds \(lowerBits.decimals()) "
      + "to \(upperBits.decimals()), cross-entropy \(crossEntropyBits.decimals())"
      + (isNotOptimal ? ", not optimal" : "") + (isMiscalibrated ? ", miscalibrated" : "")
  }
}

/// Sums a row's entropies over rows, for each step.
private final class LedgerWork: ParallelWork, @unchecked Sendable {
  /// Of the model's entropy e and the cross-entropy c of rows: sums of e, e^2, c, c - e and (c - e)^2, and the ends of
  /// what e and c - e were.
  struct Sums {
    var (own, ownSquare, cross, difference, differenceSquare) = (0.0, 0.0, 0.0, 0.0, 0.0)
    var (leastOwn, mostOwn) = (Double.infinity, -Double.infinity)
    var (leastDifference, mostDifference) = (Double.infinity, -Double.infinity)

    mutating func add(own: Double, cross: Double, weight: Double) {
      let (e, c) = (own * weight, cross * weight)

      (leastOwn, mostOwn) = (min(leastOwn, e), max(mostOwn, e))
      (leastDifference, mostDifference) = (min(leastDifference, c - e), max(mostDifference, c - e))
      self.own += e
      ownSquare += e * e
      self.cross += c
      difference += c - e
      differenceSquare += (c - e) * (c - e)
    }
  }

  private let model: DiffusionModel
  private let data: PreparedData
  private let weights: [Double]?
  private let count: Int
  private let tileRows: Int
  private let spaces: [TileWorkspace]
  private let noise: TileNoise
  private let inputs: PreparedData.Inputs
  private let cancellation: Cancellation
  private let sums: UnsafeMutableBufferPointer<Sums>

  init(
    _ trained: TrainedDiffusion, data: Dataset, seed: UInt64, options: ComputeOptions, threads: Int,
    cancellation: Cancellation
  ) throws(DefinitionError) {
    model = trained.model.dequantising(data, trained.scaling)
    self.data = PreparedData(data, trained.scaling, parts: model.parts, seed: seed)
    weights = data.normalizedWeights
    count = data.count
    self.cancellation = cancellation
    let shared = try trained.compile(
      model.stepEntropies, precision: options.precision, level: options.vectorLevel)
    let rows = shared.program.tileRows(TileWorkspace.padded(min(options.tileRows, data.count)))
    tileRows = rows
    spaces = (0..<threads).map { _ in TileWorkspace(shared: shared, maximumRows: rows) }
    noise = TileNoise(seed: seed, purpose: "entropy ledger", for: shared.program, trained.model)
    inputs = PreparedData.Inputs(shared.program)
    sums = .allocate(capacity: max(0, trained.steps - 1))
    sums.initialize(repeating: Sums())
  }

  deinit {
    sums.deallocate()
  }

  var isCancelled: Bool { cancellation.isCancelled }

  /// Sums for t = 2 ... T. A step is one task, so sums go over the rows in their order.
  ///
  /// - Throws: `Cancelled`.
  func run(_ pool: WorkerPool) throws(Cancelled) -> [Sums] {
    pool.run(tasks: sums.count, self)
    try cancellation.check()
    return Array(sums)
  }

  func perform(task: Int, thread: Int) {
    let (space, t) = (spaces[thread], task + 2)
    for tile in TileSweep(rows: count, tileRows: tileRows) {
      if isCancelled { return }
      let (first, rows, lanes) = (tile.first, tile.rows, tile.lanes)
      withUnsafeTemporaryAllocation(of: Int32.self, capacity: rows) { indices in
        for row in 0..<rows { indices[row] = Int32(first + row) }
        data.gather(space, inputs, rows: UnsafeBufferPointer(indices), lanes: lanes, firstChain: UInt64(first))
      }
      noise.fill(space, lanes: lanes, firstChain: UInt64(first), step: UInt32(t))
      space.run(lanes: lanes, step: t)
      let (own, cross) = (space.output(0, lanes: lanes), space.output(1, lanes: lanes))
      for row in 0..<rows {
        sums[task].add(
          own: space.number(at: own, row), cross: space.number(at: cross, row), weight: weights?[first + row] ?? 1)
      }
    }
    cancellation.advance(by: 1)
  }
}

extension DiffusionModel {
  /// The entropy of p(x_{t-1} | x_t), and the expectation of -log of it under q(x_{t-1} | x_t, x_0), for one row.
  fileprivate var stepEntropies: [Formula] {
    let state = noised
    let reverse = reverse(of: state)
    let cross = zip(zip(parts, encodedData), reverse).map { item, reverse in
      let (part, data) = item
      let x = state[part.features]
      return reverse.loss(data, x) + part.transitions.posteriorStep(data, x).entropy
    }
    return [reverse.map(\.entropy).total, cross.total]
  }
}

extension TrainedDiffusion {
  /// The entropy of each reverse step, between bounds that always hold.
  ///
  /// - Parameters:
  ///   - rows: complete ones in the data's units, 2 or more: arrays, a `Dataset` or a `Table`.
  ///     Expectations under q are taken over them.
  ///   - seed: names the noise.
  ///   - options: threads, precision and vector width.
  /// - Throws: `DataError` for rows that the kernel is not for, with missing cells, or fewer than 2; `DefinitionError`
  ///   where the model cannot be compiled; `Cancelled` when the task is cancelled.
  public func entropyLedger(
    on rows: some RowSource, seed: UInt64 = 0, options: ComputeOptions = .init()
  ) throws -> EntropyLedger {
    let data = try rows.dataset(for: definition.schema)
    try definition.kernel.check(data)
    guard data.count >= 2 else { throw DataError.tooFewRows(data.count) }
    try data.checkComplete(for: "the entropy ledger", definition.schema)
    let pool = WorkerPool(threads: options.threads, progress: options.progress)
    let sums = try LedgerWork(
      self, data: data, seed: seed, options: options, threads: pool.threads,
      cancellation: Cancellation(of: "the entropy ledger", max(0, self.steps - 1), "steps")
    ).run(pool)

    let (clock, moments, count) = (ErasureClock(betas), moments(of: data), Double(data.count))
    // Two comparisons for each step, each with two sides.
    let doubt = log(4 * 2 * Double(max(1, sums.count)) / 1e-6)
    // The range of a row's entropy, which the bound needs: the widest of all steps, for a row that is extreme at one
    // step may be missing from the sample of another.
    let widest = (
      own: sums.reduce(0) { max($0, $1.mostOwn - min(0, $1.leastOwn)) },
      difference: sums.reduce(0) { max($0, $1.mostDifference - $1.leastDifference) }
    )
    func margin(_ error: Double, range: Double) -> Double {
      error * (2 * doubt).squareRoot() + 7 * range * doubt / (3 * (count - 1))
    }
    // Where the variance of a Gaussian step does not depend on x_t, no row that the sample lacks could change the
    // range.
    let isDiscrete = definition.kernel.isDiscrete
    // The data's units: discrete parts have none, and their scale is 1.
    let volume = scaling.logVolume
    func error(_ sum: Double, _ square: Double) -> Double {
      max(0, (square - sum * sum / count) / (count - 1) / count).squareRoot()
    }
    let steps = sums.enumerated().map { index, sums in
      let t = index + 2
      let bounds = zip(model.parts, moments).map { $0.transitions.entropyBounds(t, clock, $1) }
        .reduce(EntropyBounds(forward: 0, before: 0, now: 0, surpriseFall: 0), +)
      let own = sums.own / count
      let ownError = error(sums.own, sums.ownSquare)
      let differenceError = error(sums.difference, sums.differenceSquare)
      // The error that Float's rounding may make even where the rows have no spread.
      let rounding = 1e-5 * (1 + abs(own))
      let hasSpread = ownError > rounding / 100
      return EntropyLedger.Step(
        t: t, lowerBits: (bounds.lower + volume) / M_LN2, upperBits: (bounds.upper + volume) / M_LN2,
        modelBits: (own + volume) / M_LN2, modelStandardError: ownError / M_LN2,
        crossEntropyBits: (sums.cross / count + volume) / M_LN2, differenceStandardError: differenceError / M_LN2,
        modelMargin: (margin(ownError, range: isDiscrete || hasSpread ? widest.own : 0) + rounding) / M_LN2,
        differenceMargin: (margin(differenceError, range: widest.difference) + rounding) / M_LN2)
    }
    return EntropyLedger(steps: steps.reversed())
  }

  /// Means and variances of the data's states, part by part.
  private func moments(of data: Dataset) -> [StateMoments] {
    let states = model.states(of: (0..<data.count).flatMap { scaling.applied(to: data[$0]) })
    let (features, weights) = (model.features, data.normalizedWeights)
    func mean(_ number: (_ row: Int) -> Double) -> Double {
      (0..<data.count).reduce(0.0) { $0 + (weights?[$1] ?? 1) * number($1) } / Double(data.count)
    }
    return model.parts.map { part in
      let means = part.features.map { feature in mean { states[$0 * features + feature] } }
      let variances = zip(part.features, means).map { feature, centre in
        mean { (states[$0 * features + feature] - centre) * (states[$0 * features + feature] - centre) }
      }
      return StateMoments(means: means, variances: variances)
    }
  }
}
