import ArgumentParser
import DiffusionDSL
import DiffusionIO
import ExampleSupport
import Foundation

/// Which pictures are learned.
enum DigitSet: String, CaseIterable, ExpressibleByArgument, Sendable {
  /// The MNIST database of handwritten digits (LeCun and Cortes 1998).
  case mnist
  /// Articles of clothing in the same form (Xiao, Rasul and Vollgraf 2017).
  case fashion

  /// What people call it.
  var name: String { self == .mnist ? "MNIST" : "Fashion-MNIST" }

  /// The folder below `DIFFUSION_DATA` that may hold it, as `Scripts/fetch-data` names it.
  var folder: String { self == .mnist ? "mnist" : "fashion-mnist" }

  /// How to get it, in one sentence.
  private var remedy: String {
    switch self {
    case .mnist: "run 'Scripts/fetch-data mnist', or name a folder that has it with --folder"
    case .fashion:
      "run 'Scripts/fetch-data fashion-mnist' or, on Debian, 'apt-get install dataset-fashion-mnist', or name a folder "
        + "that has it with --folder"
    }
  }

  /// Where the four files may be.
  private var places: [URL] {
    let own = ExampleData.url(folder)
    return self == .mnist ? [own] : [own, URL(fileURLWithPath: "/usr/share/datasets/fashion-mnist", isDirectory: true)]
  }

  /// Reads the pictures.
  ///
  /// - Parameter folder: where the four files are; nil: where they may be.
  /// - Throws: `UnusableData`, `ImageFileError`.
  func read(from folder: String?) throws -> Digits {
    let places = folder.map { [URL(fileURLWithPath: $0, isDirectory: true)] } ?? places
    for place in places {
      guard let train = DigitSet.file("train-images-idx3-ubyte", in: place) else { continue }
      return try Digits(
        training: DigitSet.labelled(train, "train-labels-idx1-ubyte", in: place),
        test: DigitSet.labelled(
          DigitSet.existing("t10k-images-idx3-ubyte", in: place), "t10k-labels-idx1-ubyte", in: place))
    }
    throw UnusableData(
      sentence: "no \(name) in \(places.map { "'\($0.relativePath)'" }.joined(separator: " or ")): \(remedy).")
  }

  private static func labelled(_ images: URL, _ labels: String, in folder: URL) throws -> ImageSet {
    try ImageSet(contentsOf: images).labelled(by: ImageLabels.read(existing(labels, in: folder)))
  }

  /// A file, plain or compressed.
  private static func file(_ name: String, in folder: URL) -> URL? {
    [name, name + ".gz"].map { folder.appendingPathComponent($0, isDirectory: false) }
      .first { FileManager.default.fileExists(atPath: $0.path) }
  }

  private static func existing(_ name: String, in folder: URL) throws -> URL {
    if let file = file(name, in: folder) { return file }
    throw UnusableData(
      sentence: "'\(folder.relativePath)' has no file \(name) or \(name).gz: put it there, beside the other three.")
  }
}

/// Labelled pictures of 28 x 28, in bytes.
struct Digits: Sendable {
  /// Learned from: all but the last sixth of the first file's.
  let training: ImageSet
  /// The last sixth of the first file's, which choose the window of the Parzen score.
  let validation: ImageSet
  /// The second file's: scored, and completed.
  let test: ImageSet

  /// - Throws: `UnusableData` for pictures of other sizes, or too few of them.
  init(training all: ImageSet, test: ImageSet) throws {
    for images in [all, test] where (images.channels, images.height, images.width, images.levels) != (1, 28, 28, 256) {
      throw UnusableData(sentence: "digits are gray pictures of 28 x 28 bytes; the file holds \(images).")
    }
    let count = all.count * 5 / 6
    guard count >= 1_000, all.count - count >= 100, test.count >= 100 else {
      throw UnusableData(
        sentence:
          "\(all.count) pictures to learn from and \(test.count) to test on are too few: give at least 1,200 and "
          + "100.")
    }
    training = all.images(at: 0..<count)
    validation = all.images(at: count..<all.count)
    self.test = test
  }
}

/// Gray levels as numbers from 0 to 1, [picture][row][column].
struct UnitPixels: Sendable {
  static let side = 28
  /// The extent of a picture.
  static let shape = ImageShape(width: side, height: side)
  /// Numbers of a picture.
  static let size = side * side
  let values: [Float]
  var count: Int { values.count / UnitPixels.size }

  /// Bytes, divided by 255.
  init(_ images: ImageSet) {
    values = images.flatMap { $0.map { Float($0 / 255) } }
  }

  /// Levels with noise within them, as a model of bytes draws them: b to b + 1 stands for byte b. Clipped to [0, 1].
  init(levels rows: some Sequence<[Double]>) {
    values = rows.flatMap { $0.map { Float(min(1, max(0, ($0 - 0.5) / 255))) } }
  }

  private init(values: [Float]) { self.values = values }

  /// Some pixels of every picture, one picture behind the other.
  func pixels(_ places: [Int]) -> [Float] {
    (0..<count).flatMap { picture in places.map { values[picture * UnitPixels.size + $0] } }
  }

  /// The same with normal noise, clipped to [0, 1] again.
  ///
  /// - Parameter deviation: the noise's standard deviation.
  func noisy(deviation: Double, seed: UInt64) -> UnitPixels {
    var stream = NoiseSource(seed: seed, purpose: "noise on digits").stream(chain: 0, step: 0)
    return UnitPixels(
      values: values.map { Float(min(1, max(0, Double($0) + deviation * Double(stream.nextNormal())))) })
  }
}
