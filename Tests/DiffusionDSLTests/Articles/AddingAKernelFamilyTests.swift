// article
import DiffusionDSL
import Foundation
// end of article
import Testing

// The Swift blocks of the article AddingAKernelFamily.md are the regions between the two marks here, where one test
// runs them, and then those of OrdinalKernel.swift, in the article's order.

@Suite struct AddingAKernelFamilyTests {
  @Test func articleRuns() async throws {
    // article
    let grade = Ordinal("grade", ["low", "middle", "high"])
    let size = Continuous("size")
    let model = Diffusion {
      ProductKernel {
        grade
        size
      }
      ConstantErasure(steps: 10)
      ReverseNetwork(lastStep: .learned()) {
        Dense(8, activation: .silu)
        Readout(.shared)
      }
    }
    let rows = (0..<600).map { [Double($0 % 3), Double($0 % 3) + 0.3 * sin(Double($0))] }
    let trained = try await model.fit(to: rows, using: .adam(rate: 1e-2), steps: 200, seed: 1)

    let answer = try trained.posterior {
      Observe(grade, equals: "high")
    }.sample(200, method: .particles(512), seed: 1)
    print("size of those of a high grade:", try answer.mean(of: size))

    let file = URL.temporaryDirectory.appending(path: "grades-\(UUID()).safetensors")
    try trained.save(to: file)
    let loaded = try TrainedDiffusion(contentsOf: file, types: [OrdinalKernel.self])
    // end of article
    defer { try? FileManager.default.removeItem(at: file) }
    #expect(try answer.mean(of: size).value > 1.5)
    #expect(loaded.definition == trained.definition)
    #expect(try loaded.sample(9, seed: 4) == trained.sample(9, seed: 4))
    let error = #expect(throws: ModelFileError.self) { try TrainedDiffusion(contentsOf: file) }
    #expect("\(try #require(error))".contains("'ordinal'"))
  }

  @Test func articleSaysWhatRuns() throws {
    let family = Article.repository.appendingPathComponent("Tests/DiffusionDSLTests/Extension/OrdinalKernel.swift")
    try Article.compare("AddingAKernelFamily.md", with: #filePath, family.path, blocks: 12)
  }
}
