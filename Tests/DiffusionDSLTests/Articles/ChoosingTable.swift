import Foundation
import Testing

@testable import DiffusionDSL

/// Measures the table of the article Choosing.md: one model of two moons, and what it gives with one thing changed.
///
///     DIFFUSION_CHOOSING=1 Scripts/test --filter ChoosingTable
///
/// With another text than 1 it measures the lines that contain it. It prints K of each in bits a row, with its standard
/// error. Training takes minutes, so it runs only when asked for.
@Suite struct ChoosingTable {
  struct Candidate {
    var change: String
    var model: Diffusion
    var updates = 4_000
    var rate = LearningRate.cosine(3e-3)
    var options = TrainingOptions(batchSize: 256)
  }

  private static func schedule(_ steps: Int = 100, first: Double = 1e-3) -> Geometric {
    Geometric(steps: steps, firstVariance: first, lastVariance: 0.998)
  }

  private static func model(
    _ schedule: some DiffusionSchedule = schedule(), mean: MeanParameterisation = .forwardMean,
    lastStep: LastStep = .learned(), units: Int = 64, layers: Int = 3, readout: Readout = Readout(.bumps(10))
  ) -> Diffusion {
    Diffusion {
      GaussianKernel(dimensions: 2)
      schedule
      ReverseNetwork(mean: mean, lastStep: lastStep) {
        for _ in 0..<layers { Dense(units, activation: .silu) }
        readout
      }
    }
  }

  /// A model of radial basis functions with a readout for each step.
  private static func radial(
    _ schedule: some DiffusionSchedule, mean: MeanParameterisation, lastStep: LastStep, readout: Readout
  ) -> Diffusion {
    Diffusion {
      GaussianKernel(dimensions: 2)
      schedule
      ReverseNetwork(mean: mean, lastStep: lastStep) {
        RadialBasis(units: 16)
        readout
      }
    }
  }

  private static func structures() -> [Candidate] {
    [
      Candidate(change: "nothing", model: model()),
      Candidate(
        change: "`LearnedSchedule(steps: 100, firstVariance: 1e-3)`",
        model: model(LearnedSchedule(steps: 100, firstVariance: 1e-3))),
      Candidate(change: "`Cosine(steps: 100)`", model: model(Cosine(steps: 100))),
      Candidate(change: "`Linear(steps: 100)`", model: model(Linear(steps: 100))),
      Candidate(change: "`ConstantErasure(steps: 100)`", model: model(ConstantErasure(steps: 100))),
      Candidate(change: "beta_1 = 1e-2", model: model(schedule(first: 1e-2))),
      Candidate(change: "beta_1 = 1e-4", model: model(schedule(first: 1e-4))),
      Candidate(change: "T = 10", model: model(schedule(10))),
      Candidate(change: "T = 30", model: model(schedule(30))),
      Candidate(change: "T = 300", model: model(schedule(300))),
      Candidate(change: "T = 1,000", model: model(schedule(1_000))),
      Candidate(change: "mean `.interpolated`", model: model(mean: .interpolated)),
      Candidate(change: "mean `.noise`", model: model(mean: .noise)),
      Candidate(change: "mean `.data`", model: model(mean: .data)),
      Candidate(change: "mean `.direct`", model: model(mean: .direct)),
      Candidate(change: "the paper's last step", model: model(lastStep: .paper)),
      Candidate(change: "the paper's last step, beta_1 = 1e-2", model: model(schedule(first: 1e-2), lastStep: .paper)),
      Candidate(change: "readout `.shared`", model: model(readout: Readout(.shared))),
      Candidate(change: "readout `.perStep`", model: model(readout: Readout(.perStep))),
    ]
  }

  private static func sizesAndRecipes() -> [Candidate] {
    [
      Candidate(change: "16 units a layer", model: model(units: 16)),
      Candidate(change: "32 units a layer", model: model(units: 32)),
      Candidate(change: "128 units a layer", model: model(units: 128)),
      Candidate(change: "one layer", model: model(layers: 1)),
      Candidate(
        change: "`RadialBasis(units: 16)` for the layers",
        model: radial(schedule(), mean: .forwardMean, lastStep: .learned(), readout: Readout(.bumps(10)))),
      Candidate(change: "1,000 updates", model: model(), updates: 1_000),
      Candidate(change: "16,000 updates", model: model(), updates: 16_000),
      Candidate(
        change: "10,000 updates of 1,024 rows", model: model(), updates: 10_000, options: TrainingOptions()),
      Candidate(change: "a constant rate", model: model(), rate: .constant(3e-3)),
      Candidate(
        change: "a constant rate, averaging 0.999", model: model(), rate: .constant(3e-3),
        options: TrainingOptions(batchSize: 256, averaging: 0.999)),
      Candidate(
        change: "`stepSampling: .byLoss`", model: model(),
        options: TrainingOptions(batchSize: 256, stepSampling: .byLoss)),
      Candidate(
        change: "`stepWeights: .logistic(center: 0)`", model: model(),
        options: TrainingOptions(batchSize: 256, stepWeights: .logistic(center: 0))),
      Candidate(
        change: "`Cosine`, `.noise` and `.shared`",
        model: model(Cosine(steps: 100), mean: .noise, readout: Readout(.shared))),
      Candidate(
        change: "the paper's swiss roll",
        model: radial(
          LearnedSchedule(steps: 40, firstVariance: 1e-3), mean: .interpolated, lastStep: .paper,
          readout: Readout(.perStep)),
        updates: 20_000, rate: .constant(5e-3), options: TrainingOptions(batchSize: 1_024)),
    ]
  }

  private static let choice = ProcessInfo.processInfo.environment["DIFFUSION_CHOOSING"]

  @Test(.enabled(if: choice != nil, "it takes minutes"))
  func table() async throws {
    let choice = Self.choice ?? "1"
    let (rows, heldOut) = (TwoMoons.rows(100_000, seed: 1), TwoMoons.rows(20_000, seed: 2))
    print("truth", heldOut.map(TwoMoons.log2Density).reduce(0, +) / Double(heldOut.count))
    func bound(_ candidate: Candidate, seed: UInt64) async throws -> LowerBound {
      let trained = try await candidate.model.fit(
        to: rows, using: .adam(rate: candidate.rate), steps: candidate.updates, seed: seed, options: candidate.options)
      return try trained.lowerBound(on: heldOut, seed: 1, draws: 4)
    }
    let candidates = Self.structures() + Self.sizesAndRecipes()
    for candidate in candidates where choice == "1" || candidate.change.contains(choice) {
      let bound = try await bound(candidate, seed: 1)
      print("| \(candidate.change) |", String(format: "%.3f | %.3f |", bound.bits, bound.standardError))
    }
    guard choice == "1" else { return }
    for seed: UInt64 in 2...4 {
      print("seed \(seed):", try await bound(Candidate(change: "", model: Self.model()), seed: seed).bits)
    }
    try await printLogProbability(rows, Array(heldOut.prefix(500)))
  }

  /// How much of what K lacks is the bound's, and how much the model's.
  private func printLogProbability(_ rows: [[Double]], _ scored: [[Double]]) async throws {
    print("truth", scored.map(TwoMoons.log2Density).reduce(0, +) / Double(scored.count))
    for updates in [4_000, 16_000] {
      let candidate = Candidate(change: "", model: Self.model(), updates: updates)
      let trained = try await candidate.model.fit(
        to: rows, using: .adam(rate: candidate.rate), steps: updates, seed: 1, options: candidate.options)
      let estimate = try trained.logProbability(of: scored, trajectories: 256, seed: 1)
      print(
        "\(updates) updates: K =", try trained.lowerBound(on: scored, seed: 1, draws: 4).bits, "log p =", estimate.bits)
      print(estimate.rise.map { ($0.trajectories, $0.nats / log(2)) })
    }
  }

  /// The density that the table is measured against: it has the mass 1, and is that of the rows.
  @Test func theMoonsDensityIsTheirs() {
    let step = 0.1
    let grid = stride(from: -1.7, to: 2.7, by: step)
    let mass = grid.reduce(0.0) { sum, x in
      stride(from: -1.2, to: 1.7, by: step).reduce(sum) { $0 + exp2(TwoMoons.log2Density([x, $1])) * step * step }
    }
    #expect(abs(mass - 1) < 1e-6)
    // The share of rows in a rectangle against the integral over it.
    let count = 40_000
    let share = Double(TwoMoons.rows(count, seed: 3).count { $0[0] > 0.5 && $0[1] > 0.5 }) / Double(count)
    let integral = stride(from: 0.5 + step / 2, to: 2.7, by: step).reduce(0.0) { sum, x in
      stride(from: 0.5 + step / 2, to: 1.7, by: step).reduce(sum) {
        $0 + exp2(TwoMoons.log2Density([x, $1])) * step * step
      }
    }
    let error = (integral * (1 - integral) / Double(count)).squareRoot()
    #expect(abs(share - integral) < 5 * error + 5e-4)
  }
}
