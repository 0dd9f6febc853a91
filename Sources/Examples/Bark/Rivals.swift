import DiffusionDSL
import DiffusionIO
import ExampleSupport
import Foundation

/// Other methods for holes, by rivals.py where there is a Python with what each needs.
enum Rivals {
  /// What a table calls the methods of rivals.py.
  private static let names = [
    ("biharmonic", "biharmonic interpolation"), ("telea", "Telea's method (OpenCV)"),
    ("patchmatch", "PatchMatch"), ("gaussian", "posterior of a Gaussian texture"),
  ]

  /// What keys of the JSON call them.
  static var keys: [String] { names.map(\.0) }

  /// What they make of a hole; none where there is no such Python.
  ///
  /// - Parameters:
  ///   - learned: the part of the photograph that the model learned from.
  ///   - output: takes the pictures as NPY.
  /// - Throws: `OutputError`, `NPYError`.
  static func inpaint(
    _ picture: HoledPicture, learned: ImageSet, draws: Int, seed: UInt64, in output: OutputDirectory,
    on console: Console
  ) throws -> [Inpainting] {
    let square = [picture.side, picture.side]
    let base = try output.file("rival").path
    let files = try [
      output.write(learned[0].map { $0 + 0.5 }, shape: [learned.height, learned.width], as: "learned.npy"),
      output.write(picture.truth, shape: square, as: "truth.npy"),
      output.write(picture.mask.map { $0 ? 1 : 0 }, shape: square, as: "mask.npy"),
    ]
    console.progress("filling the hole by other methods")
    let program = PythonProgram("rivals.py", beside: #filePath)
    guard let words = program.output(of: files + ["\(draws)", "\(seed)", base]) else { return [] }
    let found = Set(words.split(whereSeparator: \.isNewline).map(String.init))
    return try names.filter { found.contains($0.0) }.map { key, name in
      let array = try NPYArray(contentsOf: URL(fileURLWithPath: "\(base)-\(key).npy"))
      let size = picture.truth.count
      let draws = stride(from: 0, to: array.values.count, by: size).map { Array(array.values[$0..<$0 + size]) }
      return Inpainting(key: key, name: name, draws: draws, effectiveSize: nil)
    }
  }
}
