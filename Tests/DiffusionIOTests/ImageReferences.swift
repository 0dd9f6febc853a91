import DiffusionDSL
import DiffusionIO
import Foundation

/// Small files of pictures that References/generate_images.py wrote, with what is in them.
struct ImageReference: Decodable {
  let data: Data
  /// Image, channel, row, column.
  let shape: [Int]
  let maximum: Double
  let values: [Double]
  let labels: [Int]?

  static func all() throws -> [String: ImageReference] {
    let url = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("References/images.json")
    return try JSONDecoder().decode([String: ImageReference].self, from: Data(contentsOf: url))
  }

  static func named(_ name: String) throws -> ImageReference {
    guard let reference = try all()[name] else { throw NoReference(name: name) }
    return reference
  }

  struct NoReference: Error {
    let name: String
  }

  /// Reads the file.
  func images(_ name: String = "f", _ options: ImageReadingOptions = .init()) throws -> ImageSet {
    try ImageReading(data: data, name: name, options: options).images
  }
}

/// A folder that is removed behind the body.
func withTemporaryFolder(_ body: (URL) throws -> Void) throws {
  let url = FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID())")
  try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(at: url) }
  try body(url)
}
