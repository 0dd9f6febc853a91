import DiffusionPlots
import Foundation
import Testing

@testable import DiffusionDSL

/// Posteriors of four bits against sums over the sixteen rows under the model's own distribution.
@Suite struct BitPosteriorTests {
  /// A factor of bits: as terms, and as numbers.
  struct Case: Sendable, CustomStringConvertible {
    let description: String
    var guidance: Guidance?
    let terms: @Sendable () -> [any PosteriorTerm]
    let weight: @Sendable ([Double]) -> Double
  }

  static let cases: [Case] = [
    Case(description: "observed bits") {
      [Observe(1, equals: 1), Observe(3, equals: 0)]
    } weight: {
      $0[1] == 1 && $0[3] == 0 ? 1 : 0
    },
    Case(description: "table") {
      [Weights(0, [0.2, 0.8]), Weights(2, [1, 0.1])]
    } weight: {
      ($0[0] == 1 ? 0.8 : 0.2) * ($0[2] == 1 ? 0.1 : 1)
    },
    Case(description: "table, annealed", guidance: .annealed) {
      [Weights(0, [0.2, 0.8]), Weights(2, [1, 0.1])]
    } weight: {
      ($0[0] == 1 ? 0.8 : 0.2) * ($0[2] == 1 ? 0.1 : 1)
    },
    Case(description: "table, constant", guidance: .constant) {
      [Weights(0, [0.2, 0.8]), Weights(2, [1, 0.4])]
    } weight: {
      ($0[0] == 1 ? 0.8 : 0.2) * ($0[2] == 1 ? 0.4 : 1)
    },
    Case(description: "table, twisted", guidance: .twisted) {
      [Weights(0, [0.2, 0.8]), Weights(2, [1, 0])]
    } weight: {
      ($0[0] == 1 ? 0.8 : 0.2) * ($0[2] == 1 ? 0 : 1)
    },
    Case(description: "coupled") {
      [Factor { x in 1.5 * (x[0] * x[1] - x[2]) + 0.8 * x[1] * x[3] }]
    } weight: {
      exp(1.5 * ($0[0] * $0[1] - $0[2]) + 0.8 * $0[1] * $0[3])
    },
    Case(description: "coupled, with zeros") {
      // An even number of ones, or nothing.
      [Factor { x in select(cos(sum(x.all) * Double.pi) .> 0, 0, -1e30) }]
    } weight: {
      $0.reduce(0, +).truncatingRemainder(dividingBy: 2) == 0 ? 1 : 0
    },
    Case(description: "coupled and observed") {
      [Observe(0, equals: 1), Factor { x in 2 * x[1] * x[2] }]
    } weight: {
      $0[0] == 1 ? exp(2 * $0[1] * $0[2]) : 0
    },
  ]

  /// The posterior's probabilities and log Z.
  static func truth(_ oracle: DiscreteOracle, _ weight: ([Double]) -> Double) -> (
    chances: [Double], logEvidence: Double
  ) {
    let joint = oracle.rows.indices.map { exp(oracle.logProbability(of: $0)) * weight(oracle.rows[$0]) }
    let total = joint.reduce(0, +)
    return (joint.map { $0 / total }, log(total))
  }

  static func distance(_ answer: PosteriorAnswer, _ oracle: DiscreteOracle, _ chances: [Double]) -> Double {
    zip(oracle.rows, chances).reduce(0) { total, item in
      let (row, chance) = item
      return total + abs(answer.probability { $0 == row }.value - chance) / 2
    }
  }

  @Test(arguments: LastStep.both, cases.indices) func particlesFindThePosterior(_ lastStep: LastStep, _ index: Int)
    throws
  {
    let item = Self.cases[index]
    let trained = try TrainedDiffusion(PerturbedReversal.definition(lastStep))
    let oracle = try DiscreteOracle(trained)
    let (chances, logEvidence) = Self.truth(oracle, item.weight)
    let posterior = trained.posterior { item.terms() }
    let answer = try posterior.sample(
      1_000, method: .particles(10_000, repeats: 30), guidance: item.guidance, seed: 5)
    let (mean, error) = RowAverage(nil)(answer.logEvidences.map { exp($0 - logEvidence) })
    #expect(abs(mean - 1) < standardErrors(comparisons: 2 * Self.cases.count) * error, "\(item): Z^ / Z = \(mean)")
    let spread = RowAverage(nil)(answer.logEvidences).standardError * 30.0.squareRoot()
    #expect(spread < 0.05, "\(item): log Z^ spreads by \(spread)")
    var distances: [Double] = []
    for seed in 0..<20 {
      let one = try posterior.sample(
        10, method: .particles(10_000, repeats: 1), guidance: item.guidance, seed: UInt64(seed))
      distances.append(Self.distance(one, oracle, chances))
      #expect(one.logEvidenceStandardError == nil)
    }
    let distance = distances.reduce(0, +) / 20
    #expect(distance <= 0.03, "\(item): total variation \(distance)")
    // All particles of all repeats are nearer.
    #expect(Self.distance(answer, oracle, chances) < 0.01)
    for sample in answer.samples { #expect(item.weight(sample) > 0) }
  }

  /// The error falls as one over the root of the number of particles.
  ///
  /// `DIFFUSION_TABLES=1 Scripts/test --filter errorsFall` draws it: the figure of Docs/Posteriors.md.
  @Test func errorsFallWithTheNumberOfParticles() throws {
    let trained = try TrainedDiffusion(PerturbedReversal.definition(.paper))
    let oracle = try DiscreteOracle(trained)
    let draws = ProcessInfo.processInfo.environment["DIFFUSION_TABLES"] != nil
    let counts = draws ? [100, 1_000, 10_000] : [100, 500, 2_500]
    let x = counts.map { Double($0) }
    var layers: [PlotLayer] = []
    for (place, index) in [0, 1, 5, 6].enumerated() {
      let item = Self.cases[index]
      let (chances, _) = Self.truth(oracle, item.weight)
      let errors = try counts.map { particles in
        try (0..<100).map { seed in
          let answer = try trained.posterior { item.terms() }.sample(
            1, method: .particles(particles, repeats: 1), guidance: item.guidance, seed: UInt64(seed))
          return Self.distance(answer, oracle, chances)
        }
      }
      let means = errors.map { RowAverage(nil)($0) }
      // Of three points evenly apart, least squares' slope is that of the outer two.
      let slope = log(means[2].mean / means[0].mean) / log(x[2] / x[0])
      #expect(abs(slope + 0.5) < 0.15, "\(item): n^\(slope)")
      let label = "\(item): slope \(String(format: "%.2f", slope))"
      layers += [
        .line(
          x: x, y: means.map(\.mean),
          band: (means.map { $0.mean - 2 * $0.standardError }, means.map { $0.mean + 2 * $0.standardError }),
          color: .palette[place], label: label), .scatter(x: x, y: means.map(\.mean), color: .palette[place]),
      ]
    }
    guard draws else { return }
    layers.append(.line(x: x, y: x.map { 0.3 / $0.squareRoot() }, color: .grey, dashed: true, label: "slope -0.50"))
    let figure = Figure(panels: [
      [
        Panel(
          x: .init("particles n", scale: .logarithmic), y: .init("mean total variation", scale: .logarithmic),
          legend: .topRight, layers: layers)
      ]
    ])
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("../../..")
    let files = try figure.write(to: root.appendingPathComponent("Docs/Figures/posterior-convergence").standardized)
    try FileManager.default.removeItem(at: files.svg)
  }

  @Test func answersDoNotDependOnThreadsOrCompany() throws {
    let trained = try TrainedDiffusion(PerturbedReversal.definition(.paper))
    let queries = (0..<4).map { bit in trained.posterior { Observe(bit, equals: 1) } }
    // All of one form: bit 0 observed one way or the other.
    let alike = [0.0, 1].map { value in trained.posterior { Observe(0, equals: value) } }
    // Tuned by runs of their own, and with another model among the factors.
    let tuned = [1.0, 2].map { slope in
      trained * Factor { x in slope * x[0] * x[1] } * trained.factor(trajectories: 4)
    }
    for posteriors in [queries, alike, tuned] {
      let together = try Posterior.sample(
        50, from: posteriors, method: .particles(300, repeats: 3), seed: 9, options: ComputeOptions(threads: 2))
      for (posterior, answer) in zip(posteriors, together) {
        let alone = try posterior.sample(
          50, method: .particles(300, repeats: 3), seed: 9, options: ComputeOptions(threads: 1))
        #expect(alone.samples == answer.samples && alone.logEvidences == answer.logEvidences)
      }
    }
  }

  @Test func whatCannotBeIsSaid() throws {
    let trained = try TrainedDiffusion(PerturbedReversal.definition(.paper))
    func error(along guidance: Guidance? = nil, _ terms: [any PosteriorTerm]) -> PosteriorError? {
      do {
        _ = try trained.posterior { terms }.sample(
          10, method: .particles(100, repeats: 2), guidance: guidance, seed: 1)
        return nil
      } catch { return error as? PosteriorError }
    }
    #expect(error([Observe(4, equals: 1)]) == .noColumn(index: 4, dimensions: 4))
    #expect(error([Observe("sex", equals: 1)]) == .unknownField(name: "sex", available: ["x0", "x1", "x2", "x3"]))
    #expect(
      error([Observe(0, equals: 0.5)])
        == .outsideSupport(column: ColumnPlace(0, name: "x0"), value: "0.5", support: "one of 0, 1"))
    #expect(error([Weights(0, [1, -1])]) != nil)
    #expect(error([Observe(mask: [true], equals: [1])]) == .wrongShape(found: 1, dimensions: 4))
    #expect(
      error(along: .constant, [Observe(0, equals: 1)])
        == .wrongLimit(guidance: ".constant", column: ColumnPlace(0, name: "x0")))
    #expect(error(along: .annealed, [Weights(0, [0, 1])]) != nil)
    if case .notFinite(_, let step)? = error([Factor { x in log(x[0] - 2) }]) {
      #expect(step <= 8)
    } else {
      Issue.record("NaN was not found")
    }
    if case .invalidFormula(let factor, _)? = error([Factor { x in x[7] }]) {
      #expect(factor.hasPrefix("the factor at DiffusionDSLTests/BitPosteriorTests.swift:"))
    } else {
      Issue.record("no such column")
    }
    #expect(error([Observe([0, 1], equals: [1])]) == .wrongCount(columns: 2, values: 1))
    #expect(error([Near([0], to: [1, 2], standardDeviation: 1)]) == .wrongCount(columns: 1, values: 2))
    #expect(
      error([Near(mask: [true, true], to: [1, 2], standardDeviation: 1)]) == .wrongShape(found: 2, dimensions: 4))
    #expect(
      error(along: .exponent { t, _ in t == 3 ? -1 : 0.5 }, [Weights(0, [1, 2])])
        == .invalidExponent(step: 3, value: -1))
    if case .invalidExponent? = error(along: .exponent { _, _ in .nan }, [Weights(0, [1, 2])]) {
    } else {
      Issue.record("NaN is no exponent")
    }
    if case .invalidFormula? = error([Factor { x in x.all }]) {} else { Issue.record("not a scalar") }
  }
}
