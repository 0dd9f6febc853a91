import Foundation
import Testing

/// The code of a documentation article, and the regions of a test's source that are to be the same.
enum Article {
  static let repository = References.folder.deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()

  /// - Parameters:
  ///   - article: The article's file name.
  ///   - sources: The paths of the sources with the regions, in the article's order.
  static func compare(_ article: String, with sources: String..., blocks count: Int) throws {
    let folder = repository.appendingPathComponent("Sources/DiffusionDSL/DiffusionDSL.docc")
    let text = try String(contentsOf: folder.appendingPathComponent(article), encoding: .utf8)
    let said = blocks(of: text, from: "```swift", to: "```")
    let run = try sources.flatMap { source in
      blocks(
        of: try String(contentsOf: URL(fileURLWithPath: source), encoding: .utf8), from: "// article",
        to: "// end of article")
    }
    #expect(said.count == count)
    #expect(said.count == run.count)
    for (said, run) in zip(said, run) { #expect(said == run) }
  }

  /// The texts between two marks that stand on lines of their own, without their common indentation.
  static func blocks(of text: String, from start: String, to end: String) -> [String] {
    var blocks: [String] = []
    var block: [Substring]?
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      let content = line.trimmingCharacters(in: .whitespaces)
      if content == start {
        block = []
      } else if content == end, let lines = block {
        let indentation = lines.filter { !$0.isEmpty }.map { $0.prefix { $0 == " " }.count }.min() ?? 0
        blocks.append(lines.map { String($0.dropFirst(indentation)) }.joined(separator: "\n"))
        block = nil
      } else {
        block?.append(line)
      }
    }
    return blocks
  }
}
