import Foundation

/// Which folder of a module refers to which, by the names of the types that their files declare.
///
/// Names are found in the text, comments and literals left out. A member of an extension is not seen, but the types that
/// it mentions are. Private declarations belong to their file alone.
struct FolderReferences {
  /// A file's text and the folder that it is in, counted from the module's own folder: `Posterior/Query`.
  struct Source {
    var folder: String
    var file: String
    var text: String
  }

  /// A name that a file of one folder uses and a file of another declares.
  struct Reference: Hashable, CustomStringConvertible {
    var name: String
    var from: String
    var fromFile: String
    var to: String
    var toFile: String

    var description: String { "\(from)/\(fromFile) uses \(name), whose home is \(to)/\(toFile)" }
  }

  private(set) var references: Set<Reference> = []
  let folders: Set<String>

  /// - Parameter floors: the folders that are told apart; a file counts for the one that it is in, however deep.
  init(_ sources: [Source], floors: [String]) {
    let stripped = sources.map { source in
      Source(
        folder: floors.first { source.folder == $0 || source.folder.hasPrefix($0 + "/") } ?? source.folder,
        file: source.file, text: FolderReferences.code(in: source.text))
    }
    folders = Set(stripped.map(\.folder))
    var homes: [String: Source] = [:]
    let (declaration, use) = (FolderReferences.declaration, FolderReferences.use)
    for source in stripped {
      for match in source.text.matches(of: declaration) where match.output.1 == nil {
        homes[String(match.output.2)] = source
      }
    }
    for source in stripped {
      let names = Set(source.text.matches(of: use).map { String($0.output.1) })
      for name in names {
        guard let home = homes[name], home.folder != source.folder else { continue }
        references.insert(
          Reference(
            name: name, from: source.folder, fromFile: source.file, to: home.folder, toFile: home.file))
      }
    }
  }

  /// The references from a folder to one that stands behind it.
  ///
  /// - Parameter order: the folders from the lowest on; each may use those before it.
  func upward(_ order: [String]) -> [Reference] {
    let floors = Dictionary(uniqueKeysWithValues: order.enumerated().map { ($1, $0) })
    return references.filter { floors[$0.from, default: 0] < floors[$0.to, default: .max] }
      .sorted { ($0.from, $0.name, $0.fromFile) < ($1.from, $1.name, $1.fromFile) }
  }

  // Declarations at the start of a line are those of a file; nested ones are found through the type around them.
  // Computed, since a Regex may not be shared between tests that run at once.
  private static var declaration: Regex<(Substring, Substring?, Substring)> {
    #/(?m)^(?:@[\w.]+(?:\([^)\n]*\))?[ \n]+)*(?:(private|fileprivate)[ ]+)?(?:public |package |internal |final |indirect )*(?:struct|class|enum|protocol|actor|typealias)[ ]+([A-Z]\w*)/#
  }
  private static var use: Regex<(Substring, Substring)> { #/(?:^|[^.\w])([A-Z]\w*)/# }

  /// Swift source without its comments and what is between quotation marks.
  static func code(in text: String) -> String {
    text
      .replacing(#/"""(?s:.*?)"""/#, with: "\"\"")
      .replacing(#///[^\n]*/#, with: "")
      .replacing(#//\*(?s:.*?)\*//#, with: "")
      .replacing(#/"(?:\\.|[^"\\\n])*"/#, with: "\"\"")
  }

  /// The Swift files of a module.
  ///
  /// - Parameter root: the module's folder.
  static func sources(in root: URL) throws -> [Source] {
    let root = root.standardizedFileURL
    let files = FileManager.default.enumerator(at: root, includingPropertiesForKeys: nil)?.compactMap { $0 as? URL }
    return try (files ?? []).filter { $0.pathExtension == "swift" }.map { file in
      let path = file.standardizedFileURL.deletingLastPathComponent().path
      return Source(
        folder: String(path.dropFirst(root.path.count + 1)), file: file.lastPathComponent,
        text: try String(contentsOf: file, encoding: .utf8))
    }
  }
}
