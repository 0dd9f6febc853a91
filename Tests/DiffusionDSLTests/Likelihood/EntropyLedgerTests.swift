import Foundation
import Testing

@testable import DiffusionDSL

/// The entropy of reverse steps: bounds by enumeration, and the ledger of models that are and are not the optimum.
@Suite struct EntropyLedgerTests {
  static let betas = (1...8).map { 1 / Double(8 - $0 + 1) }

  /// H(X_{t-1} | X_t) of bits or classes by enumeration, for data with given chances of each row.
  static func entropy(_ oracle: DiscreteOracle, _ data: [Double], _ t: Int) -> Double {
    func mix(_ s: Int) -> [Double] {
      let marginals = oracle.rows.indices.map { oracle.marginal($0, s) }
      return oracle.states.indices.map { j in data.indices.reduce(0.0) { $0 + data[$1] * marginals[$1][j] } }
    }
    let (before, now) = (mix(t - 1), mix(t))
    var total = 0.0
    for i in before.indices {
      for j in now.indices {
        let joint = before[i] * oracle.forward[t][i][j]
        if joint > 0 { total -= joint * log(joint / now[j]) }
      }
    }
    return total
  }

  /// Rows in given numbers, and their shares.
  static func data(_ oracle: DiscreteOracle, _ counts: [Int]) throws -> (rows: Dataset, shares: [Double]) {
    let rows = zip(oracle.rows, counts).flatMap { Array(repeating: $0, count: $1) }
    return (try Dataset(rows), counts.map { Double($0) / Double(rows.count) })
  }

  @Test(arguments: [0.2, 0.5, 0.8]) func theBoundsHoldForBitsOfAnyActivity(_ p: Double) throws {
    let definition = DiscreteBoundTests.bits(Self.betas, means: [p, p, p], .paper, isDirect: false)
    let trained = try TrainedDiffusion(definition)
    let oracle = try DiscreteOracle(trained)
    var isTight = 0
    for counts in [
      [1, 0, 0, 0, 0, 0, 0, 1], [8, 1, 1, 0, 1, 0, 0, 0], [0, 0, 0, 1, 0, 1, 1, 8], [1, 1, 1, 1, 1, 1, 1, 1],
      [2, 0, 0, 0, 0, 0, 0, 0],
    ] {
      let (rows, shares) = try Self.data(oracle, counts)
      for step in try trained.entropyLedger(on: rows).steps {
        let truth = Self.entropy(oracle, shares, step.t) / M_LN2
        #expect(step.lowerBits < truth + 1e-12, "p = \(p), \(counts), t = \(step.t)")
        #expect(step.upperBits > truth - 1e-12, "p = \(p), \(counts), t = \(step.t)")
        if step.upperBits - truth < 0.05 || truth - step.lowerBits < 0.05 { isTight += 1 }
      }
    }
    // They are bounds worth having.
    #expect(isTight > 10)
  }

  @Test func theBoundsHoldForClasses() throws {
    let definition = DiscreteBoundTests.classes(Self.betas, shares: [0.2, 0.3, 0.5], .paper, isDirect: false)
    let trained = try TrainedDiffusion(definition)
    let oracle = try DiscreteOracle(trained)
    for counts in [[5, 0, 0], [1, 8, 1], [1, 1, 8], [2, 3, 5]] {
      let (rows, shares) = try Self.data(oracle, counts)
      for step in try trained.entropyLedger(on: rows).steps {
        let truth = Self.entropy(oracle, shares, step.t) / M_LN2
        #expect(step.lowerBits < truth + 1e-12 && step.upperBits > truth - 1e-12, "\(counts), t = \(step.t)")
      }
    }
  }

  /// The model's entropy and cross-entropy are their enumerated expectations, and steps that are off are marked.
  @Test func entropiesAreThoseOfEnumeration() throws {
    let definition = DiscreteBoundTests.bits(Self.betas, means: [0.2, 0.7, 0.5], .paper, isDirect: false)
    let trained = try TrainedDiffusion(definition)
    let oracle = try DiscreteOracle(trained)
    let (rows, shares) = try Self.data(oracle, [8_000, 500, 500, 0, 500, 0, 0, 500])
    let ledger = try trained.entropyLedger(on: rows, seed: 3)
    #expect(ledger.steps.map(\.t) == Array((2...8).reversed()))
    for step in ledger.steps {
      var (own, cross) = (0.0, 0.0)
      for (row, share) in shares.enumerated() {
        let (before, now) = (oracle.marginal(row, step.t - 1), oracle.marginal(row, step.t))
        for i in oracle.states.indices {
          for j in oracle.states.indices {
            let p = oracle.reverse[step.t][i][j]
            own -= share * now[i] * p * log2(p)
            cross -= share * before[j] * oracle.forward[step.t][j][i] * log2(p)
          }
        }
      }
      // Fourteen comparisons: 5.5 standard errors.
      #expect(abs(step.modelBits - own) < 5.5 * step.modelStandardError, "t = \(step.t)")
      let difference = step.crossEntropyBits - step.modelBits
      #expect(abs(difference - (cross - own)) < 5.5 * step.differenceStandardError, "t = \(step.t)")
      #expect(step.differenceMargin > 6 * step.differenceStandardError)
      #expect(step.isMiscalibrated == (abs(difference) > step.differenceMargin))
    }
    // A reverse function that was made without a look at the data is not calibrated.
    #expect(!ledger.miscalibratedSteps.isEmpty)
  }

  /// The best factorised steps for two sequences, whose entropy near t = 0 is in rare rows: no sample is too small.
  @Test func rareRowsRaiseNoAlarm() throws {
    let p = 0.2
    let trained = try TrainedDiffusion(
      Diffusion {
        BinomialKernel(bits: 3, mean: p)
        ConstantErasure(steps: 400)
        // Half of the data are 1, 0, 0 and half 0, 1, 1.
        ReverseFunction(bits: 3) { x, step in
          let on = log(step.alphaBar + step.noise * p) - log(step.noise * p)
          let off = log(step.noise * (1 - p)) - log(step.alphaBar + step.noise * (1 - p))
          let first = sigmoid(sum((x * on + (1 - x) * off) * Formula([1, -1, -1])))
          return BinomialStep(dataProbability: concatenate([first, 1 - first, 1 - first]))
        }
      })
    for count in [4, 40, 400] {
      let rows = (0..<count).map { $0 % 2 == 0 ? [1.0, 0, 0] : [0, 1, 1] }
      for seed in 0..<20 {
        let ledger = try trained.entropyLedger(on: Dataset(rows), seed: UInt64(seed))
        #expect(ledger.miscalibratedSteps.isEmpty && ledger.notOptimalSteps.isEmpty, "\(count) rows, seed \(seed)")
      }
    }
  }

  /// Gaussian data with their exact reverse steps: every step is the optimum, and calibrated.
  @Test func theOptimumIsNotMarked() throws {
    let (m, s) = (0.3, 0.7)
    let trained = try GaussianBoundTests.model(Cosine(steps: 20), m: m, s: s, .paper)
    let oracle = GaussianOracle(betas: trained.betas, m: m, s: s)
    let rows = try normalRows(20_000, means: [m], deviations: [s], seed: 5)
    let ledger = try trained.entropyLedger(on: rows, seed: 6)
    for step in ledger.steps {
      let truth = log2(2 * Double.pi * M_E * oracle.reverse(step.t).c) / 2
      #expect(abs(step.modelBits - truth) < 1e-5)
      #expect(step.lowerBits < truth && truth < step.upperBits + 1e-3)
    }
    #expect(ledger.notOptimalSteps.isEmpty && ledger.miscalibratedSteps.isEmpty)
    // The steps for data of a larger variance are too unsure of these.
    let loose = try GaussianBoundTests.model(Cosine(steps: 20), m: m, s: 2, .paper).entropyLedger(on: rows, seed: 6)
    #expect(loose.miscalibratedSteps.count >= 5 && loose.notOptimalSteps.count >= 5)
  }

  /// Steps with the true chance of each bit lie between the bounds, at every step; so do those of the exact reversal.
  @Test func theBestFactorisedStepsLieBetweenTheBounds() throws {
    let trained = try TrainedDiffusion(PerturbedReversal.definition(.paper, noise: 0))
    let oracle = try DiscreteOracle(trained)
    let rows = try Dataset(oracle.rows).weighted(by: PerturbedReversal.data)
    for step in try trained.entropyLedger(on: rows).steps {
      var own = 0.0
      for (row, share) in PerturbedReversal.data.enumerated() {
        for (state, chance) in oracle.marginal(row, step.t).enumerated() {
          for p in oracle.reverse[step.t][state] where p > 0 { own -= share * chance * p * log2(p) }
        }
      }
      #expect(step.lowerBits < own && own < step.upperBits, "t = \(step.t)")
      let truth = Self.entropy(oracle, PerturbedReversal.data, step.t) / M_LN2
      #expect(step.lowerBits < truth && truth <= own + 1e-9)
    }
  }

  /// The closed forms of the bounds are averages over drawn trajectories.
  @Test(arguments: [0.2, 0.5, 0.8]) func theClosedFormsAreThoseOfDraws(_ p: Double) throws {
    let trained = try TrainedDiffusion(
      DiscreteBoundTests.bits(Self.betas, means: [p, p, p], .paper, isDirect: false))
    let oracle = try DiscreteOracle(trained)
    let (rows, _) = try Self.data(oracle, [16_000, 8_000, 4_000, 0, 8_000, 0, 2_000, 2_000])
    let ledger = try trained.entropyLedger(on: rows)
    let slices = Array(try trained.forwardTrajectory(of: rows, seed: 9))
    func kernel(_ left: Double, _ from: [Double], _ to: [Double]) -> Double {
      zip(from, to).reduce(0) { total, item in
        let one = item.0 * left + p * (1 - left)
        return total + log2(item.1 == 1 ? one : 1 - one)
      }
    }
    func surprise(_ state: [Double]) -> Double { state.reduce(0) { $0 + log2($1 == 1 ? p : 1 - p) } }
    func left(_ t: Int) -> Double { Self.betas[0..<t].reduce(1.0) { $0 * (1 - $1) } }
    for step in ledger.steps {
      let (before, now) = (slices[step.t - 1].states, slices[step.t].states)
      var (lower, upper) = ([Double](), [Double]())
      for row in 0..<rows.count {
        let forward = -kernel(1 - Self.betas[step.t - 1], before[row], now[row])
        lower.append(
          forward - kernel(left(step.t - 1), rows[row], before[row]) + kernel(left(step.t), rows[row], now[row]))
        upper.append(forward + surprise(now[row]) - surprise(before[row]))
      }
      let (low, high) = (RowAverage(nil)(lower), RowAverage(nil)(upper))
      let limit = standardErrors(comparisons: 42)
      #expect(abs(step.lowerBits - low.mean) < limit * low.standardError + 1e-12, "p = \(p), t = \(step.t)")
      #expect(abs(step.upperBits - high.mean) < limit * high.standardError + 1e-12, "p = \(p), t = \(step.t)")
    }
  }

  @Test func tooFewRowsAreRefused() throws {
    let trained = try GaussianBoundTests.model(Cosine(steps: 20), m: 0, s: 1, .paper)
    #expect(throws: DataError.tooFewRows(1)) { try trained.entropyLedger(on: Dataset([[0.5]])) }
  }
}
