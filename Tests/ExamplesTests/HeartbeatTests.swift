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
