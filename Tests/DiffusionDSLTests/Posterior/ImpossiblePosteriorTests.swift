import Foundation
import Testing

@testable import DiffusionDSL

/// Posteriors that nothing can meet, or nearly nothing: one kind of answer, with a reason.
@Suite struct ImpossiblePosteriorTests {
  private static let kind = Category("kind", of: ["a", "b", "c"])
  private static let size = Continuous("size")

  private func mixed() throws -> TrainedDiffusion { try TrainedDiffusion(ProductOracle.definition(.paper)) }

  private func check(_ answer: PosteriorAnswer, _ reason: String) throws {
    #expect(answer.isImpossible && answer.logEvidence == -.infinity && answer.samples.isEmpty, "\(reason)")
    #expect(answer.logEvidences == Array(repeating: -.infinity, count: answer.repeats))
    #expect(try answer.mean(of: 0).value.isNaN && answer.probability { $0[0] == 1 }.value.isNaN)
    #expect(answer.warnings.count == 1 && answer.warnings.contains { $0.contains(reason) }, "\(answer.warnings)")
    #expect("\(answer)".contains(reason) && "\(answer)".contains("log Z = -inf nats"))
  }

  @Test func contradictionsAreAnsweredAndNameTheirColumn() throws {
    let trained = try mixed()
    let cases: [([any PosteriorTerm], String)] = [
      ([Observe("size", equals: 1), Observe("size", equals: 2)], "field 'size' is observed to be 1.0 and to be 2.0"),
      ([Self.size > 2, Self.size < 1], "field 'size' cannot be in all of its intervals"),
      ([Self.size > 2, Observe("size", equals: 1)], "field 'size' is observed to be outside of its interval"),
      ([Self.kind == "a", Self.kind == "b"], "field 'kind' can have none of its values"),
      ([Observe(0, equals: 1), Observe(0, equals: 0)], "can have none of its values"),
    ]
    for (terms, reason) in cases {
      try check(trained.posterior { terms }.sample(10, method: .particles(20, repeats: 3), seed: 1), reason)
    }
  }

  /// That no particle survived is the same kind of answer, and leaves the others of a call alone.
  @Test func soIsAFactorThatLeavesNothing() throws {
    let trained = try mixed()
    let never = trained.posterior { Factor { x in x[0] * 0 - 1e30 } }
    try check(
      never.sample(10, method: .particles(20, repeats: 3), seed: 1),
      "no particle survived in any repeat, the last at t =")
    let possible = trained.posterior { Self.kind == "a" }
    let answers = try Posterior.sample(
      10, from: [never, possible], method: .particles(200, repeats: 3), seed: 1)
    #expect(answers.map(\.isImpossible) == [true, false] && answers[1].samples.count == 10)
  }

  /// Repeats without survivors count as 0, so that Z^ stays unbiased however few particles there are.
  @Test func repeatsThatDieCountAsZero() throws {
    let trained = try mixed()
    func answer(_ particles: Int, repeats: Int) throws -> PosteriorAnswer {
      try trained.posterior { Factor { x in select(x[0] .> 0.5, 0, -1e30) } }.sample(
        50, method: .particles(particles, repeats: repeats), guidance: .annealed, seed: 3)
    }
    let few = try answer(1, repeats: 4_000)
    let many = try trained.posterior { Observe(0, equals: 1) }.sample(
      50, method: .particles(4_000, repeats: 30), seed: 4)
    let deaths = few.logEvidences.count { $0 == -.infinity }
    #expect(deaths > 100 && deaths < 3_900, "\(deaths)")
    let (z, error) = RowAverage(nil)(few.logEvidences.map { exp($0) })
    #expect(
      abs(z - exp(many.logEvidence)) < 5 * error + 5 * exp(many.logEvidence) * (many.logEvidenceStandardError ?? 1))
    #expect(few.samples.count == 50 && few.samples.allSatisfy { $0[0] == 1 })
    #expect(
      few.warnings.contains { $0.hasPrefix("no particle survived in \(deaths) of 4000 repeats") }, "\(few.warnings)")
  }

  @Test func whatIsFarFromTheModelIsSaid() throws {
    let trained = try TrainedDiffusion(QueryTests.function(\.beta, steps: 10))
    func answer(_ term: some PosteriorTerm) throws -> PosteriorAnswer {
      try trained.posterior { term }.sample(10, method: .particles(500, repeats: 8), seed: 1)
    }
    let far = "what is known is so far from all that the model has learned"
    for value in [1e3, 1e9] {
      let found = try answer(Observe(0, equals: value))
      #expect("\(found)".contains(far) && found.logEvidence < -1e3, "\(found)")
    }
    for term in [Observe(0, equals: 2).factor, Near(0, to: 2, standardDeviation: 1e-3).factor, Between.factor] {
      let found = try answer(term)
      #expect(!"\(found)".contains(far), "\(found)")
    }
    #expect("\(try answer(Near(0, to: 1e3, standardDeviation: 1)))".contains(far))
    // Beyond what the arithmetic holds there is still an answer, or an error with the cause.
    for value in [1e15, 1e25, 1e40, 1e200] {
      do {
        let found = try answer(Observe(0, equals: value))
        #expect(found.isImpossible || found.warnings.contains { $0.contains(far) }, "\(value): \(found)")
        #expect(!found.logEvidence.isNaN)
      } catch let error as PosteriorError {
        #expect("\(error)".contains("look for a wrong value or unit"), "\(value): \(error)")
      }
    }
  }

  private enum Between {
    static let factor = PosteriorFactor(kind: .columns([(.index(0), .interval(lower: 0, upper: 1))]), location: nil)
  }

  @Test func aRowThatCannotBeImputedIsNamed() throws {
    let trained = try TrainedDiffusion(QueryTests.function(\.beta, steps: 10))
    let error = #expect(throws: PosteriorError.self) {
      try trained.impute([[0.5, nil], [1e15, nil]], draws: 5, particles: 50, seed: 1)
    }
    let words = "\(try #require(error))"
    #expect(words.hasPrefix("no particle survived for row 1 at step t = ") && words.contains("far"), "\(words)")
  }
}
