import Foundation
import Testing

@testable import DiffusionDSL

/// Four bits and eight steps with everything enumerated: K, log p, eq. 9 and its upper side.
@Suite struct PerturbedReversalTests {
  @Test(arguments: LastStep.both) func theBoundIsThatOfEnumeration(_ lastStep: LastStep) throws {
    let trained = try TrainedDiffusion(PerturbedReversal.definition(lastStep))
    let oracle = try DiscreteOracle(trained)
    for row in oracle.rows.indices {
      let found = try trained.boundByEnumeration(of: oracle.rows[row], oracle)
      let expected = oracle.bound(of: row)
      #expect(abs(found - expected) < 1e-9 * max(1, abs(expected)), "row \(row)")
      #expect(expected <= oracle.logProbability(of: row) + 1e-12)
    }
    // A perturbation that is felt: K stays off the best.
    let exact = try DiscreteOracle(TrainedDiffusion(PerturbedReversal.definition(lastStep, noise: 0)))
    #expect(exact.bound(of: 3) != oracle.bound(of: 3))
  }

  /// The mean of the estimate of p is p, at any number of trajectories; its logarithm rises with the number.
  @Test(arguments: LastStep.both) func theEstimateOfEquationNineIsUnbiased(_ lastStep: LastStep) throws {
    let trained = try TrainedDiffusion(PerturbedReversal.definition(lastStep))
    let oracle = try DiscreteOracle(trained)
    for (row, numbers) in oracle.rows.enumerated() {
      let truth = oracle.logProbability(of: row)
      try expectUnbiasedEstimates(
        trained, of: numbers, truth: truth, seed: UInt64(row), comparisons: 64, "\(lastStep), row \(row)")
      let many = try trained.logProbability(of: [numbers], trajectories: 10_000, seed: 100 + UInt64(row)).rows[0]
      #expect(
        abs(many.nats - truth) < standardErrors(comparisons: 32) * many.standardErrorNats + 1e-4, "row \(row)")
    }
  }

  @Test(arguments: LastStep.both) func theUpperSideFallsToTheTruth(_ lastStep: LastStep) throws {
    let trained = try TrainedDiffusion(PerturbedReversal.definition(lastStep))
    let oracle = try DiscreteOracle(trained)
    let truth = oracle.rows.indices.reduce(0.0) { total, row in
      let log = oracle.logProbability(of: row)
      return total + exp(log) * log
    }
    var uppers: [Double] = []
    for trajectories in [2, 8, 64, 512] {
      let bracket = try trained.logProbabilityBracket(samples: 10_000, trajectories: trajectories, seed: 3)
      let (upper, lower) = (bracket.upper, bracket.lower)
      #expect(upper.bits + standardErrors(comparisons: 16) * upper.standardError > truth / M_LN2)
      #expect(lower.bits - standardErrors(comparisons: 16) * lower.standardError < truth / M_LN2)
      uppers.append(upper.bits)
    }
    #expect(uppers == uppers.sorted(by: >))
  }

  // MARK: - Missing cells

  /// Every pattern of missing cells: K is E_Q of its terms over the mixed process, by enumeration, and below log p of
  /// the observed cells, to which the importance estimate converges.
  @Test(arguments: LastStep.both) func rowsWithMissingCellsAreScoredByTheirObservedOnes(_ lastStep: LastStep) throws {
    let trained = try TrainedDiffusion(PerturbedReversal.definition(lastStep))
    let oracle = try DiscreteOracle(trained)
    let row = [1.0, 0, 1, 1]
    for pattern in 0..<15 {
      let observed = (0..<4).map { pattern >> $0 & 1 == 1 }
      let cells = zip(row, observed).map { $1 ? $0 : nil }
      let (bound, truth) = oracle.missing(cells)
      #expect(bound <= truth + 1e-12)
      let found = try trained.lowerBound(on: Dataset(Array(repeating: cells, count: 20_000)), seed: UInt64(pattern))
      #expect(
        abs(found.nats - bound) < standardErrors(comparisons: 64) * found.standardErrorNats + 1e-6,
        "\(cells): \(found.nats) where \(bound) is right")
      #expect(abs(found.terms.reduce(0) { $0 + $1.nats } - found.nats) < 1e-6)
      let estimate = try trained.logProbability(of: Dataset([cells]), trajectories: 20_000, seed: UInt64(pattern))
      #expect(
        abs(estimate.rows[0].nats - truth) < standardErrors(comparisons: 64) * estimate.rows[0].standardErrorNats
          + 1e-4,
        "\(cells): \(estimate.rows[0].nats) where \(truth) is right")
    }
  }

  /// Whether other rows have missing cells makes no difference to a row.
  @Test func rowsDoNotDependOnOthersGaps() throws {
    let trained = try TrainedDiffusion(PerturbedReversal.definition(.paper))
    let rows = try DiscreteOracle(trained).rows
    let whole = try trained.lowerBound(on: Dataset(rows), seed: 4)
    let wholeLogs = try trained.logProbability(of: Dataset(rows), trajectories: 7, seed: 4)
    var cells: [[Double?]] = rows
    for row in [2, 3, 9] { cells[row][row % 4] = nil }
    for threads in [1, 2, 7] {
      let options = ComputeOptions(threads: threads)
      let found = try trained.lowerBound(on: Dataset(cells), seed: 4, options: options)
      let logs = try trained.logProbability(of: Dataset(cells), trajectories: 7, seed: 4, options: options)
      for row in rows.indices where ![2, 3, 9].contains(row) {
        #expect(found.rowNats[row] == whole.rowNats[row])
        #expect(logs.rows[row] == wholeLogs.rows[row])
      }
      for row in [2, 3, 9] {
        let one = try trained.lowerBound(on: Dataset([cells[row]]), seed: 4, firstChain: UInt64(row), options: options)
        #expect(one.rowNats[0] == found.rowNats[row])
      }
    }
  }

  /// A weight of 3 is as three rows: in averages, in pi and in the scale.
  @Test func weightsAreAsManyRows() throws {
    let trained = try TrainedDiffusion(PerturbedReversal.definition(.learned()))
    let rows = try DiscreteOracle(trained).rows
    let weights = rows.indices.map { Double($0 % 4) }
    let bound = try trained.lowerBound(on: Dataset(rows).weighted(by: weights), seed: 4)
    let total = weights.reduce(0, +)
    let expected = zip(bound.rowNats, weights).reduce(0) { $0 + $1.0 * $1.1 } / total
    #expect(abs(bound.nats - expected) < 1e-12)
    #expect(abs(bound.terms.reduce(0) { $0 + $1.nats } - expected) < 1e-6)
    #expect(bound.standardErrorNats > 0)
    // Only proportions count.
    let halved = try trained.lowerBound(on: Dataset(rows).weighted(by: weights.map { $0 / 2 }), seed: 4)
    #expect(abs(halved.standardErrorNats - bound.standardErrorNats) < 1e-12)

    let draft = Diffusion {
      BinomialKernel(bits: 4, mean: .fromData)
      ConstantErasure(steps: 4)
      ReverseNetwork { Readout(.perStep) }
    }
    let light = try draft.adapted(to: Dataset(rows).weighted(by: weights.map { $0 * 16 / total }))
    let copies = zip(rows, weights).flatMap { Array(repeating: $0, count: Int($1)) }
    guard let kernel = light.kernel.parts.first?.kernel as? BinomialKernel else { throw DataError.empty }
    for bit in 0..<4 {
      let share = copies.reduce(0.0) { $0 + $1[bit] } / Double(copies.count)
      #expect(abs(kernel.means[bit] - (share * 16 + 0.5) / 17) < 1e-12)
    }
  }
}

extension DiscreteOracle {
  /// For bits of which some are missing: E_Q [log p - log q] of the observed ones, Q the process in which the observed
  /// bits follow q and the missing ones the model; and log p of the observed bits.
  func missing(_ cells: [Double?]) -> (bound: Double, logProbability: Double) {
    let steps = forward.count - 1
    let fits = rows.indices.filter { row in zip(cells, rows[row]).allSatisfy { $0 == nil || $0 == $1 } }
    // Any x_0 that fits: q of the observed bits does not depend on the missing ones.
    let own = fits[0]
    let seen = cells.indices.filter { cells[$0] != nil }
    // Chances of the seen bits (or of the others) under a distribution over states.
    func key(_ state: Int, _ bits: [Int]) -> [Double] { bits.map { states[state][$0] } }
    func marginal(_ chances: [Double], _ bits: [Int]) -> [[Double]: Double] {
      var table: [[Double]: Double] = [:]
      for (state, chance) in chances.enumerated() { table[key(state, bits), default: 0] += chance }
      return table
    }
    let others = cells.indices.filter { cells[$0] == nil }
    func reverseStep(_ t: Int) -> [[Double]] { t == 1 && isPaperLastStep ? forward[1] : reverse[t] }
    // x_T: the seen bits from q, the others from pi, independent.
    let end = marginal(self.marginal(own, steps), seen)
    let pi = (marginal(stationary, seen), marginal(stationary, others))
    var chances = states.indices.map { (end[key($0, seen)] ?? 0) * (pi.1[key($0, others)] ?? 0) }
    var bound = end.reduce(0.0) { $0 + ($1.value > 0 ? $1.value * log((pi.0[$1.key] ?? 0) / $1.value) : 0) }
    for t in stride(from: steps, through: 1, by: -1) {
      let matrix = reverseStep(t)
      let before = self.marginal(own, t - 1)
      var next = Array(repeating: 0.0, count: states.count)
      for i in states.indices where chances[i] > 0 {
        // q(x_{t-1} | x_t, x_0) by Bayes.
        let joint = states.indices.map { before[$0] * forward[t][$0][i] }
        let total = joint.reduce(0, +)
        let q = marginal(joint.map { $0 / total }, seen)
        let (p, rest) = (marginal(matrix[i], seen), marginal(matrix[i], others))
        for (key, chance) in q where chance > 0 {
          // At t = 1, q is a point, and what is left is log p(x_0 | x_1).
          bound += chances[i] * chance * log((p[key] ?? 0) / chance)
        }
        for j in states.indices { next[j] += chances[i] * (q[key(j, seen)] ?? 0) * (rest[key(j, others)] ?? 0) }
      }
      chances = next
    }
    let truth = log(fits.reduce(0.0) { $0 + exp(logProbability(of: $1)) })
    return (bound, truth)
  }
}
