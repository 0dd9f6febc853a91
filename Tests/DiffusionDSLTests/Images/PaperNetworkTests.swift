import Formulas
import Foundation
import Testing

@testable import DiffusionDSL

/// The paper's whole network for images, with fixed weights, against one in NumPy and SciPy
/// (References/paper_image_network.py).
@Suite struct PaperNetworkTests {
  struct Reference: Decodable, Sendable {
    struct Parameter: Decodable, Sendable {
      var shape: [Int]
      var values: [Double]
    }
    struct Case: Decodable, Sendable {
      var t: Int
      var mean, variance: [Double]
      var loss: Double
    }
    var side, steps, channels, scales, layers, units, bumps: Int
    var weights: [String: Parameter]
    var x0, noise: [Double]
    var cases: [Case]
    var gradientStep: Int
    var gradient: [String: [Double]]
  }

  static func reference() throws -> Reference {
    try JSONDecoder().decode(
      Reference.self, from: Data(contentsOf: References.folder.appendingPathComponent("paper_image_network.json")))
  }

  static func definition(_ reference: Reference) -> Diffusion {
    Diffusion {
      GaussianKernel(image: ImageShape(width: reference.side, height: reference.side))
      ConstantErasure(steps: reference.steps)
      ReverseNetwork {
        for _ in 0..<reference.layers {
          MultiScaleConvolution(
            channels: reference.channels, kernel: 3, scales: reference.scales, activation: .softplus)
        }
        PerPixel(reference.units, activation: .tanh)
        Readout(.bumps(reference.bumps))
      }
    }
  }

  static func trained(_ reference: Reference) throws -> TrainedDiffusion {
    let model = try DiffusionModel(definition(reference))
    var parameters = Array(repeating: Float.nan, count: model.layout.count)
    for parameter in model.parameters {
      let given = try #require(reference.weights[parameter.name])
      #expect(Shape(given.shape) == parameter.shape)
      let place = try #require(model.layout[parameter.name])
      for (index, value) in given.values.enumerated() { parameters[place.offset + index] = Float(value) }
    }
    return TrainedDiffusion(
      model: model, parameters: parameters.map { $0.isNaN ? 0 : $0 }, scaling: .identity(model.dimensions), state: nil)
  }

  private func expectNear(_ found: [Double], _ expected: [Double], _ relative: Double) {
    #expect(found.count == expected.count)
    let scale = expected.map(abs).max() ?? 1
    for (a, b) in zip(found, expected) { #expect(abs(a - b) <= relative * max(1, scale)) }
  }

  @Test(arguments: [(Precision.double, 1e-11), (.single, 1e-5)])
  func stepsAreScipys(_ precision: Precision, _ relative: Double) throws {
    let reference = try Self.reference()
    let trained = try Self.trained(reference)
    let step = try #require(trained.model.normalReverse)
    let parts = try ModelProbe(trained, [step.mean, exp(step.logVariance)], rows: 3, precision: precision)
    let losses = try ModelProbe(trained, [trained.model.stepLosses.total], rows: 3, precision: precision)
    for expected in reference.cases {
      // The rows beside it are others, so that rows that were mixed up would be seen.
      let state = [reference.x0.map { -$0 }, reference.x0, reference.noise]
      let inputs = [DiffusionModel.state: state]
      let width = trained.dimensions
      expectNear(parts.values(0, width: width, step: expected.t, inputs)[1], expected.mean, relative)
      expectNear(parts.values(1, width: width, step: expected.t, inputs)[1], expected.variance, relative)
      let noised = [
        DiffusionModel.data: [reference.noise, reference.x0, reference.x0],
        DiffusionModel.normals: [reference.x0, reference.noise, reference.x0],
      ]
      expectNear([losses.values(0, step: expected.t, noised)[1][0]], [expected.loss], relative)
    }
  }

  @Test(arguments: [(Precision.double, 1e-8), (.single, 1e-5)])
  func gradientsAreThoseOfDifferences(_ precision: Precision, _ relative: Double) throws {
    let reference = try Self.reference()
    let trained = try Self.trained(reference)
    let program = try TileProgram(
      outputs: [], loss: trained.model.stepLosses.total, layout: trained.model.layout, precision: precision)
    let shared = SharedValues(program: program, parameters: trained.buffer(precision), level: .best)
    let runner = GradientRunner(
      shared: shared, pool: WorkerPool(threads: 1), tileRows: 16, batch: 1, stepCount: trained.steps)
    let feeder = OneRow(data: reference.x0, noise: reference.noise)
    _ = runner.run(feeder: feeder) { _ in reference.gradientStep }
    let scale = reference.gradient.values.joined().map { abs($0) }.max() ?? 1
    for (name, expected) in reference.gradient {
      let place = try #require(trained.model.layout[name])
      for (index, value) in expected.enumerated() {
        #expect(abs(runner.gradient[place.offset + index] - value) <= relative * scale, "\(name)[\(index)]")
      }
    }
  }

  private final class OneRow: TileFeeder {
    let data, noise: [Double]

    init(data: [Double], noise: [Double]) { (self.data, self.noise) = (data, noise) }

    func fill(_ workspace: TileWorkspace, firstRow: Int, rows: Int, lanes: Int, step: Int) {
      for (name, values) in [
        (DiffusionModel.data, data), (DiffusionModel.normals, noise), (TileProgram.rowWeight, [1]),
      ] {
        guard let offset = workspace.program.input(name).offset else { continue }
        for (feature, value) in values.enumerated() {
          for lane in 0..<lanes {
            workspace.lanes[(offset + feature) * lanes + lane] = lane == 0 || name != TileProgram.rowWeight ? value : 0
          }
        }
      }
    }
  }
}
