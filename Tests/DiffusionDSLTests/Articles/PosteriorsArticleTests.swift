// article
import DiffusionDSL
import Foundation
// end of article
import Testing

// The regions between the two marks are the Swift blocks of the article Posteriors.md, in its order; one test runs
// them, the other compares the texts.

@Suite struct PosteriorsArticleTests {
  /// A model of two species, briefly trained.
  private static func file() async throws -> URL {
    let model = Diffusion {
      ProductKernel {
        Category("species", of: ["Adelie", "Gentoo"])
        Binary("sex", "female", "male")
        Continuous("bill")
        Continuous("mass")
      }
      ConstantErasure(steps: 20)
      ReverseNetwork(lastStep: .learned()) {
        Dense(16, activation: .silu)
        Readout(.bumps(4))
      }
    }
    var stream = RandomStream(seed: 1, purpose: "penguins")
    let rows = (0..<2_000).map { row in
      let (gentoo, male) = (Double(row % 2), Double(row / 2 % 2))
      return [
        gentoo, male, 39 + 8 * gentoo + 2 * male + 1.5 * Double(stream.nextNormal()),
        3_500 + 1_200 * gentoo + 500 * male + 250 * Double(stream.nextNormal()),
      ]
    }
    let trained = try await model.fit(to: rows, using: .adam(rate: 1e-2), steps: 400, seed: 1)
    let file = URL.temporaryDirectory.appending(path: "penguins-\(UUID()).safetensors")
    try trained.save(to: file)
    return file
  }

  @Test func articleRuns() async throws {
    let file = try await Self.file()
    defer { try? FileManager.default.removeItem(at: file) }
    // article
    let species = Category("species", of: ["Adelie", "Gentoo"])
    let sex = Binary("sex", "female", "male")
    let bill = Continuous("bill")
    let mass = Continuous("mass")
    let trained = try TrainedDiffusion(contentsOf: file)
    // end of article

    // article
    let query = trained.posterior {
      species == "Adelie"
      (35...45).contains(bill)
      Near(mass, to: 3_800, standardDeviation: 200)
      Factor { row in -0.5 * square(row[mass] / row[bill] - 95) / 25 }
    }
    let answer = try query.sample(500, method: .particles(512, repeats: 10), seed: 7)
    print(answer)
    // end of article
    #expect(answer.samples.count == 500 && answer.description.hasPrefix("500 samples, log Z = "))
    #expect(answer.table.column(species).allSatisfy { $0 == "Adelie" })
    #expect(abs(try answer.mean(of: mass).value - 3_750) < 150)

    // article
    let heavy = Factor { row in select(row[mass] .> 100 * row[bill], 0, -1e30) }
    // end of article

    // article
    print(answer.logEvidence, answer.logEvidenceStandardError ?? .nan)
    print(try answer.mean(of: mass), try answer.standardDeviation(of: mass))
    print(try answer.credibleInterval(of: bill, 0.9))
    print(try answer.quantiles(of: bill, [0.25, 0.5, 0.75]))
    print(try answer.probabilities(of: sex)["male"] ?? "no such label")
    print(try answer.probability(of: sex == "male", mass > 4_000))
    print(answer.expectation { row in row[mass] / row[bill] })
    for record in answer.table.prefix(3) { print(record) }
    // end of article

    // article
    for warning in answer.warnings { print(warning) }
    // end of article
    #expect(answer.warnings.isEmpty)

    // article
    let male = trained.posterior { sex == "male" }
    let both = male * heavy
    let all = both * trained.posterior { bill > 38 }
    let further = all.posterior { species != "Gentoo" }
    print(try further.sample(100, method: .particles(512, repeats: 10), seed: 7))
    // end of article
    #expect(further.factors.count == 4)

    // article
    let queries = [39.0, 42, 45].map { length in trained.posterior { Observe(bill, equals: length) } }
    let answers = try Posterior.sample(100, from: queries, method: .particles(512, repeats: 10), seed: 7)
    print(answers[0].logBayesFactor(over: answers[2]))
    // end of article
    #expect(answers.count == 3)

    // article
    let table = try Table([
      Record(trained.schema, ["species": "Gentoo", "bill": 47.5]),
      Record(trained.schema, ["sex": "female", "mass": 3_500]),
    ])
    let imputed = try trained.impute(table, draws: 100, seed: 7)
    if let interval = imputed[0, mass]?.interval(0.9) { print(interval) }
    print(imputed[1, species]?.probabilities ?? [], imputed.table[1])
    // end of article
    #expect(imputed[1, species].map { $0.probabilities[0] > 0.8 } == true)
  }

  @Test func articleSaysWhatRuns() throws {
    try Article.compare("Posteriors.md", with: #filePath, blocks: 9)
  }
}
