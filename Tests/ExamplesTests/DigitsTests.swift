import DiffusionDSL
import DiffusionIO
import ExampleSupport
import Foundation
import Testing

@testable import digits

/// What the digits example computes by itself, without training.
@Suite struct DigitsTests {
  struct Reference: Decodable {
    let bits: Double
    let error: Double
    let width: Double

    private enum CodingKeys: String, CodingKey {
      case bits, width
      case error = "standard_error"
    }
  }

  /// References/parzen.py.
  static let references = Result {
    let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("References")
    return try JSONDecoder().decode(
      [String: Reference].self, from: Data(contentsOf: folder.appendingPathComponent("parzen.json")))
  }

  /// The made-up pictures of References/parzen.py.
  static func stripes(_ count: Int, from first: Int) throws -> UnitPixels {
    var bytes: [UInt8] = []
    for picture in first..<first + count {
      for pixel in 0..<784 {
        let number: Int = 7 * picture + 3 * (pixel / 28) + (5 + picture % 3) * (pixel % 28)
        bytes.append(UInt8(number % 256))
      }
    }
    return UnitPixels(try ImageSet(bytes: bytes, height: 28, width: 28))
  }

  static func check(_ score: ParzenScore, _ reference: Reference) {
    // Distances are sums of 784 numbers in single precision, and are divided by twice the square of a width of 0.1 up.
    #expect(abs(score.bits - reference.bits) < 2e-3, "\(score.bits)")
    #expect(abs(score.standardError - reference.error) < 2e-3)
    #expect(abs(score.width - reference.width) < 1e-9)
  }

  @Test func theParzenScoreIsTheReferences() async throws {
    let reference = try #require(try Self.references.get()["made_up"])
    let (samples, test) = (try Self.stripes(37, from: 0), try Self.stripes(23, from: 200))
    let validation = try Self.stripes(11, from: 100)
    for threads in [1, 3] {
      let score = try await ParzenScore(of: samples, validation: validation, test: test, threads: threads)
      Self.check(score, reference)
    }
  }

  static let digits = ProcessInfo.processInfo.environment["DIFFUSION_DATA"].map { "\($0)/mnist" }

  @Test(.enabled(if: digits != nil, "skipped: DIFFUSION_DATA does not name the folder with mnist"))
  func theParzenScoreOfDigitsIsTheReferences() async throws {
    let folder = try #require(Self.digits)
    guard FileManager.default.fileExists(atPath: folder) else {
      print("skipped: there is no \(folder)")
      return
    }
    let reference = try #require(try Self.references.get()["mnist"])
    let digits = try DigitSet.mnist.read(from: folder)
    #expect(digits.training.count == 50_000 && digits.validation.count == 10_000 && digits.test.count == 10_000)
    let score = try await ParzenScore(
      of: UnitPixels(digits.training.images(at: 0..<500)),
      validation: UnitPixels(digits.validation.images(at: 0..<200)),
      test: UnitPixels(digits.test.images(at: 0..<500)), threads: 2)
    Self.check(score, reference)
  }

  @Test func distancesOfSomePixelsAreThoseOfTheirNumbers() async throws {
    // Numbers of pictures that four and eight do not divide.
    let (fixed, others) = (try Self.stripes(19, from: 0), try Self.stripes(5, from: 50))
    let places = [3, 29, 400, 783]
    let found = try await SquaredDistances(to: fixed, pixels: places).map(others.pixels(places), threads: 2) { $1 }
    #expect(found.count == 5)
    for (picture, distances) in found.enumerated() {
      #expect(distances.count == 19)
      for (other, distance) in distances.enumerated() {
        var expected = 0.0
        for place in places {
          let difference = Double(others.values[picture * 784 + place]) - Double(fixed.values[other * 784 + place])
          expected += difference * difference
        }
        #expect(abs(Double(distance) - expected) < 1e-5)
      }
    }
  }

  @Test func theClassifierTellsClassesThatDiffer() throws {
    let bars = try Bars(300)
    let classifier = try Classifier(UnitPixels(bars.images), bars.labels, passes: 4, seed: 1) { _ in }
    let others = try Bars(100, from: 1_000)
    #expect(classifier.classes == 4)
    #expect(classifier.accuracy(on: UnitPixels(others.images), others.labels) > 0.98)
    // Labels that are all wrong.
    #expect(classifier.accuracy(on: UnitPixels(others.images), others.labels.map { ($0 + 1) % 4 }) < 0.02)
  }

  @Test func knownPartsAreAHalfAndAQuarter() {
    for (part, share) in [(KnownPart.half, 392), (.quarter, 196)] {
      let mask = part.mask
      #expect(mask.count == 784 && mask.count { $0 } == share)
      #expect(mask[0] && mask[13] && !mask[14] && !mask[783])
    }
    #expect(KnownPart.half.mask[27 * 28] && !KnownPart.quarter.mask[27 * 28])
  }

  @Test func levelsAreBytesWithoutTheNoiseWithinThem() throws {
    let rows = [Array(repeating: 0.5, count: 784), Array(repeating: 255.9, count: 784)]
    let pixels = UnitPixels(levels: rows)
    #expect(pixels.count == 2 && pixels.values[0] == 0 && pixels.values[784] == 1)
    let images = try ImageSet(levels: rows.flatMap { $0 }, shape: UnitPixels.shape)
    #expect(images[0][0] == 0 && images[1][0] == 255)
  }
}

/// Pictures of one bright bar, in one of four places: the class.
struct Bars {
  let images: ImageSet
  var labels: [Int] { images.labels ?? [] }

  init(_ count: Int, from first: Int = 0) throws {
    var bytes: [UInt8] = []
    for picture in first..<first + count {
      let (place, length) = (picture % 4 * 7, 12 + picture % 13)
      for pixel in 0..<784 {
        let (row, column) = (pixel / 28, pixel % 28)
        let isBar = column >= place + 1 && column < place + 4 && row >= 2 && row < 2 + length
        bytes.append(isBar ? UInt8(200 + picture % 50) : UInt8(picture % 5))
      }
    }
    images = try ImageSet(bytes: bytes, height: 28, width: 28, labels: (first..<first + count).map { $0 % 4 })
  }

  /// Writes the four files of a data set, 1,200 and 120 pictures.
  static func write(to folder: URL) throws {
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    for (name, bars) in [("train", try Bars(1_200)), ("t10k", try Bars(120, from: 5_000))] {
      var pictures = Data([0, 0, 8, 3]) + number(bars.images.count) + number(28) + number(28)
      if case .bytes(let bytes) = bars.images.storage { pictures += Data(bytes) }
      try pictures.write(to: folder.appendingPathComponent("\(name)-images-idx3-ubyte"))
      let labels = Data([0, 0, 8, 1]) + number(bars.images.count) + Data(bars.labels.map { UInt8($0) })
      try labels.write(to: folder.appendingPathComponent("\(name)-labels-idx1-ubyte"))
    }
  }

  private static func number(_ value: Int) -> Data {
    withUnsafeBytes(of: UInt32(value).bigEndian) { Data($0) }
  }
}

@Suite struct DigitsExampleTests {
  static let keys: Set<String> = [
    "parzen_bits", "parzen_standard_error", "training_digits_bits", "training_digits_with_noise_bits",
    "K_bits_per_pixel", "bits_per_dim", "beta_1", "images_per_second", "half_accuracy", "quarter_accuracy",
    "classifier_accuracy", "half_effective_size", "network", "objective", "data", "steps", "seed", "quick", "seconds",
  ]

  private func object(_ text: String) throws -> [String: Any] {
    try #require(JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
  }

  @Test func aShortRunAndItsResumption() throws {
    try withFolder { folder in
      try Bars.write(to: folder.appendingPathComponent("bars"))
      let arguments = ["--quick", "--json", "--folder", "bars", "--network", "convolution"]
      let outcome = try Executable("digits").run(arguments + ["--steps", "20"], in: folder)
      #expect(outcome.status == 0, "\(outcome.errors)")
      let first = try object(outcome.output)
      #expect(Set(first.keys) == Self.keys)
      let help = try Executable("digits").run(["--help"], in: folder).output
      for key in Self.keys { #expect(help.contains(key), "\(key) is not explained") }
      let bits = try #require(first["bits_per_dim"] as? Double)
      let scaled = try #require(first["K_bits_per_pixel"] as? Double)
      #expect(bits > 0 && bits < 12 && scaled < 2.44)
      #expect(first["steps"] as? Int == 20 && first["network"] as? String == "convolution")

      let output = folder.appendingPathComponent("output/digits")
      let files = try FileManager.default.contentsOfDirectory(atPath: output.path)
      for name in ["samples.png", "completions-half.png", "completions-quarter.png", "checkpoint.safetensors"] {
        #expect(files.contains(name))
      }
      let sheet = try ImageSet(contentsOf: output.appendingPathComponent("completions-half.png"))
      // Two rows of a picture, what is known of it, four completions and the nearest neighbour, twice as large.
      #expect(sheet.height == 2 * 57 - 1 && sheet.width == 7 * 57 - 1)
      let model = try TrainedDiffusion(contentsOf: output.appendingPathComponent("digits.safetensors"))
      #expect(model.trainingSteps == nil && model.dimensions == 784)

      // Of 20 steps nothing is left to do, so that the same model is scored again; of 40 there is.
      let done = try Executable("digits").run(arguments + ["--steps", "20", "--resume"], in: folder)
      #expect(done.status == 0, "\(done.errors)")
      let again = try object(done.output)
      #expect(again["bits_per_dim"] as? Double == bits && again["images_per_second"] is NSNull)
      // The rate has fallen to 0 by then.
      let more = try Executable("digits").run(arguments + ["--steps", "40", "--resume"], in: folder)
      #expect(more.status == 65 && more.errors.contains("--steps") && more.errorLines.count == 1, "\(more.errors)")
      let reseeded = try Executable("digits").run(
        arguments + ["--steps", "20", "--resume", "--seed", "2"], in: folder)
      #expect(reseeded.status == 65 && reseeded.errors.contains("--seed"), "\(reseeded.errors)")
      let other = try Executable("digits").run(
        ["--quick", "--folder", "bars", "--network", "dense", "--resume", "--steps", "60"], in: folder)
      #expect(other.status == 65 && other.errorLines.count == 1)
    }
  }

  @Test func theModelThatComesWithItNeedsNoData() throws {
    try withFolder { folder in
      let outcome = try Executable("digits").run(["--pretrained", "--quick", "--json"], in: folder)
      #expect(outcome.status == 0, "\(outcome.errors)")
      let object = try object(outcome.output)
      #expect(Set(object.keys) == Self.keys && object["parzen_bits"] is NSNull)
      let output = folder.appendingPathComponent("output/digits")
      let samples = try ImageSet(contentsOf: output.appendingPathComponent("samples.png"))
      #expect(samples.width == 3 * 57 - 1)
      // Most of a digit's pixels are black, and some are white: a model that is not trained draws noise.
      let shades = samples[0]
      let black = Double(shades.count { $0 < 20 }) / Double(shades.count)
      let white = Double(shades.count { $0 > 200 }) / Double(shades.count)
      #expect(black > 0.6 && black < 0.95 && white > 0.02 && white < 0.3, "\(black) and \(white)")
    }
  }

  @Test func whatIsWrongIsSaidInOneSentence() throws {
    try withFolder { folder in
      func run(_ arguments: [String], _ environment: [String: String] = [:]) throws -> Executable.Outcome {
        try Executable("digits").run(arguments, in: folder, environment: environment)
      }
      for arguments in [["--steps", "0"], ["--network", "deep"], ["--pretrained", "--steps", "5"], ["--data", "x"]] {
        let outcome = try run(arguments)
        #expect(outcome.status == 64 && outcome.errorLines.count == 1, "\(arguments): \(outcome.errors)")
      }
      let missing = try run(["--quick"], ["DIFFUSION_DATA": folder.path])
      #expect(missing.status == 65 && missing.errorLines.count == 1 && missing.errors.contains("fetch-data"))
      let elsewhere = try run(["--quick", "--data", "fashion", "--folder", "nowhere"])
      #expect(elsewhere.status == 65 && elsewhere.errors.contains("dataset-fashion-mnist"))

      // A file that is cut, and one that is missing.
      let bars = folder.appendingPathComponent("bars")
      try Bars.write(to: bars)
      let images = bars.appendingPathComponent("train-images-idx3-ubyte")
      try Data(contentsOf: images).prefix(5_000).write(to: images)
      let cut = try run(["--quick", "--folder", "bars"])
      #expect(cut.status == 65 && cut.errorLines.count == 1 && cut.errors.contains("train-images-idx3-ubyte"))
      try Bars.write(to: bars)
      try FileManager.default.removeItem(at: bars.appendingPathComponent("t10k-labels-idx1-ubyte"))
      let lacking = try run(["--quick", "--folder", "bars"])
      #expect(lacking.status == 65 && lacking.errors.contains("t10k-labels-idx1-ubyte"))
    }
  }
}
