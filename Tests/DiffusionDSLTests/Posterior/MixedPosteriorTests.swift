import Foundation
import Testing

@testable import DiffusionDSL

/// Posteriors over bits, classes and a number together, by their fields; and missing cells drawn.
@Suite struct MixedPosteriorTests {
  private static let kind = Category("kind", of: ["a", "b", "c"])
  private static let size = Continuous("size")

  @Test(arguments: LastStep.both) func fieldsAreConditionedOn(_ lastStep: LastStep) throws {
    let trained = try TrainedDiffusion(ProductOracle.definition(lastStep))
    let oracle = ProductOracle(isPaper: lastStep == .paper)
    let h = 0.1
    let grid = (-60...60).map { Double($0) * h }
    let marginals = oracle.marginals(at: [0.2] + grid)
    let limit = standardErrors(comparisons: 12)
    func check(
      _ label: String, _ answer: PosteriorAnswer, evidence: Double, first: Double
    ) {
      let (ratio, error) = RowAverage(nil)(answer.logEvidences.map { exp($0) / evidence })
      #expect(abs(ratio - 1) < limit * error + 1e-4, "\(label), \(lastStep): Z^ / Z = \(ratio)")
      let bit = answer.probability { $0[0] == 1 }
      #expect(abs(bit.value - first) < limit * (bit.standardError ?? 0) + 1e-4, "\(label), \(lastStep)")
    }
    // A class and a number observed.
    let observed = marginals.at[0].filter { $0.key.kind == 1 }
    let evidence = observed.values.reduce(0, +)
    let answer = try trained.posterior {
      Self.kind == "b"
      Observe(Self.size, equals: 0.2)
    }.sample(200, method: .particles(2_000, repeats: 30), seed: 1)
    check(
      "observed", answer, evidence: evidence,
      first: observed.filter { $0.key.bits[0] == 1 }.values.reduce(0, +) / evidence)
    #expect(answer.samples.allSatisfy { $0[2] == 1 && $0[3] == 0.2 })

    // A measurement, labels left out, and a bit's weights.
    func weight(_ state: ProductOracle.Discrete, _ x: Double) -> Double {
      exp(GaussianPosteriorTests.normal(x - 0.5, 0.16)) * (state.kind == 0 ? 0 : 1) * (state.bits[1] == 1 ? 0.3 : 1)
    }
    var (total, ones) = (0.0, 0.0)
    for (x, table) in zip(grid, marginals.at.dropFirst()) {
      for (state, density) in table {
        total += density * weight(state, x) * h
        if state.bits[0] == 1 { ones += density * weight(state, x) * h }
      }
    }
    let other = try trained.posterior {
      Near(Self.size, to: 0.5, standardDeviation: 0.4)
      Self.kind != "a"
      Weights(1, [1, 0.3])
    }.sample(200, method: .particles(2_000, repeats: 30), seed: 2)
    check("measured", other, evidence: total, first: ones / total)

    // A factor that couples a class and a number.
    var (joint, bits) = (0.0, 0.0)
    for (x, table) in zip(grid, marginals.at.dropFirst()) {
      for (state, density) in table {
        let r = exp((state.kind == 2 ? 1.5 : 0) * x - 0.2 * x * x)
        joint += density * r * h
        if state.bits[0] == 1 { bits += density * r * h }
      }
    }
    let coupled = try trained.posterior {
      Factor { row in 1.5 * row[Self.kind][2] * row[Self.size] - 0.2 * square(row[Self.size]) }
    }.sample(200, method: .particles(4_000, repeats: 30), seed: 3)
    check("coupled", coupled, evidence: joint, first: bits / joint)
  }

  @Test func missingCellsAreDrawnFromTheModel() throws {
    let trained = try TrainedDiffusion(ProductOracle.definition(.learned()))
    let oracle = ProductOracle(isPaper: false)
    let marginals = oracle.marginals(at: [0.2])
    // The first bit and the class are missing; then the number; then nothing.
    let rows: [[Double?]] =
      (0..<40).map { _ in [nil, 1, nil, 0.2] } + [[1, 0, 2, nil], [1, 0, 2, 0.7]]
    let imputed = try trained.impute(Dataset(rows), draws: 200, particles: 1_000, seed: 5)
    #expect(imputed.cells.count == 81 && imputed.draws.count == 200)
    let table = marginals.at[0].filter { $0.key.bits[1] == 1 }
    let total = table.values.reduce(0, +)
    for kind in 0..<3 {
      let truth = table.filter { $0.key.kind == kind }.values.reduce(0, +) / total
      let shares = imputed.cells.filter { $0.column == 2 }.map { $0.probabilities[kind] }
      let (mean, error) = RowAverage(nil)(shares)
      #expect(abs(mean - truth) < standardErrors(comparisons: 3) * error, "kind \(kind): \(mean), not \(truth)")
    }
    let number = try #require(imputed.cells.last)
    #expect(number.column == 3 && number.row == 40)
    #expect(number.interval(0.9).contains(number.mean))
    #expect(imputed.filled[41] == [1, 0, 2, 0.7] && imputed.effectiveSampleSizes[41] == .infinity)
    #expect(imputed.filled[40].dropLast() == [1, 0, 2] && imputed.draws[3][40][3] == number.draws[3])
    // Rows do not depend on those behind them, nor on threads.
    let again = try trained.impute(
      Dataset(Array(rows.prefix(3))), draws: 200, particles: 1_000, seed: 5, options: ComputeOptions(threads: 1))
    #expect(again.cells.map(\.draws) == imputed.cells.prefix(6).map(\.draws))
  }

  @Test func answersAreReadByFields() throws {
    let trained = try TrainedDiffusion(ProductOracle.definition(.learned()))
    let answer = try trained.posterior { Self.kind != "a" }.sample(100, method: .particles(500, repeats: 5), seed: 1)
    #expect(try answer.mean(of: Self.size) == answer.mean(of: 3))
    #expect(try answer.quantiles(of: Self.size, [0.2, 0.7]) == answer.quantiles(of: 3, [0.2, 0.7]))
    #expect(try answer.histogram(of: Self.size) == answer.histogram(of: 3))
    let (one, other) = (try answer.credibleInterval(of: Self.size), try answer.credibleInterval(of: 3))
    #expect(one.lower == other.lower && one.upper == other.upper && one.lower.value < one.upper.value)
    // Another order of the labels than the model's.
    let reversed = Category("kind", of: ["c", "b", "a"])
    let kinds = try answer.probabilities(of: reversed)
    let places = try answer.probabilities(of: 2)
    #expect(["a", "b", "c"].map { kinds[$0] } == places && kinds["a"]?.value == 0)
    #expect(answer.table.column(Self.size).map { $0 ?? .nan } == answer.samples.column(3))

    #expect(answer.expectation { row in row[Self.size] * 2 } == answer.expectation { row in row[3] * 2 })
    let either = answer.probability { row in row[Self.kind] == "b" || row[Self.size] > 0.1 }
    #expect(either == answer.probability { $0[2] == 1 || $0[3] > 0.1 })
    #expect(answer.expectation { row in row[Continuous("no")] }.value.isNaN)

    let both = try answer.probability(of: Self.kind == "b", Self.size > 0.1)
    #expect(both == answer.probability { $0[2] == 1 && $0[3] > 0.1 } && both.value > 0)
    let inside = try answer.probability(of: (-0.5...0.5).contains(Self.size), ["a", "c"].contains(Self.kind))
    #expect(inside == answer.probability { $0[2] == 2 && abs($0[3]) < 0.5 })

    #expect(throws: PosteriorError.noColumn(index: 4, dimensions: 4)) { try answer.mean(of: 4) }
    #expect(throws: PosteriorError.unknownField(name: "sizes", available: trained.definition.schema.names)) {
      try answer.quantiles(of: Continuous("sizes"), [0.5])
    }
    for level in [-0.1, 1.5, .nan] {
      #expect(throws: PosteriorError.self) { try answer.quantiles(of: Self.size, [0.5, level]) }
      #expect(throws: PosteriorError.self) { try answer.credibleInterval(of: Self.size, level) }
    }
    let spread = try answer.standardDeviation(of: Self.size)
    let (low, high) = (try answer.credibleInterval(of: Self.size, 0.68), try answer.mean(of: Self.size))
    #expect(spread.value > 0 && abs(low.upper.value - high.value - spread.value) < spread.value)
    #expect(throws: PosteriorError.noLabels(column: ColumnPlace(3, name: "size"))) {
      try answer.probabilities(of: Self.size)
    }
    #expect(throws: PosteriorError.self) { try answer.probability(of: Category("kind", of: ["d"]) == "d") }

    let never = try trained.posterior {
      Self.size > 2
      Self.size < 1
    }.sample(10, method: .particles(10), seed: 1)
    #expect(try never.mean(of: Self.size).value.isNaN && never.table.isEmpty && never.histogram(of: 3).isEmpty)
  }

  /// Each posterior is answered by its own model, and models are not mixed up.
  @Test func posteriorsOfDifferentModels() throws {
    let models = try LastStep.both.map { try TrainedDiffusion(ProductOracle.definition($0)) }
    let queries = models.map { model in model.posterior { Observe(Self.size, equals: 0.2) } }
    let method = PosteriorMethod.particles(200, repeats: 3)
    let together = try Posterior.sample(5, from: queries, method: method, seed: 1)
    let alone = try queries.map { try $0.sample(5, method: method, seed: 1) }
    #expect(together.map(\.logEvidences) == alone.map(\.logEvidences))
    #expect(together[0].logEvidences != together[1].logEvidences)
    #expect(throws: PosteriorError.differentModels) {
      try (queries[0] * queries[1]).sample(5, method: method, seed: 1)
    }
    let both = queries[0] * models[0].posterior { Self.kind == "b" }
    #expect(try both.sample(5, method: method, seed: 1).samples.allSatisfy { $0[2] == 1 && $0[3] == 0.2 })
  }

  @Test func missingCellsAreReadByFields() throws {
    let trained = try TrainedDiffusion(ProductOracle.definition(.learned()))
    let imputed = try trained.impute([[0, 1, nil, 0.2], [1, 0, 2, 0.7], [nil, 1, 1, nil]], draws: 20, seed: 5)
    let kind = try #require(imputed[0, Self.kind])
    #expect(kind.labels == ["a", "b", "c"] && abs(kind.probabilities.reduce(0, +) - 1) < 1e-12)
    #expect(imputed.table[0][Self.kind] == Self.kind.labels[Int(kind.mode)])
    let size = try #require(imputed[2, Self.size])
    #expect(imputed.table[2][Self.size] == size.mean && size.probabilities.isEmpty)
    #expect(imputed[0, Self.size] == nil && imputed[1, Self.kind] == nil && imputed[9, Self.kind] == nil)
  }

  @Test func fieldsThatAreNotThereAreNamed() throws {
    let trained = try TrainedDiffusion(ProductOracle.definition(.learned()))
    func error(_ terms: [any PosteriorTerm]) -> String? {
      do {
        _ = try trained.posterior { terms }.sample(10, method: .particles(10), seed: 1)
        return nil
      } catch { return "\(error)" }
    }
    #expect(error([Observe("kin", equals: "a")]) == "there is no field 'kin': the model has x0, x1, kind, size")
    #expect(error([Observe("kind", equals: "d")]) == "field 'kind' cannot be 'd': give one of a, b, c")
    #expect(error([Observe("size", equals: "d")]) == "field 'size' cannot be d: give a finite number")
    #expect(
      error([Observe("size", equals: 1), Observe("size", equals: 1)])
        == "field 'size' is observed to be 1.0 twice, and the square of a delta function is none: remove one")
    #expect(error([Near("kind", to: 1, standardDeviation: 1)]) != nil)
    #expect(
      error([Observe(Record(trained.schema, ["kind": "d"]))])
        == "row 0, field 'kind' is 'd', which is none of its labels (a, b, c): correct it")
    #expect(
      error([Near("size", to: 1, standardDeviation: 0)])
        == "the standard deviation of field 'size' is 0.0: give a positive number")
    #expect(error([Self.size > 2, Self.size < 1]) == nil)
    let never = try trained.posterior {
      Self.size > 2
      Self.size < 1
    }.sample(10, method: .particles(10), seed: 1)
    #expect(never.logEvidence == -.infinity)
  }
}
