import DiffusionDSL
import DiffusionIO
import ExampleSupport
import Foundation

/// Denoising by other methods, measured on the same pictures by rivals.py where there is a Python with bm3d and
/// scikit-image.
struct Rivals: Decodable, Sendable {
  /// Peak signal-to-noise ratios in decibels.
  let bm3d: Double, nonLocalMeans: Double

  private enum CodingKeys: String, CodingKey {
    case bm3d
    case nonLocalMeans = "nl_means"
  }

  /// Measures; nil where there is no such Python.
  ///
  /// - Parameter output: takes the pictures as NPY, which the program reads.
  /// - Throws: `OutputError`, `NPYError`.
  static func measure(_ denoising: Denoising, in output: OutputDirectory, on console: Console) throws -> Rivals? {
    let program = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("rivals.py")
    let shape = denoising.shape
    func write(_ pictures: [[Double]], _ name: String) throws -> URL {
      let file = try output.file(name)
      try NPYArray(
        values: pictures.flatMap { $0 }, shape: [pictures.count, shape.channels, shape.height, shape.width]
      ).write(to: file)
      return file
    }
    let (truth, noisy) = (try write(denoising.truth, "truth.npy"), try write(denoising.noisy, "noisy.npy"))
    console.progress("denoising by other methods")
    guard let words = PythonProgram(program).output(of: [truth.path, noisy.path, "\(denoising.deviation)"]) else {
      return nil
    }
    return try? JSONDecoder().decode(Rivals.self, from: Data(words.utf8))
  }
}
