import DiffusionDSL
import DiffusionIO
import ExampleSupport
import Foundation
import ProgramTesting
import Testing

/// The examples that train models of pictures, as programs.
@Suite struct PictureExamplesTests {
  static let keys: Set<String> = [
    "K_bits_per_pixel", "K_standard_error", "K_minus_null_bits_per_pixel", "bits_per_dim", "beta_1",
    "baseline_bits_per_pixel", "K_bits_per_pixel_at_paper_beta_1", "paper_beta_1",
    "baseline_bits_per_pixel_at_paper_beta_1", "paper_K", "paper_K_minus_null", "images_per_second", "seconds", "steps",
    "network", "schedule", "data", "seed", "quick",
  ]
  static let denoisingKeys: Set<String> = [
    "psnr_noisy", "psnr_draw", "psnr_mean", "psnr_draw_perturbed", "psnr_mean_perturbed", "psnr_bm3d", "psnr_nl_means",
  ]

  /// Whether each key stands as a word in what help says of the JSON.
  private func check(_ help: String, explains keys: Set<String>) {
    let text = help.components(separatedBy: "JSON:").dropFirst().joined()
    let words = Set(text.split { !($0.isLetter || $0.isNumber || $0 == "_") }.map(String.init))
    for key in keys { #expect(words.contains(key), "\(key) is not explained") }
  }

  /// The bound and the baseline at both beta_1.
  private func checkScores(_ report: [String: Any], paperVariance: Double) throws {
    for key in [
      "K_bits_per_pixel", "K_standard_error", "baseline_bits_per_pixel", "K_bits_per_pixel_at_paper_beta_1",
      "baseline_bits_per_pixel_at_paper_beta_1",
    ] {
      #expect(try #require(report[key] as? Double, "\(key)").isFinite)
    }
    // The nearest of the 50 steps of a quick run.
    let variance = try #require(report["paper_beta_1"] as? Double)
    #expect(abs(log(variance / paperVariance)) < 0.3, "\(variance)")
  }

  private func object(_ text: String) throws -> [String: Any] {
    try #require(JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
  }

  @Test func deadLeavesNeedNoData() throws {
    try withFolder { folder in
      let arguments = ["--quick", "--json", "--network", "paper", "--steps", "10"]
      let outcome = try Executable("dead-leaves").run(arguments, in: folder)
      #expect(outcome.status == 0, "\(outcome.errors)")
      let first = try object(outcome.output)
      #expect(Set(first.keys) == Self.keys)
      check(try Executable("dead-leaves").run(["--help"], in: folder).output, explains: Self.keys)
      try checkScores(first, paperVariance: 2e-3)
      #expect(first["beta_1"] as? Double == 1e-5 && first["steps"] as? Int == 10)
      let output = folder.appendingPathComponent("output/dead-leaves")
      for (name, width, height) in [
        ("samples", 8 * 65 - 1, 4 * 65 - 1), ("samples-128", 3 * 129 - 1, 3 * 129 - 1), ("samples-256", 513, 256),
      ] {
        let sheet = try ImageSet(contentsOf: output.appendingPathComponent("\(name).png"))
        #expect(sheet.width == width && sheet.height == height, "\(name): \(sheet)")
      }
      let model = try TrainedDiffusion(contentsOf: output.appendingPathComponent("dead-leaves.safetensors"))
      #expect(model.trainingSteps == nil && model.dimensions == 1_024)
      // Nothing is left to do, so that the same model is scored again.
      let again = try object(try Executable("dead-leaves").run(arguments + ["--resume"], in: folder).output)
      #expect(again["K_bits_per_pixel"] as? Double == first["K_bits_per_pixel"] as? Double)
      #expect(again["images_per_second"] is NSNull)
    }
  }

  @Test func theModelThatComesWithDeadLeavesIsTrained() throws {
    try withFolder { folder in
      let outcome = try Executable("dead-leaves").run(["--pretrained", "--quick", "--json"], in: folder)
      #expect(outcome.status == 0, "\(outcome.errors)")
      let report = try object(outcome.output)
      #expect(Set(report.keys) == Self.keys && report["K_bits_per_pixel"] is NSNull)
      let sheet = try ImageSet(
        contentsOf: folder.appendingPathComponent("output/dead-leaves/samples-256.png"))
      #expect(sheet.width == 513 && sheet.height == 256)
      // Leaves are flat: neighbours differ little, but for edges; of a model that is not trained nearly all differ much.
      let pixels = sheet[0]
      var differences: [Double] = []
      for row in 0..<256 {
        for column in 258..<513 { differences.append(abs(pixels[row * 513 + column] - pixels[row * 513 + column - 1])) }
      }
      differences.sort()
      #expect(differences[differences.count / 2] < 16, "\(differences[differences.count / 2])")
    }
  }

  /// Goes on where a killed process stood.
  @Test func aKilledTrainingGoesOn() throws {
    try withFolder { folder in
      let arguments = ["--quick", "--json", "--network", "paper", "--steps", "90"]
      let checkpoint = folder.appendingPathComponent("output/dead-leaves/checkpoint.safetensors")
      let killed = try Executable("dead-leaves").start(arguments, in: folder)
      while killed.process.isRunning, !FileManager.default.fileExists(atPath: checkpoint.path) { usleep(1_000) }
      kill(killed.process.processIdentifier, SIGKILL)
      _ = try killed.outcome()
      #expect(try TrainedDiffusion(contentsOf: checkpoint).trainingSteps == 50)
      let resumed = try Executable("dead-leaves").run(arguments + ["--resume"], in: folder)
      #expect(resumed.status == 0 && resumed.errors.contains("goes on") == false, "\(resumed.errors)")
      let whole = try Executable("dead-leaves").run(arguments + ["--output", "whole"], in: folder)
      let (first, second) = (try object(resumed.output), try object(whole.output))
      #expect(first["K_bits_per_pixel"] as? Double == second["K_bits_per_pixel"] as? Double)
      // Pictures of the other law are other data.
      let other = try Executable("dead-leaves").run(arguments + ["--resume", "--law", "fine"], in: folder)
      #expect(other.status == 65 && other.errors.contains("other pictures"), "\(other.errors)")
    }
  }

  /// Batches of made-up colour pictures.
  static func write(to folder: URL) throws {
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    for (name, count) in [("data_batch_1.bin", 120), ("test_batch.bin", 30)] {
      var bytes: [UInt8] = []
      for picture in 0..<count {
        bytes.append(0)
        for place in 0..<3_072 {
          let gray: Int = 60 + picture % 7 * 20 + place % 32 * 3 + place * 7 % 11
          bytes.append(UInt8(gray % 256))
        }
      }
      try Data(bytes).write(to: folder.appendingPathComponent(name))
    }
  }

  @Test func photographsAreScoredAndDenoised() throws {
    try withFolder { folder in
      try Self.write(to: folder.appendingPathComponent("batches"))
      let arguments = ["--quick", "--json", "--network", "paper", "--steps", "5"]
      let outcome = try Executable("natural-images").run(arguments + ["--folder", "batches"], in: folder)
      #expect(outcome.status == 0, "\(outcome.errors)")
      let report = try object(outcome.output)
      let keys = Self.keys.union(Self.denoisingKeys)
      #expect(Set(report.keys) == keys)
      check(try Executable("natural-images").run(["--help"], in: folder).output, explains: keys)
      try checkScores(report, paperVariance: 2e-3)
      let (bits, scaled) = (
        try #require(report["bits_per_dim"] as? Double), try #require(report["psnr_noisy"] as? Double)
      )
      #expect(bits > 0 && bits < 12 && scaled > 5 && scaled < 40)
      let sheet = try ImageSet(
        contentsOf: folder.appendingPathComponent("output/natural-images/denoising.png"))
      #expect(sheet.width == 4 * 97 - 1 && sheet.height == 6 * 97 - 1 && sheet.channels == 3)
    }
  }

  static let holeKeys: Set<String> = [
    "hole_energy_score", "hole_energy_score_paper", "hole_energy_score_carried", "hole_energy_score_guided",
    "hole_energy_score_twisted", "hole_energy_score_biharmonic", "hole_energy_score_telea",
    "hole_energy_score_gaussian", "hole_energy_score_patchmatch", "hole_energy_score_crops", "holes",
  ]

  @Test func aTextureIsScoredAndItsHoleFilled() throws {
    try withFolder { folder in
      var bytes: [UInt8] = []
      for place in 0..<480 * 120 {
        let gray: Int = 90 + place % 480 % 9 * 10 + place / 480 * 13 % 31 + place * 7 % 11
        bytes.append(UInt8(gray))
      }
      try ImageSet(bytes: bytes, height: 120, width: 480).write(png: folder.appendingPathComponent("texture.png"))
      let arguments = ["--quick", "--json", "--network", "paper", "--steps", "5", "--picture", "texture.png"]
      let outcome = try Executable("bark").run(arguments, in: folder)
      #expect(outcome.status == 0, "\(outcome.errors)")
      let report = try object(outcome.output)
      let keys = Self.keys.union(Self.holeKeys)
      #expect(Set(report.keys) == keys && report["data"] as? String == "texture.png")
      check(try Executable("bark").run(["--help"], in: folder).output, explains: keys)
      try checkScores(report, paperVariance: 3e-3)
      let energy = try #require(report["hole_energy_score"] as? Double)
      #expect(energy > 0 && energy == report["hole_energy_score_carried"] as? Double)
      #expect(try #require(report["hole_energy_score_paper"] as? Double) > 0 && report["holes"] as? Int == 1)
      let sheet = try ImageSet(contentsOf: folder.appendingPathComponent("output/bark/inpainting.png"))
      #expect(sheet.width >= 3 * 121 - 1 && sheet.height >= 4 * 121 - 1, "\(sheet)")
    }
  }

  @Test func whatIsWrongIsSaidInOneSentence() throws {
    try withFolder { folder in
      for (program, arguments, status) in [
        ("dead-leaves", ["--steps", "0"], 64), ("dead-leaves", ["--law", "autumn"], 64),
        ("dead-leaves", ["--pretrained", "--resume"], 64), ("dead-leaves", ["--quick", "--resume"], 65),
        ("natural-images", ["--quick", "--folder", "nowhere"], 65), ("natural-images", ["--data", "mnist"], 64),
        ("natural-images", ["--pretrained", "--data", "patches"], 64), ("bark", ["--pretrained", "--steps", "9"], 64),
        ("bark", ["--pretrained", "--picture", "mine.png"], 65), ("bark", ["--pretrained", "--bark", "mossy"], 64),
        ("dead-leaves", ["--pretrained", "--law", "fine"], 64),
      ] as [(String, [String], Int32)] {
        let outcome = try Executable(program).run(arguments, in: folder)
        #expect(outcome.status == status && outcome.errorLines.count == 1, "\(arguments): \(outcome.errors)")
      }
      // A file that ends too early, and pictures of another size.
      let broken = folder.appendingPathComponent("broken")
      try Self.write(to: broken)
      try Data([1, 2, 3]).write(to: broken.appendingPathComponent("test_batch.bin"))
      let outcome = try Executable("natural-images").run(["--quick", "--folder", "broken"], in: folder)
      #expect(outcome.status == 65 && outcome.errorLines.count == 1, "\(outcome.errors)")
    }
  }
}
