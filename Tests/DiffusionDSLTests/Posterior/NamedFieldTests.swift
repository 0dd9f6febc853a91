import DiffusionDSL
import Testing

/// Fields by their names, and values from variables, as a program without the fields' own values has them.
@Suite struct NamedFieldTests {
  private func sampled(
    _ trained: TrainedDiffusion, @PosteriorBuilder _ factors: () -> [PosteriorFactor]
  ) throws -> PosteriorAnswer {
    try trained.posterior(factors).sample(50, method: .particles(200, repeats: 8), seed: 1)
  }

  @Test func namesAndVariablesAreAsGoodAsFieldsAndLiterals() throws {
    let trained = try TrainedDiffusion(ProductOracle.definition(.paper))
    let (kind, size) = (Category("kind", of: ["a", "b", "c"]), Continuous("size"))
    let (value, label): (Double, String) = (0.2, "b")
    let expected = try sampled(trained) {
      Observe(size, equals: 0.2)
      Observe(kind, equals: "b")
    }
    let named = Named("size")
    let forms: [[any PosteriorTerm]] = [
      [Observe("size", equals: value), Observe("kind", equals: label)],
      [Observe("size", equals: 0.2), Observe("kind", equals: "b")],
      [Observe(named, equals: value), Observe(Named("kind"), equals: label)],
      [Observe(named, equals: 0.2), Observe(Named("kind"), equals: "b")],
      [named == value, Named("kind") == label],
      [Observe("size", equals: Cell.number(value)), Observe("kind", equals: .label(label))],
    ]
    for terms in forms {
      let found = try sampled(trained) { terms }
      #expect(found.samples == expected.samples && found.logEvidence == expected.logEvidence)
    }
    #expect(try sampled(trained) { Observe("size", equals: 1) }.samples.allSatisfy { $0[3] == 1 })

    let near = try sampled(trained) { Near(size, to: value, standardDeviation: 0.1) }
    for term in [
      Near(named, to: value, standardDeviation: 0.1), Near("size", to: value, standardDeviation: 0.1),
    ] {
      #expect(try sampled(trained) { term }.samples == near.samples)
    }
    let weights: [String: Double] = ["a": 1, "c": 3]
    let weighted = try sampled(trained) { Weights(kind, weights) }
    #expect(try sampled(trained) { Weights(Named("kind"), weights) }.samples == weighted.samples)
  }

  @Test func answersAreAskedByName() throws {
    let trained = try TrainedDiffusion(ProductOracle.definition(.paper))
    let size = Continuous("size")
    let answer = try sampled(trained) { Near("size", to: 0.2, standardDeviation: 0.5) }
    #expect(try answer.mean(of: "size") == answer.mean(of: size) && answer.mean(of: "size") == answer.mean(of: 3))
    #expect(try answer.mean(of: Named("size")) == answer.mean(of: size))
    #expect(try answer.standardDeviation(of: "size") == answer.standardDeviation(of: 3))
    #expect(try answer.standardDeviation(of: Named("size")) == answer.standardDeviation(of: size))
    #expect(try answer.quantiles(of: "size", [0.5]) == answer.quantiles(of: 3, [0.5]))
    #expect(try answer.quantiles(of: Named("size"), [0.5]) == answer.quantiles(of: size, [0.5]))
    #expect(try answer.credibleInterval(of: "size", 0.8).lower == answer.credibleInterval(of: 3, 0.8).lower)
    #expect(try answer.credibleInterval(of: Named("size")).upper == answer.credibleInterval(of: size).upper)
    #expect(try answer.histogram(of: "size", bins: 4) == answer.histogram(of: 3, bins: 4))
    #expect(try answer.histogram(of: Named("size")) == answer.histogram(of: size))
    let kinds = try answer.probabilities(of: "kind")
    #expect(try ["a", "b", "c"].map { kinds[$0] } == answer.probabilities(of: 2))
    #expect(try answer.probabilities(of: Named("kind")) == kinds)
    #expect(throws: PosteriorError.unknownField(name: "weight", available: trained.schema.names)) {
      try answer.mean(of: "weight")
    }
  }
}
