import Foundation
import Testing

@testable import DiffusionDSL

/// A readout that bumps mix, taken apart into one for each step, and trained on from there.
@Suite struct PerStepReadoutTests {
  static let bits = Diffusion {
    BinomialKernel(bits: 4, mean: 0.3)
    ConstantErasure(steps: 30)
    ReverseNetwork(probability: .direct) {
      Dense(6, activation: .tanh)
      Readout(.bumps(5))
    }
  }

  func trainedOnBits() async throws -> (model: TrainedDiffusion, data: Dataset) {
    let data = try Dataset((0..<60).map { row in (0..<4).map { (row >> $0) % 3 == 0 ? 1 : 0 } })
    let model = try await Self.bits.fit(
      to: data, using: .adam(rate: 2e-2), steps: 200, seed: 3, options: .init(batchSize: 64, averaging: 0.9))
    return (model, data)
  }

  /// With Double all through, nothing remains but the rounding of the new readouts to Float.
  func expectSame(_ model: TrainedDiffusion, _ data: Dataset) throws {
    let unfolded = try model.withPerStepReadout()
    guard case .network(let network) = unfolded.definition.reverse else {
      Issue.record("the unfolded model has no network")
      return
    }
    #expect(network.readout.value.kind == .perStep && unfolded.definition != model.definition)
    #expect(unfolded.scaling == model.scaling && unfolded.trainingSteps == nil)
    let options = ComputeOptions(precision: .double)
    let bound = try model.lowerBound(on: data, seed: 4, options: options)
    let same = try unfolded.lowerBound(on: data, seed: 4, options: options)
    for (row, pair) in zip(bound.rowNats, same.rowNats).enumerated() {
      #expect(abs(pair.0 - pair.1) < 1e-5 * max(1, abs(pair.0)), "row \(row): \(pair.0), then \(pair.1)")
    }
    for (term, other) in zip(bound.terms, same.terms) where term.kind != other.kind { Issue.record("other terms") }
    // The readouts differ between steps, or this would show nothing.
    let weights = try #require(unfolded.parameter("readout.weight"))
    let slice = weights.count / unfolded.steps
    #expect(weights[..<slice] != weights[slice..<2 * slice] && weights.contains { $0 != 0 })
  }

  @Test func isTheSameModelOfNumbers() async throws {
    let data = try SmallModel.bumps.data()
    try expectSame(try SmallModel.bumps.trained(steps: 200, data: data), data)
  }

  @Test func isTheSameModelOfBits() async throws {
    let (model, data) = try await trainedOnBits()
    try expectSame(model, data)
  }

  /// W_t = sum over j of g_j(t) W_j, with the bumps written down once more.
  @Test func readoutsAreTheMixOfTheBumps() async throws {
    let (model, _) = try await trainedOnBits()
    let unfolded = try model.withPerStepReadout()
    for name in ["readout.weight", "readout.bias"] {
      let mixed = try #require(model.parameter(name))
      let each = try #require(unfolded.parameter(name))
      let slice = mixed.count / 5
      #expect(each.count == 30 * slice)
      for t in [1, 2, 17, 30] {
        let bumps = (0..<5).map { exp(-pow((Double(t) - Double($0) * 7.5) / 7.5, 2) / 2) }
        let total = bumps.reduce(0, +)
        for position in 0..<slice {
          let expected = (0..<5).reduce(0.0) { $0 + bumps[$1] / total * Double(mixed[$1 * slice + position]) }
          #expect(abs(Double(each[(t - 1) * slice + position]) - expected) < 1e-6)
        }
      }
    }
    #expect(unfolded.parameter("network.1.weight") == model.parameter("network.1.weight"))
  }

  @Test func otherReadoutsAreRefused() async throws {
    for model in [SmallModel.perStep, .shared] {
      let trained = try model.trained(steps: 1)
      #expect { _ = try trained.withPerStepReadout() } throws: {
        "\($0)".contains("only a readout that bumps mix") && $0 is DefinitionError
      }
    }
    let written = try TrainedDiffusion(
      Diffusion {
        GaussianKernel(dimensions: 1)
        Cosine(steps: 5)
        ReverseFunction(dimensions: 1) { x, step in GaussianStep(mean: x, variance: step.beta) }
      })
    #expect(throws: DefinitionError.self) { _ = try written.withPerStepReadout() }
    #expect(throws: DefinitionError.self) {
      _ = try written.fineTuning(on: Dataset([[1.0]]), steps: 1, seed: 1)
    }
  }

  @Test func fineTuningBeginsWhereTheModelIs() async throws {
    let (model, data) = try await trainedOnBits()
    let unfolded = try model.withPerStepReadout()
    let before = try unfolded.lowerBound(on: data, seed: 4).nats
    // A rate too small to change a parameter leaves the model as it was.
    let still = try await unfolded.fineTune(on: data, using: .sgd(rate: 1e-30), steps: 3, seed: 1)
    #expect(still.parameters == unfolded.parameters && still.trainingSteps == 3)
    let tuned = try await unfolded.fineTune(
      on: data, using: .adam(rate: .cosine(3e-3)), steps: 2_000, seed: 1, options: .init(averaging: 0.99))
    #expect(try tuned.lowerBound(on: data, seed: 4).nats > before)
    // What it came to can be stored and gone on with, like any training.
    let further = try await tuned.resume(on: data, totalSteps: 2_010)
    #expect(further.trainingSteps == 2_010)
  }

  /// The scaling is the model's, not that of the rows it is trained on further.
  @Test func fineTuningKeepsTheScaling() async throws {
    let model = try SmallModel.bumps.trained(steps: 20)
    let other = try Dataset(complete: SmallModel.bumps.rows(50, seed: 9).map { 3 * $0 }, dimensions: 3)
    let tuned = try await model.fineTune(on: other, steps: 5, seed: 2)
    #expect(tuned.scaling == model.scaling && tuned.parameters != model.parameters)
    #expect(throws: DataError.self) { _ = try model.fineTuning(on: Dataset([[1.0, 2.0]]), steps: 5, seed: 2) }
    #expect(throws: TrainingError.self) { _ = try model.fineTuning(on: other, steps: 0, seed: 2) }
  }
}
