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
    let all = try MixtureDensities(self, columns: rows.columns)
    let neighbours = try MixtureDensities(self, columns: given)
    return try await rows.blocks.concurrentMap(threads: threads) { block in
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
    let densities = try MixtureDensities(self, columns: rows.columns)
    let (components, levels) = (weights.count, weights[0].count)
    let blocks = try await rows.blocks.concurrentMap(threads: threads) { densities.shares(rows, $0) }
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
    covariances = try await Array(0..<components).concurrentMap(threads: threads) { component in
      var sum = WeightedProducts(columns: rows.columns)
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
    let used = min(rows.count, 20_000)
    // Spread over all rows, which lie picture by picture.
    let chosen = (0..<used).map { $0 * rows.count / used }
    let contrasts = chosen.map { row -> [Double] in
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
      centres = zip(centres, sums).map { centre, sum in
        let length = sum.reduce(0) { $0 + $1 * $1 }.squareRoot()
        return length > 0 ? sum.map { $0 / length } : centre
      }
    }
    var whole = WeightedProducts(columns: columns)
    for panel in 0..<rows.panels { whole.add(rows, panel, weight: .one) }
    let overall = whole.covariance(total: Double(rows.count), ridge: ridge)
    return (0..<count).map { cluster in
      var products = WeightedProducts(columns: columns)
      var members = 0.0
      for (row, best) in zip(chosen, nearest) where best == cluster {
        var weight = Panels.Lanes.zero
        weight[row % 8] = 1
        products.add(rows, row / 8, weight: weight)
        members += 1
      }
      return members > 10 * Double(columns) ? products.covariance(total: members, ridge: ridge) : overall
    }
  }
}

/// Rows that no mixture can be fitted to: one sentence.
public struct UnfittableRows: BadData {
  /// What is wrong, and what to do.
  public var description: String {
    "the baseline finds no mixture for these pictures: they are too few, too small, or all alike; give more of them."
  }
}

extension ScaleMixture {
  /// A component.
  struct Part {
    let covariance: SymmetricMatrix
    let weights: [Double]
    let scales: [Double]
  }

  /// Numbers of a row.
  var columns: Int { covariances.first?.size ?? 0 }

  var parts: [Part] {
    covariances.indices.map { Part(covariance: covariances[$0], weights: weights[$0], scales: scales[$0]) }
  }
}
