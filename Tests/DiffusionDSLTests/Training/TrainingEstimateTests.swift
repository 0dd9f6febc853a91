import Foundation
import Testing

@testable import DiffusionDSL

/// What training follows is an unbiased estimate of the bound.
///
/// The steps t that are drawn, and how many there are, belong together: t drawn from 2 ... T with the loss multiplied
/// by T would be another objective, and look much like this one.
@Suite struct TrainingEstimateTests {
  static func definition(steps: Int, _ lastStep: LastStep) -> Diffusion {
    Diffusion {
      GaussianKernel(dimensions: 1)
      Cosine(steps: steps)
      ReverseNetwork(lastStep: lastStep) { Readout(.perStep) }
    }
  }

  static let rows: [Double] = [-0.9, -0.3, 0.1, 0.2, 0.4, 0.5, 0.9, 1.6]

  @Test(arguments: [1, 2, 3, 7], LastStep.both)
  func theLossAveragedOverStepsIsTheBound(_ steps: Int, _ lastStep: LastStep) throws {
    let model = try DiffusionModel(Self.definition(steps: steps, lastStep))
    let trained = TrainedDiffusion(
      model: model, parameters: (0..<model.layout.count).map { 0.1 * Float($0 % 5) }, scaling: .identity(1), state: nil)
    let noise = NormalRule()
    let pairs = Self.rows.flatMap { x0 in noise.points.map { (x0, $0.x, $0.weight / Double(Self.rows.count)) } }
    let probe = try ModelProbe(trained, [model.trainingLoss], rows: pairs.count)
    let inputs = [DiffusionModel.data: pairs.map { [$0.0] }, DiffusionModel.normals: pairs.map { [$0.1] }]
    let first = min(steps, model.firstReverseStep)
    let losses = (first...steps).map { t in
      zip(probe.values(step: t, inputs), pairs).reduce(0.0) { $0 + $1.0[0] * $1.1.2 }
    }
    let bound = try trained.boundByQuadrature(Self.rows.map { ($0, 1 / Double(Self.rows.count)) })
    #expect(abs(losses.reduce(0, +) / Double(losses.count) + bound) < 1e-9 * abs(bound))
  }

  /// With a rate too small to move anything, the progress's running estimate is one of the start's K.
  @Test(arguments: [2, 3, 7], LastStep.both)
  func progressEstimatesTheBound(_ steps: Int, _ lastStep: LastStep) async throws {
    let definition = Self.definition(steps: steps, lastStep)
    let data = try Dataset(complete: Self.rows, dimensions: 1)
    var estimates: [Double] = []
    var expected = 0.0
    for seed in 0..<64 {
      let training = try definition.training(
        on: data, using: .sgd(rate: 1e-30), steps: 150, seed: UInt64(seed),
        options: TrainingOptions(batchSize: 256, scaling: .none, threads: 1))
      var last = Double.nan
      for await progress in training.progress { last = progress.boundBits }
      estimates.append(last)
      if seed == 0 {
        let trained = try await training.value
        expected = try trained.boundByQuadrature(Self.rows.map { ($0, 1 / Double(Self.rows.count)) }) / M_LN2
      }
    }
    let mean = estimates.reduce(0, +) / 64
    let spread = estimates.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 63
    let error = (spread / 64).squareRoot()
    // Student's t with 63 degrees of freedom passes 5.5 with a probability below 1e-6.
    #expect(abs(mean - expected) < 5.5 * error, "\(mean) +- \(error) bits where \(expected) is right")
    #expect(error < 0.02)
  }
}
