import DiffusionDSL
import DiffusionIO
import Foundation
import ProgramTesting
import Testing

/// The tool on pictures: what it makes of files, and that its numbers are the library's.
@Suite struct PictureCommandTests {
  private static let (height, width) = (5, 6)

  /// Pictures of a bright bar at a place and on a ground of its own.
  static func bars(_ count: Int, channels: Int = 1) throws -> ImageSet {
    let bytes = (0..<count).flatMap { image in
      (0..<channels * height * width).map { place -> UInt8 in
        let ground = 40 + image * 31 % 50 + place * 7 % 11
        return UInt8(place % width == image % width ? 200 + place / width : ground)
      }
    }
    return try ImageSet(bytes: bytes, channels: channels, height: height, width: width)
  }

  private static func array(_ images: ImageSet) throws -> Data {
    let numbers = images.flatMap { $0 }
    if images.channels == 1 {
      return try NPYArray(values: numbers, shape: [images.count, images.height, images.width]).data()
    }
    let shape = [images.count, images.channels, images.height, images.width]
    return try NPYArray(values: numbers, shape: shape).data()
  }

  /// Gives a folder with pictures as `p.npy`, and a model of them as `m.safetensors`.
  private func withModel(channels: Int = 1, _ body: (Tool, URL, TrainedDiffusion) throws -> Void) throws {
    try withFolder { folder in
      try Self.array(Self.bars(40, channels: channels)).write(to: folder.appendingPathComponent("p.npy"))
      let run = Tool(folder: folder)
      let outcome = try run("train", "p.npy", "--steps", "30", "-o", "m.safetensors")
      #expect(outcome.status == 0, "\(outcome.errors)")
      let trained = try TrainedDiffusion(contentsOf: folder.appendingPathComponent("m.safetensors"))
      try body(run, folder, trained)
    }
  }

  @Test func trainsOnBytes() throws {
    try withFolder { folder in
      let run = Tool(folder: folder)
      try Self.array(Self.bars(40)).write(to: folder.appendingPathComponent("p.npy"))
      let outcome = try run("train", "p.npy", "--quick")
      #expect(outcome.status == 0, "\(outcome.errors)")
      #expect(outcome.output.hasPrefix("40 pictures of 6 x 5 with 1 channel, bytes\n"))
      for part in ["bits/dim", "bits a pixel", "beta_1 = 1e-05", "on 4 pictures kept apart", "wrote model.safetensors"]
      {
        #expect(outcome.output.contains(part), "\(outcome.output)")
      }
      let trained = try TrainedDiffusion(contentsOf: folder.appendingPathComponent("model.safetensors"))
      #expect(trained.definition.image == ImageShape(width: 6, height: 5) && trained.trainingSteps == 20)
      // One mean and one deviation for all pixels.
      #expect(Set(trained.scaling.mean).count == 1 && Set(trained.scaling.scale).count == 1)
    }
  }

  /// Bytes are the same however they are stored: one seed gives one model.
  @Test func formatsAreEqual() throws {
    try withFolder { folder in
      let images = try Self.bars(12)
      let pictures = folder.appendingPathComponent("pictures")
      try FileManager.default.createDirectory(at: pictures, withIntermediateDirectories: true)
      for image in images.indices {
        let name = image < 10 ? "0\(image)" : "\(image)"
        try images.write(png: pictures.appendingPathComponent("\(name).png"), image: image)
      }
      try Data("notes\n".utf8).write(to: pictures.appendingPathComponent("notes.txt"))
      try Self.array(images).write(to: folder.appendingPathComponent("p.npy"))
      let fractions = images.flatMap { row in row.map { $0 / 255 } }
      try NPYArray(values: fractions, shape: [12, 5, 6]).write(to: folder.appendingPathComponent("f.npy"))
      let run = Tool(folder: folder)
      var bits: [Double?] = []
      for name in ["p.npy", "f.npy", "pictures"] {
        let outcome = try run("train", name, "--quick", "--json")
        #expect(outcome.status == 0, "\(outcome.errors)")
        #expect(outcome.errors.contains("passed over notes.txt") == (name == "pictures"), "\(outcome.errors)")
        bits.append(try outcome.object()["bits"] as? Double)
      }
      #expect(bits[0] != nil && Set(bits).count == 1, "\(bits)")
      let piped = try run.shell("cat p.npy | $0 train - --quick --json")
      #expect(try piped.object()["bits"] as? Double == bits[0], "\(piped.errors)")
      // Two axes are a table.
      try NPYArray(values: fractions, shape: [12, 30]).write(to: folder.appendingPathComponent("t.npy"))
      let table = try run("train", "t.npy", "--quick")
      #expect(table.status == 0 && table.output.hasPrefix("12 rows of\n"), "\(table.errors)")
    }
  }

  /// Black and white are bits, of which fair ones have 1 bit a pixel at every size, whatever is padded.
  @Test func fairBits() throws {
    try withFolder { folder in
      var stream = RandomStream(seed: 3, purpose: "fair bits")
      let (count, height, width) = (200, 3, 7)
      let numbers = (0..<count * height * width).map { _ in Bool.random(using: &stream) ? 255.0 : 0 }
      try NPYArray(values: numbers, shape: [count, height, width]).write(to: folder.appendingPathComponent("b.npy"))
      let run = Tool(folder: folder)
      let object = try run("train", "b.npy", "--steps", "5", "--json").object()
      let perPixel = try #require(object["bits_per_pixel"] as? Double)
      // The true model has -1, and no model has more on average.
      #expect(perPixel > -1.05 && perPixel < -0.98, "\(perPixel)")
      #expect(object["bits_per_dim"] == nil)
      let sampled = try run("sample", "model.safetensors", "-c", "3", "-o", "s.npy")
      #expect(sampled.status == 0, "\(sampled.errors)")
      let array = try NPYArray(contentsOf: folder.appendingPathComponent("s.npy"))
      #expect(array.shape == [3, 3, 7] && array.values.allSatisfy { $0 == 0 || $0 == 1 })
      let bound = try run("bound", "model.safetensors", "b.npy")
      #expect(bound.status == 0 && bound.output.hasPrefix("bits,bits_per_pixel\n"), "\(bound.errors)")
    }
  }

  @Test func samples() throws {
    try withModel(channels: 3) { run, folder, trained in
      let expected = try trained.sample(4, seed: 9)
      #expect(try run("sample", "m.safetensors", "-c", "4", "--seed", "9", "-o", "s.npy").status == 0)
      let array = try NPYArray(contentsOf: folder.appendingPathComponent("s.npy"))
      #expect(array.shape == [4, 5, 6, 3])
      for (picture, channel, row, column) in [(0, 0, 0, 0), (3, 2, 4, 5), (1, 1, 2, 3)] {
        let place = ((picture * 5 + row) * 6 + column) * 3 + channel
        let number: Double = expected[picture][(channel * 5 + row) * 6 + column]
        #expect(array.values[place] == number)
      }
      // Two rows of two, each pixel drawn 8 by 8, with a gap of one pixel.
      #expect(try run("sample", "m.safetensors", "-c", "4", "--seed", "9", "-o", "s.png").status == 0)
      let sheet = try ImageSet(contentsOf: folder.appendingPathComponent("s.png"))
      #expect(sheet.count == 1 && sheet.shape == ImageShape(width: 97, height: 81, channels: 3))
      // Level b reaches from b to b + 1.
      let level: Double = min(255, max(0, expected[0][0].rounded(.down)))
      #expect(sheet[0][0] == level)
      let wide = try run("sample", "m.safetensors", "-c", "2", "--columns", "1", "--size", "9x4", "-o", "w.png")
      #expect(wide.status == 0, "\(wide.errors)")
      let other = try ImageSet(contentsOf: folder.appendingPathComponent("w.png"))
      #expect(other.height == 57 && other.width == 63)
    }
  }

  @Test func scores() throws {
    try withModel { run, _, trained in
      let bound = try trained.lowerBound(on: Dequantised(Self.bars(40)), seed: 4)
      let outcome = try run("bound", "m.safetensors", "p.npy", "--seed", "4")
      #expect(outcome.status == 0, "\(outcome.errors)")
      let numbers = try outcome.numbers()
      #expect(numbers.columns == ["bits", "bits_per_pixel", "bits_per_dim"])
      let bits: [Double] = stride(from: 0, to: numbers.rows.count, by: 3).map { numbers.rows[$0] }
      #expect(bits == bound.rowBits)
      let perPixel: Double = bits[0] / 30
      #expect(abs(numbers.rows[2] + perPixel) < 1e-9)
      #expect(abs(numbers.rows[1] - perPixel) < 1e-9)
      #expect(outcome.errors.contains("bits/dim") && outcome.errors.contains("beta_1 = 1e-05"))
      let exact = try run("logprob", "m.safetensors", "p.npy", "--trajectories", "4")
      #expect(exact.output.hasPrefix("bits,standard_error,effective_sample_size,bits_per_pixel,bits_per_dim\n"))
    }
  }

  /// White in the mask is the hole; what is black comes out as it was given.
  @Test func fillsAHole() throws {
    try withModel { run, folder, _ in
      let picture = try Self.bars(8).images(at: [7])
      try picture.write(png: folder.appendingPathComponent("p.png"))
      // The two columns on the right, just white enough; the others just not.
      let mask = (0..<30).map { UInt8($0 % 6 >= 4 ? 128 : 127) }
      try ImageSet(bytes: mask, height: 5, width: 6).write(png: folder.appendingPathComponent("mask.png"))
      let fill = ["posterior", "m.safetensors", "--picture", "p.png", "--mask", "mask.png", "--particles", "16"]
      let outcome = try Executable("diffusion").run(fill + ["-c", "3", "-o", "f.npy"], in: folder)
      #expect(outcome.status == 0, "\(outcome.errors)")
      #expect(outcome.errors.contains("20 of 30 pixels known"), "\(outcome.errors)")
      #expect(outcome.errors.contains("effective sample size"))
      let array = try NPYArray(contentsOf: folder.appendingPathComponent("f.npy"))
      #expect(array.shape == [3, 5, 6])
      var isFilled = false
      for place in 0..<90 {
        let given = picture[0][place % 30]
        if place % 6 < 4 {
          #expect(array.values[place] == given)
        } else {
          isFilled = isFilled || array.values[place] != given
        }
      }
      #expect(isFilled)
      let drawn = try Executable("diffusion").run(fill + ["-c", "3", "--columns", "4", "-o", "f.png"], in: folder)
      #expect(drawn.status == 0, "\(drawn.errors)")
      let sheet = try ImageSet(contentsOf: folder.appendingPathComponent("f.png"))
      // The picture with its hole and 3 completions.
      #expect(sheet.height == 40 && sheet.width == 195)
      let drawnNumbers: [Double] = sheet[0]
      let corner: Double = picture[0][0]
      #expect(drawnNumbers[0] == corner)
      #expect(drawnNumbers[47] == 127)
      #expect(drawnNumbers[49] == corner)
      let small = try ImageSet(bytes: [0, 255], height: 1, width: 2)
      try small.write(png: folder.appendingPathComponent("small.png"))
      for (name, words) in [
        ("small.png", "the mask is 2 x 1, and the picture is 6 x 5"), ("black.png", "the mask is black all over"),
      ] {
        try ImageSet(bytes: Array(repeating: 0, count: 30), height: 5, width: 6)
          .write(png: folder.appendingPathComponent("black.png"))
        let refused = try run("posterior", "m.safetensors", "--picture", "p.png", "--mask", name)
        #expect(refused.status == 65 && refused.errors.contains(words), "\(refused.errors)")
      }
      let size = try run("posterior", "m.safetensors", "--picture", "small.png", "--mask", "mask.png")
      #expect(size.status == 65 && size.errors.contains("pictures of 2 x 1 with 1 channel"), "\(size.errors)")
    }
  }

  @Test func inspects() throws {
    try withModel { run, _, trained in
      let text = try run("inspect", "m.safetensors").output
      #expect(text.contains("pictures of 6 x 5 with 1 channel, bytes"))
      #expect(text.contains("MultiScaleConvolution  network.1  [20, 5, 6]"))
      let layers = try #require(run("inspect", "m.safetensors", "--json").object()["layers"] as? [[String: Any]])
      let found: [Double] = layers.compactMap { $0["multiply_adds"] as? Double }
      let expected: [Double] = trained.layers.map { Double($0.multiplyAdds) }
      #expect(found == expected)
    }
  }

  @Test func failures() throws {
    try withModel { run, folder, _ in
      try Data("a,b\n1,2.5\n2,3.5\n0,1.5\n3,4.25\n".utf8).write(to: folder.appendingPathComponent("t.csv"))
      try Data([0xFF, 0xD8, 0xFF, 0xE0]).write(to: folder.appendingPathComponent("j.png"))
      try Data([1, 0, 200, 0, 7, 254]).write(to: folder.appendingPathComponent("binary"))
      try Data("%PDF-1.4 \u{0}".utf8).write(to: folder.appendingPathComponent("d"))
      try NPYArray(values: Array(repeating: 1, count: 54), shape: [2, 3, 3, 3])
        .write(to: folder.appendingPathComponent("axes.npy"))
      try Self.bars(1).write(png: folder.appendingPathComponent("one.png"))
      #expect(try run("train", "t.csv", "--quick", "-o", "t.safetensors").status == 0)
      let cases: [(arguments: [String], status: Int32, words: String)] = [
        (["train", "p.npy", "--schema", "x0=none"], 64, "--schema is for columns of a table"),
        (["train", "t.csv", "--entry", "x"], 64, "--channel-axis and --entry are for pictures"),
        (["train", "t.csv", "t.csv"], 65, "is no picture"),
        (["train", "j.png"], 65, "is a JPEG picture, which cannot be read: convert it to PNG"),
        (["train", "binary"], 65, "is binary data of no kind that is known"),
        (["train", "d"], 65, "is a PDF document"),
        (["train", "one.png"], 65, "is one picture"),
        (["train", "axes.npy"], 65, "say which with --channel-axis first"),
        (["sample", "t.safetensors", "-o", "s.png"], 65, "has no pictures"),
        (["sample", "t.safetensors", "--size", "3x3"], 64, "--size is for models of pictures"),
        (["sample", "m.safetensors", "--size", "3x"], 64, "--size"),
        (["bound", "m.safetensors", "p.npy", "-o", "b.png"], 65, "a PNG cannot show"),
        (["posterior", "t.safetensors", "--picture", "one.png", "--mask", "one.png"], 65, "needs a model of pictures"),
        (["posterior", "m.safetensors", "--picture", "one.png"], 64, "belong together"),
      ]
      for (arguments, status, words) in cases {
        let outcome = try Executable("diffusion").run(arguments, in: folder)
        #expect(outcome.status == status, "\(arguments): \(outcome.errors)")
        #expect(outcome.errorLines.last?.contains(words) == true, "\(arguments): \(outcome.errors)")
        #expect(outcome.errorLines.count == 1 && outcome.output == "", "\(arguments): \(outcome.errors)")
      }
    }
  }
}
