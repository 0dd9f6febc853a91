import DiffusionDSL
import Foundation
import Testing

@testable import heartbeat

/// What the heartbeat example computes by itself, without training.
@Suite struct HeartbeatTests {
  struct Reference: Decodable {
    let steps: Int
    let paper: Double
    let learned: Double
  }

  /// References/heartbeat_best.py, which sums over all 2^20 states at small T and over counts at T = 2000.
  static let references = Result {
    let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("References")
    return try JSONDecoder().decode(
      [Reference].self, from: Data(contentsOf: folder.appendingPathComponent("heartbeat_best.json")))
  }

  @Test func theBestPossibleBoundIsTheReferences() throws {
    let references = try Self.references.get()
    #expect(references.map(\.steps) == [2, 5, 20, 2_000])
    for reference in references {
      let paper = BestPossible(steps: reference.steps, learnsLastStep: false).bits
      let learned = BestPossible(steps: reference.steps, learnsLastStep: true).bits
      #expect(abs(paper - reference.paper) < 1e-8, "T = \(reference.steps): \(paper)")
      #expect(abs(learned - reference.learned) < 1e-8, "T = \(reference.steps): \(learned)")
      #expect(paper < learned && learned < Heartbeat.negativeEntropy)
    }
  }

  @Test func theSequencesAreThePapers() throws {
    #expect(Heartbeat.sequences.count == 5 && Heartbeat.sequences.allSatisfy { $0.count == 20 })
    for (phase, sequence) in Heartbeat.sequences.enumerated() {
      #expect(sequence.reduce(0, +) == 4)
      #expect(Heartbeat.phase(of: sequence) == phase)
      for bin in 5..<20 { #expect(sequence[bin] == sequence[bin - 5]) }
    }
    var broken = Heartbeat.sequences[2]
    broken[0] = 1 - broken[0]
    #expect(Heartbeat.phase(of: broken) == nil)
    #expect(try Heartbeat.rows(12)[11] == Heartbeat.sequences[1])
  }

  @Test func samplesAreCountedByPhase() throws {
    let rows = (0..<100).map { Heartbeat.sequences[$0 % 4] } + [Array(repeating: 0.0, count: 20)]
    let check = SampleCheck(rows)
    #expect(check.counts == [25, 25, 25, 25, 0])
    #expect(check.exact == 100 && check.total == 101)
    // Chi-square 25 with four degrees of freedom.
    #expect(abs(check.unevenness / 5.030980e-5 - 1) < 1e-4)
  }
}

@Suite struct HeartbeatExampleTests {
  @Test(arguments: [(ReadoutChoice.bumps, LastStepChoice.learned), (.perStep, .paper)])
  func aShortRun(_ readout: ReadoutChoice, _ lastStep: LastStepChoice) throws {
    try withFolder { folder in
      let outcome = try Executable("heartbeat").run(
        ["--quick", "--json", "--readout", readout.rawValue, "--last-step", lastStep.rawValue, "--steps", "200"],
        in: folder)
      #expect(outcome.status == 0, "\(outcome.errors)")
      let object = try #require(
        JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? [String: Any])
      #expect(
        Set(object.keys) == [
          "K_bits", "K_standard_error", "K_minus_null_bits", "best_possible_bits", "exact_samples", "of", "readout",
          "last_step", "steps", "seed", "quick", "seconds",
        ])
      let help = try Executable("heartbeat").run(["--help"], in: folder).output
      for key in object.keys { #expect(help.contains(key), "\(key) is not explained") }
      #expect(object["readout"] as? String == readout.rawValue && object["last_step"] as? String == lastStep.rawValue)
      let bound = try #require(object["K_bits"] as? Double)
      let best = try #require(object["best_possible_bits"] as? Double)
      let overNull = try #require(object["K_minus_null_bits"] as? Double)
      // L_null of these sequences: each has four bits of chance 0.2 and sixteen of 0.8.
      #expect(abs(bound - overNull - (4 * log2(0.2) + 16 * log2(0.8))) < 1e-4)
      #expect(bound > -16 && bound < best && abs(best - (lastStep == .paper ? -2.368335 : -2.324398)) < 1e-6)
      let output = folder.appendingPathComponent("output/heartbeat")
      let files = try FileManager.default.contentsOfDirectory(atPath: output.path)
      let model = try TrainedDiffusion(contentsOf: output.appendingPathComponent("heartbeat.safetensors"))
      #expect(model.definition.reverse.lastStep == lastStep.lastStep && model.steps == 2_000)
      // Without gnuplot the figures' data are there instead.
      for figure in ["figure2", "entropies", "posterior", "training"] {
        #expect(files.contains("\(figure).png") && files.contains("\(figure).svg") || files.contains("\(figure).csv"))
      }
    }
  }

  @Test func wrongUsageIsSaid() throws {
    try withFolder { folder in
      for arguments in [["--steps", "0"], ["--readout", "none"], ["--last-step", "first"], ["--what"]] {
        let outcome = try Executable("heartbeat").run(arguments, in: folder)
        #expect(outcome.status == 64 && outcome.errorLines.count == 1, "\(arguments): \(outcome.errors)")
      }
    }
  }
}
