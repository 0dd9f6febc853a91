import Distributions
import Foundation

/// A mixture of Gaussian scale mixtures: each component is a normal distribution with mean zero whose covariance is one
/// matrix times one of several scales. Fitted by expectation maximisation.
///
/// Over a pixel and its causal neighbours it gives the density of the pixel given the neighbours, close to the mixture of
/// conditional Gaussian scale mixtures (MCGSM) of Theis, Hosseini, Bethge 2012, the baseline of Table 1 of Sohl-Dickstein
/// et al. (2015) for dead leaves.
public struct ScaleMixture: Sendable {
  /// How a mixture is fitted.
  public struct Settings: Sendable {
    /// Covariances.
    public var components = 12
    /// Scales of each.
    public var scales = 4
    /// Updates by expectation maximisation.
    public var iterations = 25

    /// The defaults.
    public init() {}
  }

  /// Probabilities of components and scales, [component][scale].
  private var weights: [[Double]]
  /// [component][scale].
  private var scales: [[Double]]
  private var covariances: [SymmetricMatrix]

  /// Added to the diagonal of covariances, which rows of a plane would leave singular.
  private static let ridge = 1e-7

  /// Fits rows.
  ///
  /// - Parameters:
  ///   - rows: of mean zero, all of one length, many more than that.
  ///   - threads: how many work at a time; the result does not depend on it.
  ///   - progress: told the share that is done.
  /// - Throws: `CancellationError` when the task is cancelled, `UnfittableRows`.
  init(
    _ rows: Panels, settings: Settings = .init(), seed: UInt64, threads: Int, progress: (Double) -> Void = { _ in }
  ) async throws {
    var stream = RandomStream(seed: seed, purpose: "scale mixture")
    covariances = ScaleMixture.directions(rows, count: settings.components, &stream)
    let spread = (0..<settings.scales).map { exp(-4 + 5 * (Double($0) + 0.5) / Double(settings.scales)) }
    scales = (0..<settings.components).map { _ in
      let shift = exp(0.3 * Double(stream.nextNormal()))
      return spread.map { $0 * shift }
    }
    let share = 1 / Double(settings.components * settings.scales)
    weights = scales.map { $0.map { _ in share } }
    for iteration in 0..<settings.iterations {
      progress(Double(iteration) / Double(settings.iterations))
      try await update(rows, threads: threads)
    }
  }

  /// log p of the last columns of rows given the others, in nats.
  ///
  /// - Parameter targets: how many columns, less than there are.
  func conditional(_ rows: Panels, targets: Int, threads: Int) async throws -> [Double] {
    let given = rows.columns - targets
    let all = try Densities(self, columns: rows.columns)
    let neighbours = try Densities(self, columns: given)
    return try await ScaleMixture.map(rows.blocks, threads: threads) { block in
      block.flatMap { panel -> [Double] in
        let joint = all.logDensities(rows, panel)
        let known = neighbours.logDensities(rows, panel)
        return (0..<rows.used(panel)).map { joint[$0] - known[$0] }
      }
    }.flatMap { $0 }
  }

  // MARK: - Fitting

  /// One update: shares of components and scales in each row, then the scales, then, given these, the covariances.
  private mutating func update(_ rows: Panels, threads: Int) async throws {
    let densities = try Densities(self, columns: rows.columns)
    let (components, levels) = (weights.count, weights[0].count)
    let blocks = try await ScaleMixture.map(rows.blocks, threads: threads) { densities.shares(rows, $0) }
    var totals = Array(repeating: Array(repeating: 1e-9, count: levels), count: components)
    var squares = Array(repeating: Array(repeating: 0.0, count: levels), count: components)
    for block in blocks {
      for component in 0..<components {
        for level in 0..<levels {
          totals[component][level] += block.totals[component * levels + level]
          squares[component][level] += block.squares[component * levels + level]
        }
      }
    }
    let all = totals.joined().reduce(0, +)
    weights = totals.map { $0.map { $0 / all } }
    scales = zip(squares, totals).map { squares, totals in
      zip(squares, totals).map { $0 / (Double(rows.columns) * $1) + 1e-8 }
    }
    let (scales, sums) = (scales, totals.map { $0.reduce(0, +) })
    covariances = try await ScaleMixture.map(Array(0..<components), threads: threads) { component in
      var sum = Moments(columns: rows.columns)
      for (block, range) in zip(blocks, rows.blocks) {
        for (index, panel) in range.enumerated() {
          var weight = Panels.Lanes.zero
          for level in 0..<levels {
            weight += block.shares[(index * components + component) * levels + level] / scales[component][level]
          }
          sum.add(rows, panel, weight: weight)
        }
      }
      return sum.covariance(total: sums[component], ridge: ScaleMixture.ridge)
    }
  }

  /// Covariances to begin with: of rows whose last number differs from the others in about the same way.
  private static func directions(_ rows: Panels, count: Int, _ stream: inout RandomStream) -> [SymmetricMatrix] {
    let columns = rows.columns
    // Each row's contrasts with its last number, of length 1.
    let contrasts = (0..<min(rows.count, 20_000)).map { row -> [Double] in
      let panel = row / 8 * columns
      let last = rows.lanes[panel + columns - 1][row % 8]
      let differences = (0..<columns - 1).map { last - rows.lanes[panel + $0][row % 8] }
      let length = differences.reduce(0) { $0 + $1 * $1 }.squareRoot() + 1e-9
      return differences.map { $0 / length }
    }
    var centres = (0..<count).map { _ in contrasts[Int.random(in: 0..<contrasts.count, using: &stream)] }
    var nearest = Array(repeating: 0, count: contrasts.count)
    for _ in 0..<5 {
      var sums = centres.map { $0.map { $0 * 1e-9 } }
      for (row, contrast) in contrasts.enumerated() {
        // Contrasts of opposite signs are alike: a row and its negative have the same covariance.
        let products = centres.map { centre in
          var sum = 0.0
          for index in centre.indices { sum += centre[index] * contrast[index] }
          return sum
        }
        let best = products.indices.max { abs(products[$0]) < abs(products[$1]) } ?? 0
        nearest[row] = best
        for index in contrast.indices { sums[best][index] += products[best] * contrast[index] }
      }
      centres = sums.map { sum in
        let length = sum.reduce(0) { $0 + $1 * $1 }.squareRoot()
        return sum.map { $0 / length }
      }
    }
    var whole = Moments(columns: columns)
    for panel in 0..<rows.panels { whole.add(rows, panel, weight: .one) }
    let overall = whole.covariance(total: Double(rows.count), ridge: ridge)
    return (0..<count).map { cluster in
      var moments = Moments(columns: columns)
      var members = 0.0
      for panel in 0..<nearest.count / 8 {
        var weight = Panels.Lanes.zero
        for lane in 0..<8 where nearest[panel * 8 + lane] == cluster { weight[lane] = 1 }
        moments.add(rows, panel, weight: weight)
        members += weight.sum()
      }
      return members > 10 * Double(columns) ? moments.covariance(total: members, ridge: ridge) : overall
    }
  }

  /// Does work on several threads, and gives its results in order.
  private static func map<Work: Sendable, Result: Sendable>(
    _ works: [Work], threads: Int, _ body: @escaping @Sendable (Work) throws -> Result
  ) async throws -> [Result] {
    var results: [Result?] = Array(repeating: nil, count: works.count)
    try await withThrowingTaskGroup(of: (Int, Result).self) { group in
      var next = 0
      func start() {
        guard next < works.count else { return }
        let (index, work) = (next, works[next])
        next += 1
        group.addTask {
          try Task.checkCancellation()
          return (index, try body(work))
        }
      }
      for _ in 0..<max(1, threads) { start() }
      while let (index, result) = try await group.next() {
        start()
        results[index] = result
      }
    }
    return results.compactMap { $0 }
  }
}

/// Rows that no mixture can be fitted to: one sentence.
public struct UnfittableRows: BadData {
  /// What is wrong, and what to do.
  public var description: String {
    "the baseline finds no mixture for these pictures: their pixels are all alike, or nearly so; give more of them."
  }
}

/// Weighted sums of products of columns.
private struct Moments {
  private let columns: Int
  /// The lower triangle, row by row.
  private var sums: [Panels.Lanes]

  init(columns: Int) {
    self.columns = columns
    sums = Array(repeating: .zero, count: columns * (columns + 1) / 2)
  }

  mutating func add(_ rows: Panels, _ panel: Int, weight: Panels.Lanes) {
    guard weight != .zero else { return }
    let begin = panel * columns
    var place = 0
    for row in 0..<columns {
      let scaled = rows.lanes[begin + row] * weight
      for column in 0...row {
        sums[place] += scaled * rows.lanes[begin + column]
        place += 1
      }
    }
  }

  func covariance(total: Double, ridge: Double) -> SymmetricMatrix {
    var matrix = SymmetricMatrix(size: columns)
    var place = 0
    for row in 0..<columns {
      for column in 0...row {
        matrix[row, column] = sums[place].sum() / total
        place += 1
      }
    }
    matrix.add(diagonal: ridge)
    return matrix
  }
}

/// A mixture made ready for densities of the first columns of rows.
private struct Densities: Sendable {
  private let columns: Int
  private let levels: Int
  /// For each component, the inverse of its covariance's lower factor, row by row as far as the diagonal.
  private let whitening: [[Double]]
  /// The logarithm of what stands before the exponential, [component][scale].
  private let constants: [[Double]]
  /// 1 / (2 scale), [component][scale].
  private let rates: [[Double]]

  init(_ mixture: ScaleMixture, columns: Int) throws(UnfittableRows) {
    self.columns = columns
    let parts = mixture.parts
    levels = parts.first?.scales.count ?? 0
    var (whitening, constants): ([[Double]], [[Double]]) = ([], [])
    for part in parts {
      guard let factor = part.covariance.leading(columns).lowerFactor else { throw UnfittableRows() }
      whitening.append(Densities.inverse(factor))
      let logarithm = (0..<columns).reduce(0.0) { $0 + log(factor[$1][$1]) }
      constants.append(
        zip(part.weights, part.scales).map { weight, scale in
          log(weight) - 0.5 * Double(columns) * log(2 * Double.pi * scale) - logarithm
        })
    }
    (self.whitening, self.constants) = (whitening, constants)
    rates = parts.map { $0.scales.map { 0.5 / $0 } }
  }

  /// The inverse of a lower triangular matrix, row by row as far as the diagonal.
  private static func inverse(_ factor: [[Double]]) -> [Double] {
    let size = factor.count
    var rows: [[Double]] = []
    for row in 0..<size {
      rows.append(
        (0...row).map { column in
          if column == row { return 1 / factor[row][row] }
          var sum = 0.0
          for between in column..<row { sum += factor[row][between] * rows[between][column] }
          return -sum / factor[row][row]
        })
    }
    return rows.flatMap { $0 }
  }

  /// z^T covariance^-1 z of a panel's rows, for a component.
  private func square(_ rows: Panels, _ panel: Int, _ component: Int) -> Panels.Lanes {
    let begin = panel * rows.columns
    let inverse = whitening[component]
    var (total, place) = (Panels.Lanes.zero, 0)
    for row in 0..<columns {
      var sum = Panels.Lanes.zero
      for column in 0...row {
        sum += rows.lanes[begin + column] * inverse[place]
        place += 1
      }
      total += sum * sum
    }
    return total
  }

  /// log p of a panel's rows.
  func logDensities(_ rows: Panels, _ panel: Int) -> [Double] {
    let logs = terms(rows, panel).logs
    return (0..<8).map { lane in
      let largest = logs.reduce(-Double.infinity) { max($0, $1[lane]) }
      return largest + log(logs.reduce(0) { $0 + exp($1[lane] - largest) })
    }
  }

  private func terms(_ rows: Panels, _ panel: Int) -> (logs: [Panels.Lanes], squares: [Panels.Lanes]) {
    var (logs, squares): ([Panels.Lanes], [Panels.Lanes]) = ([], [])
    logs.reserveCapacity(whitening.count * levels)
    for component in whitening.indices {
      let square = square(rows, panel, component)
      squares.append(square)
      for level in 0..<levels {
        logs.append(Panels.Lanes(repeating: constants[component][level]) - square * rates[component][level])
      }
    }
    return (logs, squares)
  }

  /// What a block of panels gives for an update.
  struct Shares: Sendable {
    /// Of components and scales in rows, [panel][component][scale].
    var shares: [Panels.Lanes] = []
    /// Summed over rows, [component][scale].
    var totals: [Double]
    /// The same, times rows' squares.
    var squares: [Double]
  }

  func shares(_ rows: Panels, _ block: Range<Int>) -> Shares {
    let parts = whitening.count * levels
    var result = Shares(totals: Array(repeating: 0, count: parts), squares: Array(repeating: 0, count: parts))
    result.shares.reserveCapacity(block.count * parts)
    for panel in block {
      var (logs, squares) = terms(rows, panel)
      for lane in 0..<8 {
        let largest = logs.reduce(-Double.infinity) { max($0, $1[lane]) }
        var sum = 0.0
        for part in 0..<parts {
          let share = exp(logs[part][lane] - largest)
          logs[part][lane] = share
          sum += share
        }
        // Rows that fill the last panel up have no share.
        let factor = lane < rows.used(panel) ? 1 / sum : 0
        for part in 0..<parts { logs[part][lane] *= factor }
      }
      for part in 0..<parts {
        result.totals[part] += logs[part].sum()
        result.squares[part] += (logs[part] * squares[part / levels]).sum()
      }
      result.shares += logs
    }
    return result
  }
}

extension ScaleMixture {
  /// A component.
  fileprivate struct Part {
    let covariance: SymmetricMatrix
    let weights: [Double]
    let scales: [Double]
  }

  fileprivate var parts: [Part] {
    covariances.indices.map { Part(covariance: covariances[$0], weights: weights[$0], scales: scales[$0]) }
  }
}
