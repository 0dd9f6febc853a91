import DiffusionDSL
import ExampleSupport
import Foundation

/// The model that comes with the example.
enum Pretrained {
  static let name = "pretrained.safetensors"

  /// Beside the program, where the build puts it, or in the sources that the program was built from.
  private static var places: [URL] {
    let program = Bundle.main.bundleURL
    let source = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    return [program.appendingPathComponent("DiffusionDSL_digits.resources"), program, source].map {
      $0.appendingPathComponent(name, isDirectory: false)
    }
  }

  /// - Throws: `UnusableDigits` where the program stands alone; `ModelFileError`.
  static func load() throws -> TrainedDiffusion {
    guard let file = places.first(where: { FileManager.default.fileExists(atPath: $0.path) }) else {
      throw UnusableDigits(
        sentence: "the file \(name) is not beside the program: run 'swift run -c release digits' in the repository.")
    }
    return try TrainedDiffusion(contentsOf: file)
  }
}
