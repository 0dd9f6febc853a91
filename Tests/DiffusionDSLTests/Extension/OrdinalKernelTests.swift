import DiffusionDSL
import Foundation
import Testing

/// A kernel family from outside of the library against sums over its states: whatever a model can be asked.
@Suite struct OrdinalKernelTests {
  static let shares = [0.1, 0.4, 0.3, 0.2]
  static let leap = 0.3
  static let betas = [0.2, 0.3, 0.4, 0.6, 0.9]
  static let lastSteps: [LastStep] = [.paper, .learned()]
  /// s(x_0 | x_t, t) is a softmax of these, row x_0 and column x_t, sharper as t rises; nothing that was learned.
  static let leanings: [[Double]] = [
    [2, 0.5, -1, -0.4], [0.8, 1.5, 0.6, -1], [-0.3, 0.2, 2.2, 0.7], [-1, 0, 0.5, 1.8],
  ]

  static func definition(_ lastStep: LastStep) -> Diffusion {
    Diffusion {
      OrdinalKernel(levels: 4, shares: shares, leap: leap)
      Fixed(betas)
      ReverseFunction(features: 4, lastStep: lastStep) { x, step in
        let leanings = affine(Formula(leanings.flatMap { $0 }, shape: [4, 4]), x)
        return [OrdinalStep(dataProbabilities: softmax(leanings * (step.t * 0.1 + 0.5)))]
      }
    }
  }

  static func chances(_ numbers: [Double]) -> [Double] {
    let raw = numbers.map { exp($0) }
    return raw.map { $0 / raw.reduce(0, +) }
  }

  static func chain(_ lastStep: LastStep) -> OrdinalChain {
    OrdinalChain(pi: shares, leap: leap, betas: betas, isPaper: lastStep == .paper) { state, t, _ in
      chances(leanings.map { $0[state] * (0.5 + 0.1 * Double(t)) })
    }
  }

  /// A mean and its standard error.
  static func average(_ numbers: [Double]) -> (mean: Double, error: Double) {
    let count = Double(numbers.count)
    let mean = numbers.reduce(0, +) / count
    let square = numbers.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    return (mean, (square / (count - 1) / count).squareRoot())
  }

  // MARK: - Scores

  @Test(arguments: lastSteps) func theBoundIsThatOfEnumeration(_ lastStep: LastStep) throws {
    let trained = try TrainedDiffusion(Self.definition(lastStep))
    let (chain, copies) = (Self.chain(lastStep), 4_000)
    let rows = (0..<4 * copies).map { [Double($0 / copies)] }
    let nats = try trained.lowerBound(on: rows, seed: 3).rowNats
    for level in 0..<4 {
      let (mean, error) = Self.average(Array(nats[level * copies..<(level + 1) * copies]))
      #expect(abs(mean - chain.bound(of: level)) < 5 * error, "level \(level): \(mean), \(chain.bound(of: level))")
      // A bound that is wrong by a little is seen.
      #expect(error < 0.02)
    }
  }

  @Test(arguments: lastSteps) func logProbabilityIsThatOfEnumeration(_ lastStep: LastStep) throws {
    let trained = try TrainedDiffusion(Self.definition(lastStep))
    let chances = Self.chain(lastStep).chances
    let found = try trained.logProbability(of: (0..<4).map { [Double($0)] }, trajectories: 8_192, seed: 5).rows
    for (row, chance) in zip(found, chances) {
      #expect(abs(row.nats - log(chance)) < 5 * row.standardErrorNats)
      #expect(row.standardErrorNats < 0.03)
    }
  }

  @Test(arguments: lastSteps) func samplesHaveTheModelsShares(_ lastStep: LastStep) throws {
    let trained = try TrainedDiffusion(Self.definition(lastStep))
    let count = 20_000
    let samples = try trained.sample(count, seed: 8).column(0)
    for (level, chance) in Self.chain(lastStep).chances.enumerated() {
      let share = Double(samples.filter { $0 == Double(level) }.count) / Double(count)
      #expect(abs(share - chance) < 5 * (chance * (1 - chance) / Double(count)).squareRoot())
    }
  }

  @Test func theEntropyOfAStepLiesBetweenItsBounds() throws {
    let trained = try TrainedDiffusion(Self.definition(.learned()))
    let data = try Dataset((0..<400).map { [Double($0 % 4 == 3 ? 1 : $0 % 4)] })
    let chain = Self.chain(.learned())
    let ledger = try trained.entropyLedger(on: data, seed: 2)
    // H(X_{t-1} | X_t) under q by sums, for data with these shares.
    let start = [0.25, 0.5, 0.25, 0]
    for step in ledger.steps {
      let pairs = (0..<4).map { i in
        (0..<4).map { j in
          (0..<4).reduce(0.0) { $0 + start[$1] * chain.marginal($1, step.t - 1)[i] * chain.forward[step.t - 1][i][j] }
        }
      }
      let now = (0..<4).map { j in pairs.reduce(0) { $0 + $1[j] } }
      var bits = 0.0
      for row in pairs {
        for (j, chance) in row.enumerated() where chance > 0 { bits -= chance * log2(chance / now[j]) }
      }
      #expect(step.lowerBits <= bits + 1e-9 && bits <= step.upperBits + 1e-9)
      // The difference between the bounds is not so large that they say nothing.
      #expect(step.upperBits - step.lowerBits < 1.5)
    }
  }

  // MARK: - Posteriors

  /// A factor as terms and as numbers.
  struct Case: Sendable, CustomTestStringConvertible {
    let testDescription: String
    var guidance: Guidance?
    let term: @Sendable () -> any PosteriorTerm
    let weights: [Double]
  }

  static let cases = [
    Case(testDescription: "observed", term: { Observe(0, equals: 2) }, weights: [0, 0, 1, 0]),
    Case(testDescription: "table", term: { Weights(0, [0.2, 1, 0.5, 2]) }, weights: [0.2, 1, 0.5, 2]),
    Case(
      testDescription: "table, annealed", guidance: .annealed, term: { Weights(0, [0.2, 1, 0.5, 2]) },
      weights: [0.2, 1, 0.5, 2]),
    Case(
      testDescription: "table, twisted", guidance: .twisted, term: { Weights(0, [0, 1, 0.5, 2]) },
      weights: [0, 1, 0.5, 2]),
    Case(
      testDescription: "formula", term: { Factor { x in sum(x[0] * Formula([1.2, 0, -0.5, 0.9])) } },
      weights: [1.2, 0, -0.5, 0.9].map { exp($0) }),
    Case(
      testDescription: "formula, twisted", guidance: .twisted,
      term: { Factor { x in sum(x[0] * Formula([1.2, 0, -0.5, 0.9])) } }, weights: [1.2, 0, -0.5, 0.9].map { exp($0) }),
  ]

  @Test(arguments: lastSteps, cases) func particlesFindThePosterior(_ lastStep: LastStep, _ item: Case) throws {
    let trained = try TrainedDiffusion(Self.definition(lastStep))
    let joint = zip(Self.chain(lastStep).chances, item.weights).map { $0 * $1 }
    let evidence = joint.reduce(0, +)
    let answer = try trained.posterior { item.term() }.sample(
      100, method: .particles(512, repeats: 30), guidance: item.guidance, seed: 4)
    let error = try #require(answer.logEvidenceStandardError)
    // Weights in Float may be the same in all repeats.
    #expect(abs(answer.logEvidence - log(evidence)) < 5 * error + 1e-5, "\(answer.logEvidence), \(log(evidence))")
    #expect(error < 0.03)
    for level in 0..<4 {
      let found = answer.probability { $0[0] == Double(level) }
      #expect(
        abs(found.value - joint[level] / evidence) < 5 * (found.standardError ?? 0) + 1e-5,
        "level \(level): \(found), \(joint[level] / evidence)")
    }
  }
}
