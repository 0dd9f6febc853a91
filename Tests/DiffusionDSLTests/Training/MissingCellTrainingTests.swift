import DiffusionDSL
import Foundation
import Testing

/// Training on rows with missing cells, against training on the same rows complete and on those that are complete.
@Suite struct MissingCellTrainingTests {
  private static let kind = Category("kind", of: ["a", "b", "c"])
  private static let mark = Binary("mark")
  private static let x = Continuous("x")
  private static let y = Continuous("y")

  private static let definition = Diffusion {
    ProductKernel {
      kind
      mark
      x
      y
    }
    ConstantErasure(steps: 20)
    ReverseNetwork(mean: .noise, lastStep: .learned()) {
      Parallel {
        Dense(7)
        Dense(24, activation: .silu)
      }
      Readout(.bumps(5))
    }
  }

  /// x follows the kind, y follows x, and the mark follows y.
  private static func rows(_ count: Int, seed: UInt64) -> [[Double?]] {
    var stream = RandomStream(seed: seed, purpose: "rows")
    return (0..<count).map { _ in
      let kind = Double(Int.random(in: 0..<3, using: &stream))
      let x = 2 * (kind - 1) + 0.5 * Double(stream.nextNormal())
      let y = 0.8 * x + 0.5 * Double(stream.nextNormal())
      let chance = 1 / (1 + exp(-3 * y))
      return [kind, Double.random(in: 0..<1, using: &stream) < chance ? 1 : 0, x, y]
    }
  }

  /// Each cell is missing with a chance of 0.3, whatever it or the others are.
  @Test func littleIsLostWhereThirtyPercentAreMissing() async throws {
    let complete = Self.rows(300, seed: 1)
    var stream = RandomStream(seed: 2, purpose: "missing")
    let missing = complete.map { row in row.map { Double.random(in: 0..<1, using: &stream) < 0.3 ? nil : $0 } }
    let kept = missing.filter { !$0.contains(nil) }
    #expect((45...100).contains(kept.count), "\(kept.count)")
    let heldOut = try Dataset(Self.rows(2_000, seed: 3))
    var scores: [[Double]] = []
    for rows in [complete, missing, kept] {
      let trained = try await Self.definition.fit(
        to: Dataset(rows), using: .adam(rate: .cosine(5e-3)), steps: 2_000, seed: 4,
        options: TrainingOptions(batchSize: 256, averaging: 0.99))
      scores.append(try trained.lowerBound(on: heldOut, seed: 5, draws: 4).rowBits)
    }
    func gain(_ one: Int, over other: Int) -> (mean: Double, standardError: Double) {
      let differences = zip(scores[one], scores[other]).map { $0 - $1 }
      let mean = differences.reduce(0, +) / Double(differences.count)
      let squares = differences.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
      return (mean, (squares / Double(differences.count - 1) / Double(differences.count)).squareRoot())
    }
    let lost = gain(0, over: 1)
    let won = gain(1, over: 2)
    // One chain for each row, unweighted, lost half a bit here, more than leaving incomplete rows out.
    #expect(lost.mean < 0.1, "\(lost)")
    #expect(won.mean > 0.05 && won.mean > 5 * won.standardError, "\(won)")
  }

  /// With the noise predicted, an untrained model's chain multiplies a state by 1 / sqrt(abar_T), thousands here.
  @Test func drawsOfAnUntrainedModelDoNoHarm() async throws {
    let definition = Diffusion {
      ProductKernel {
        Self.kind
        Self.x
      }
      Cosine(steps: 40)
      ReverseNetwork(mean: .noise, lastStep: .learned()) {
        Dense(24, activation: .silu)
        Readout(.bumps(5))
      }
    }
    let rows = Self.rows(400, seed: 1).map { [$0[0], $0[2]] }
    let missing = rows.enumerated().map { row, cells in row % 3 == 0 ? [cells[0], nil] : cells }
    let trained = try await definition.fit(
      to: Dataset(missing), using: .adam(rate: .cosine(5e-3)), steps: 1_000, seed: 4,
      options: TrainingOptions(batchSize: 256, averaging: 0.99))
    #expect(try trained.lowerBound(on: Dataset(rows)).bits.isFinite)
  }
}
