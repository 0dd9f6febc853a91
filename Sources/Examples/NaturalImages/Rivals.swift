import DiffusionDSL
import DiffusionIO
import ExampleSupport
import Foundation

/// Denoising by other methods, measured on the same pictures by rivals.py where there is a Python with bm3d and
/// scikit-image.
struct Rivals: Decodable, Sendable {
  /// Peak signal-to-noise ratios in decibels, picture by picture.
  let bm3d: [Double], nonLocalMeans: [Double]

  private enum CodingKeys: String, CodingKey {
    case bm3d
    case nonLocalMeans = "nl_means"
  }

  /// Measures; nil where there is no such Python.
  ///
  /// - Parameter output: takes the pictures as NPY, which the program reads.
  /// - Throws: `OutputError`, `NPYError`.
  static func measure(_ denoising: Denoising, in output: OutputDirectory, on console: Console) throws -> Rivals? {
    let shape = denoising.shape
    func write(_ pictures: [[Double]], as name: String) throws -> String {
      try output.write(
        pictures.flatMap { $0 }, shape: [pictures.count, shape.channels, shape.height, shape.width], as: name)
    }
    let files = [try write(denoising.truth, as: "truth.npy"), try write(denoising.noisy, as: "noisy.npy")]
    console.progress("denoising by other methods")
    let program = PythonProgram("rivals.py", beside: #filePath)
    guard let words = program.output(of: files + ["\(denoising.deviation)"]) else { return nil }
    return try? JSONDecoder().decode(Rivals.self, from: Data(words.utf8))
  }
}
