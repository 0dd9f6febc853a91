import DiffusionDSL
import Foundation

/// A model that comes with an example, as a file among the example's resources.
public struct ComingModel: Sendable {
  /// The example's name.
  public let example: String
  /// The file's name.
  public let name: String
  /// The folder of the example's sources.
  private let sources: URL

  /// - Parameters:
  ///   - name: the file's.
  ///   - example: the program's name, as it is typed.
  ///   - sourceFile: a source file of the example, in whose folder the file is too.
  public init(_ name: String = "pretrained.safetensors", of example: String, sourceFile: String = #filePath) {
    self.name = name
    self.example = example
    sources = URL(fileURLWithPath: sourceFile).deletingLastPathComponent()
  }

  /// Beside the program, where the build puts it, or in the sources that the program was built from.
  private var places: [URL] {
    let program = Bundle.main.bundleURL
    return [program.appendingPathComponent("DiffusionDSL_\(example).resources"), program, sources].map {
      $0.appendingPathComponent(name, isDirectory: false)
    }
  }

  /// - Throws: `MissingModel` where the program stands alone; `ModelFileError`.
  public func load() throws -> TrainedDiffusion {
    guard let file = places.first(where: { FileManager.default.fileExists(atPath: $0.path) }) else {
      throw MissingModel(name: name, example: example)
    }
    return try TrainedDiffusion(contentsOf: file)
  }
}

/// A model that is not where the program was built: one sentence with the remedy.
public struct MissingModel: BadData {
  /// The file's name, and the example's.
  public let name: String, example: String
  /// What is wrong, and what to do.
  public var description: String {
    "the file \(name) is not beside the program: run 'swift run -c release \(example) --pretrained' in the repository."
  }
}
