// article
import DiffusionDSL
import DiffusionIO
import Foundation
// end of article
import Testing

// The regions between the two marks are the Swift blocks of the article MixedData.md, in its order; one test runs
// them, the other compares the texts.

@Suite struct MixedDataTests {
  @Test func articleRuns() async throws {
    // article
    enum Island: String, CaseIterable, Codable { case biscoe, dream, torgersen }

    let species = Category("species", of: ["Adelie", "Chinstrap", "Gentoo"])
    let island = Category("island", of: Island.self)
    let sex = Binary("sex", "female", "male")
    let bill = Continuous("bill")
    // end of article

    // article
    let model = Diffusion {
      ProductKernel {
        species
        island
        sex
        bill
      }
      ConstantErasure(steps: 50)
      ReverseNetwork {
        Dense(32, activation: .silu)
        Readout(.bumps(4))
      }
    }
    // end of article

    // article
    var record = Record(model.schema, ["species": "Gentoo", "bill": 47.5])
    record[island] = .biscoe
    record[sex] = nil
    print(record[bill] ?? 0, record["island"] ?? "nowhere")
    // end of article
    #expect(record.numbers[0] == 2 && record[island] == .biscoe && record[sex] == nil)

    // article
    struct Penguin: Codable {
      var species: String
      var island: Island
      var sex: String?
      var bill: Double
    }

    func penguins(_ count: Int, seed: UInt64) throws -> [Penguin] {
      var stream = RandomStream(seed: seed, purpose: "penguins")
      let noise = try Normal(mean: 0, standardDeviation: 1.5)
      let uniform = try Uniform(lower: 0, upper: 1)
      return (0..<count).map { _ in
        let kind = Int(3 * uniform.sample(using: &stream))
        let isMale = uniform.sample(using: &stream) < 0.5
        return Penguin(
          species: species.labels[kind],
          island: uniform.sample(using: &stream) < 0.8 ? Island.allCases[kind] : .dream,
          sex: uniform.sample(using: &stream) < 0.1 ? nil : isMale ? "male" : "female",
          bill: [38, 48, 46][kind] + (isMale ? 2 : -2) + noise.sample(using: &stream))
      }
    }
    // end of article

    // article
    let table = try Table(penguins(2_000, seed: 1), schema: model.schema)
    let heldOut = try Table(penguins(500, seed: 2), schema: model.schema)
    print(table, table.column(island).prefix(3))
    // end of article
    #expect(table.count == 2_000)

    // article
    let file = URL.temporaryDirectory.appending(path: "penguins-\(UUID()).csv")
    try table.write(csv: file)
    let read = try Table(contentsOf: file, schema: model.schema)
    // end of article
    #expect(read == table)
    try FileManager.default.removeItem(at: file)

    // article
    let trained = try await model.fit(to: table, using: .adam(rate: 1e-2), steps: 500, seed: 1)
    let bound = try trained.lowerBound(on: heldOut)
    print("K = \(bound.bits) bits a row, of which the species has \(bound.bits(of: "species") ?? 0)")
    // end of article
    // Islands follow species, and bills both and the sex: more than independent columns give.
    #expect(bound.overNull > 0.5)

    // article
    let samples = try trained.sampleTable(1_000, seed: 7)
    for record in samples.prefix(3) { print(record) }
    let simulated = try samples.decoded(as: Penguin.self)
    print(simulated.count { $0.species == "Gentoo" && $0.island == .torgersen })
    // end of article
    #expect(simulated.count == 1_000)

    // article
    do {
      _ = try Table([record, Record(model.schema, ["sex": "mail"])])
    } catch {
      print(error)  // row 1, field 'sex' is 'mail', which is none of its labels (female, male): correct it
    }
    // end of article
  }

  @Test func articleSaysWhatRuns() throws {
    try Article.compare("MixedData.md", with: #filePath, blocks: 10)
  }
}
