// article
import DiffusionDSL
import Foundation
// end of article
import Testing

// The regions between the two marks are the Swift blocks of the article Guarantees.md, in its order.

@Suite struct GuaranteesArticleTests {
  @Test func articleRuns() async throws {
    // article
    let model = Diffusion {
      GaussianKernel(dimensions: 2)
      Cosine(steps: 20)
      ReverseNetwork {
        Dense(8)
        Readout(.shared)
      }
    }
    let rows = (0..<500).map { row in [cos(Double(row)), sin(2 * Double(row))] }
    let trained = try await model.fit(to: rows, steps: 50, seed: 1)
    // end of article

    // article
    let again = try await model.fit(to: rows, steps: 50, seed: 1, options: .init(threads: 3))
    let whole = try trained.sample(100, seed: 7)
    print(try again.sample(100, seed: 7) == whole)
    let part = try trained.sample(40, seed: 7, firstChain: 60, options: .init(threads: 2))
    print(part.flat == Array(whole.flat.suffix(80)))
    // end of article
    #expect(try again.sample(100, seed: 7) == whole)
    #expect(part.flat == Array(whole.flat.suffix(80)))

    // article
    let file = URL.temporaryDirectory.appending(path: "guarantees-\(UUID()).safetensors")
    try trained.save(to: file)
    print(try TrainedDiffusion(contentsOf: file).sample(100, seed: 7) == whole)
    // end of article
    #expect(try TrainedDiffusion(contentsOf: file).sample(100, seed: 7) == whole)
    try FileManager.default.removeItem(at: file)

    // article
    do {
      _ = try trained.lowerBound(on: [[0.5, .infinity]])
    } catch {
      print(error)
    }
    // end of article
    #expect(throws: DataError.notFinite(row: 0, column: 1, value: "inf")) {
      try trained.lowerBound(on: [[0.5, .infinity]])
    }
  }

  @Test func articleSaysWhatRuns() throws {
    try Article.compare("Guarantees.md", with: #filePath, blocks: 5)
  }

  /// Every test that the article names is there.
  @Test func theTestsThatAreNamedExist() throws {
    let tests = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    let article = tests.deletingLastPathComponent()
      .appending(path: "Sources/DiffusionDSL/DiffusionDSL.docc/Guarantees.md")
    let rows = try String(contentsOf: article, encoding: .utf8).split(separator: "\n").filter { $0.hasPrefix("| ") }
    let names = rows.flatMap { row in
      row.split(separator: "|").last.map { $0.split(separator: "`").filter { $0.allSatisfy(\.isLetter) } } ?? []
    }
    #expect(names.count > 30)
    let files = FileManager.default.enumerator(at: tests, includingPropertiesForKeys: nil)?.compactMap { $0 as? URL }
    let sources = try (files ?? []).filter { $0.pathExtension == "swift" }
      .map { try String(contentsOf: $0, encoding: .utf8) }
    for name in names {
      #expect(sources.contains { $0.contains("func \(name)(") }, "there is no test \(name)")
    }
  }
}
