import Foundation
import Testing

/// The folders of DiffusionDSL are floors of a house: each uses those below it and none above (Docs/Design.md).
struct FolderOrderTests {
  /// From the lowest on.
  static let floors = [
    "Definitions", "Data", "Schedules", "Kernels", "Networks", "Optimisers", "Model", "Running", "Trajectories",
    "Likelihood", "Training", "Posterior/Query", "Posterior/Compilation", "Posterior/Particles", "Posterior/Answer",
    "Persistence", "Queries",
  ]

  private static let repository = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()

  @Test func noFolderUsesOneAboveIt() throws {
    let module = FolderOrderTests.repository.appendingPathComponent("Sources/DiffusionDSL")
    let references = FolderReferences(
      try FolderReferences.sources(in: module), floors: FolderOrderTests.floors)
    #expect(references.folders == Set(FolderOrderTests.floors), "each folder is a floor, and each floor a folder")
    #expect(references.references.count > 100, "the files were read")
    for reference in references.upward(FolderOrderTests.floors) { Issue.record("\(reference)") }
  }

  @Test func aReferenceUpwardsIsFoundWithBothNames() {
    let sources: [FolderReferences.Source] = [
      .init(folder: "Low", file: "Base.swift", text: "public struct Base { var top: Top? } // Fine\n"),
      .init(folder: "High", file: "Top.swift", text: "@frozen\nfinal class Top { let base = Base() }\n"),
    ]
    let found = FolderReferences(sources, floors: ["Low", "High"]).upward(["Low", "High"])
    #expect(found.map(\.description) == ["Low/Base.swift uses Top, whose home is High/Top.swift"])
  }

  @Test func whatOnlyLooksLikeAReferenceIsNone() {
    let low = """
      /* Top */ struct Base {
        // Top in a comment, "Top" in a literal and .Top of something else
        let text = "Top \\" Top", other = Kind.Top
        let long = \"\"\"
          Top
          \"\"\"
      }
      private struct Hidden {}
      """
    let high = "enum Top {}\nprivate enum Base {}\nstruct Third { struct Hidden {} }\n"
    let sources: [FolderReferences.Source] = [
      .init(folder: "Low", file: "Base.swift", text: low), .init(folder: "High", file: "Top.swift", text: high),
    ]
    #expect(FolderReferences(sources, floors: ["Low", "High"]).upward(["Low", "High"]) == [])
  }

  /// Each C module has one Swift module that imports it, and what embeds imports nothing but the standard library.
  @Test(arguments: [
    ("CGSL", ["Distributions"]), ("CRandomStreams", ["Distributions"]), ("CTileLoops", ["Formulas"]),
    ("CPNGFile", ["DiffusionIO"]), ("CZlib", ["DiffusionIO"]), ("CPNG", []),
    ("ArgumentParser", ["DiffusionTool", "Examples", "ProgramSupport"]),
  ])
  func importersAreFew(module: String, importers: [String]) throws {
    let sources = try FolderReferences.sources(in: FolderOrderTests.repository.appendingPathComponent("Sources"))
    let found = sources.filter { source in
      source.text.split(separator: "\n").contains { $0.hasSuffix("import \(module)") && !$0.hasPrefix("/") }
    }
    let modules = Set(found.map { String($0.folder.prefix { $0 != "/" }) })
    #expect(modules == Set(importers))
  }
}
