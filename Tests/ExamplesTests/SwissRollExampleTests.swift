import DiffusionDSL
import Foundation
import Testing

@testable import ExampleSupport
@testable import swiss_roll

@Suite struct SwissRollExampleTests {
  private func run(_ arguments: [String], _ body: (Executable.Outcome, URL) throws -> Void) throws {
    try withFolder { folder in
      try body(Executable("swiss-roll").run(arguments, in: folder), folder)
    }
  }

  /// What the example is for, in full: an independent program reached -2.20 with this model. Then the roll given its
  /// first coordinate, whose branches have the masses that a million of the model's own samples nearby have.
  @Test func thePapersNetworkReachesItsBound() throws {
    let borders = SwissRoll(noise: 0.05).borders(at: Query.observed)
    #expect(borders == borders.sorted() && borders.count == 3)
    try run(["--json", "--output", "roll"]) { outcome, folder in
      #expect(outcome.status == 0, "\(outcome.errors)")
      let object = try #require(JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? [String: Any])
      let bound = try #require(object["K_bits"] as? Double)
      let ceiling = try #require(object["ceiling_bits"] as? Double)
      let error = try #require(object["K_standard_error"] as? Double)
      #expect(bound > -2.2 && bound < ceiling && error < 0.01)
      let model = try TrainedDiffusion(contentsOf: folder.appendingPathComponent("roll/swiss-roll.safetensors"))
      let branches = try SwissRollExample.parse([]).study.query(model).branches
      #expect(abs(branches.reduce(0) { $0 + $1.posterior.value } - 1) < 1e-9)
      for branch in branches { #expect(abs(branch.posterior.value - branch.near) < 0.03, "\(branch)") }
    }
  }

  @Test func aShortRunOfThePapersNetwork() throws {
    try run(["--quick", "--steps", "60", "--json"]) { outcome, folder in
      #expect(outcome.status == 0, "\(outcome.errors)")
      let object = try #require(
        JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? [String: Any])
      #expect(
        Set(object.keys) == [
          "K_bits", "K_standard_error", "null_bits", "negative_entropy_bits", "ceiling_bits", "beta_1", "steps",
          "network", "noise", "seed", "quick", "seconds",
        ])
      #expect(object["noise"] as? Double == 0.05 && object["seed"] as? Int == 1 && object["quick"] as? Bool == true)
      for key in object.keys { #expect(Report.help.contains(key), "\(key) is not explained") }
      #expect(object["network"] as? String == "paper" && object["steps"] as? Int == 60)
      #expect(object["beta_1"] as? Double == 1e-3)
      let bound = try #require(object["K_bits"] as? Double)
      let error = try #require(object["K_standard_error"] as? Double)
      let ceiling = try #require(object["ceiling_bits"] as? Double)
      let entropy = try #require(object["negative_entropy_bits"] as? Double)
      #expect(bound.isFinite && bound < ceiling + 5 * error && ceiling < entropy)
      // L_null is -log2(2 pi e) on data of unit variance.
      let null = try #require(object["null_bits"] as? Double)
      #expect(abs(null + 4.094) < 0.2)
      let output = folder.appendingPathComponent("output/swiss-roll")
      let files = try FileManager.default.contentsOfDirectory(atPath: output.path)
      let model = try TrainedDiffusion(contentsOf: output.appendingPathComponent("swiss-roll.safetensors"))
      #expect(model.definition == Network.paper.definition(firstVariance: 1e-3, floor: 0))
      // Without gnuplot the figures' data are there instead.
      for figure in ["figure1", "training", "samples", "posterior"] {
        #expect(files.contains("\(figure).png") && files.contains("\(figure).svg") || files.contains("\(figure).csv"))
      }
    }
  }

  @Test func wordsForPeople() throws {
    try run(["--quick", "--steps", "5", "--noise", "0", "--output", "here", "--seed", "3"]) { outcome, folder in
      #expect(outcome.status == 0, "\(outcome.errors)")
      for words in [
        "beta_1 = 1e-05", "fixed last step", "K - L_null", "2.35", "6.45", "2.600", "infinite", "5 steps of", "below",
      ] {
        #expect(outcome.output.contains(words), "\(words) is not in \(outcome.output)")
      }
      #expect(outcome.output.split(separator: "\n").allSatisfy { $0.count <= 110 })
      #expect(FileManager.default.fileExists(atPath: folder.appendingPathComponent("here").path))
    }
  }

  @Test func wrongUse() throws {
    for arguments in [
      ["--network", "other"], ["--noise", "-1"], ["--noise", "nan"], ["--beta1", "0"], ["--beta1", "1"],
      ["--steps", "0"], ["--steps", "-5"], ["--threads", "0"], ["--threads", "100000"], ["--nonsense"], ["file"],
    ] {
      try run(arguments) { outcome, _ in
        #expect(outcome.status == 64 && outcome.output == "", "\(arguments)")
        #expect(outcome.errorLines.count == 1 && !outcome.errors.contains("Missing"), "\(outcome.errors)")
        #expect(!outcome.errors.contains(". see"), "\(outcome.errors)")
      }
    }
  }

  @Test func axesShowAllPointsUnlessAFewAreFarOut() {
    let usual = (0..<1_000).map { sin(Double($0)) * 2 }
    #expect(Study.reach([usual, [-2.6]]) == 1.05 * 2.6)
    let far = Study.reach([usual, [400]])
    #expect(far > 2 && far < 3.2)
    #expect(Study.reach([[], [.nan]]) == 1)
  }

  @Test func directoriesThatCannotBeWritten() throws {
    try run(["--quick", "--output", "/dev/null/x"]) { outcome, _ in
      #expect(outcome.status == 1 && outcome.output == "")
      #expect(outcome.errors.contains("/dev/null/x") && outcome.errorLines.count == 1, "\(outcome.errors)")
    }
  }

  @Test func help() throws {
    try run(["--help"]) { outcome, _ in
      #expect(outcome.status == 0 && outcome.errors == "")
      for words in ["USAGE", "--network", "--noise", "--beta1", "--steps", "--seed", "--quick", "paper, best, deep"] {
        #expect(outcome.output.contains(words), "\(words)")
      }
    }
  }

  @Test func anInterruptionStopsTheWork() throws {
    try withFolder { folder in
      let run = try Executable("swiss-roll").start(["--steps", "10000000"], in: folder)
      try run.waitForOutput()
      run.process.interrupt()
      let end = try run.outcome()
      #expect(end.status == 130, "\(end.errors)")
      // Nothing was to be written yet.
      #expect(!FileManager.default.fileExists(atPath: folder.appendingPathComponent("output").path))
      #expect(end.errors.contains("interrupted"))
    }
  }

  private func study(_ arguments: [String]) throws -> Study {
    try SwissRollExample.parse(arguments).study
  }

  @Test func studies() throws {
    let usual = try study([])
    #expect(usual.network == .paper && usual.firstVariance == 1e-3 && usual.definition.steps == 40)
    #expect(usual.recipe == Network.paper.recipe && !usual.isFloored)
    let best = try study(["--network", "best"])
    #expect(best.firstVariance == 1e-3 && best.definition.steps == 40 && best.ceiling == usual.ceiling)
    #expect(best.definition.reverse.lastStep == .paper)
    let deep = try study(["--network", "deep", "--steps", "7"])
    #expect(deep.definition.steps == 1_000 && deep.recipe.steps == 7)
    #expect(deep.definition.reverse.lastStep == .learned(floor: 0))
    #expect(deep.ceiling == deep.negativeEntropy && !deep.isFloored)
    #expect(usual.recipe.quick.steps < usual.recipe.steps)
  }

  @Test func aLearnedLastStepOnNoiseFreeDataIsFloored() throws {
    let deep = try study(["--network", "deep", "--noise", "0", "--beta1", "1e-4"])
    #expect(deep.isFloored && deep.ceiling == nil)
    #expect(deep.definition.reverse.lastStep == .learned(floor: 1e-4))
    #expect(Network.best.usualFirstVariance(noise: 0) == 1e-5)
  }
}
