import Foundation
import Testing

@testable import DiffusionDSL

/// The paper's network with the parameters of References/swiss_roll_bound.safetensors, against the program beside it.
@Suite struct SwissRollReferenceTests {
  static func trained() throws -> TrainedDiffusion {
    let definition = Diffusion {
      GaussianKernel(dimensions: 2)
      LearnedSchedule(steps: 40, firstVariance: 1e-3)
      ReverseNetwork {
        RadialBasis(units: 16)
        Readout(.perStep)
      }
    }
    let model = try DiffusionModel(definition)
    let file = try SafeTensorsFile(reading: References.folder.appendingPathComponent("swiss_roll_bound.safetensors"))
    let layout = model.layout
    var parameters = Array(repeating: Float(0), count: layout.count)
    for parameter in model.parameters {
      let values: [Float] = try file.values(parameter.name, shape: parameter.shape.axes)
      let offset = try #require(layout[parameter.name]).offset
      parameters.replaceSubrange(offset..<offset + values.count, with: values)
    }
    return TrainedDiffusion(model: model, parameters: parameters, scaling: .identity(2), state: nil)
  }

  /// Rows of the swiss roll as References/swiss_roll_bound.py draws them.
  static func rows(_ count: Int, noise: Double, seed: UInt64) throws -> Dataset {
    let places = NoiseSource(seed: seed, purpose: "roll place")
    let noises = NoiseSource(seed: seed, purpose: "roll noise")
    var flat: [Double] = []
    for row in 0..<count {
      var place = places.stream(chain: UInt64(row), step: 0)
      var stream = noises.stream(chain: UInt64(row), step: 0)
      let a = 1.5 * Double.pi * (1 + 2 * Double(place.nextUniform()))
      // Mean and deviation of the curve itself: quadrature over a from 1.5 pi to 4.5 pi gives 2, 0.2122 and
      // 6.6230, 6.9512, to more digits below.
      let x = (a * cos(a) - curve.mean.x) / curve.deviation.x
      let y = (a * sin(a) - curve.mean.y) / curve.deviation.y
      for value in [x, y] {
        flat.append((value + noise * Double(stream.nextNormal())) / (1 + noise * noise).squareRoot())
      }
    }
    return try Dataset(complete: flat, dimensions: 2)
  }

  /// The curve's moments, by a sum over the middles of many equal cells of a.
  static let curve: (mean: (x: Double, y: Double), deviation: (x: Double, y: Double)) = {
    let count = 200_000
    var (x, y, xx, yy) = (0.0, 0.0, 0.0, 0.0)
    for index in 0..<count {
      let a = 1.5 * Double.pi * (1 + 2 * (Double(index) + 0.5) / Double(count))
      x += a * cos(a) / Double(count)
      y += a * sin(a) / Double(count)
      xx += a * cos(a) * a * cos(a) / Double(count)
      yy += a * sin(a) * a * sin(a) / Double(count)
    }
    return ((x, y), ((xx - x * x).squareRoot(), (yy - y * y).squareRoot()))
  }()

  @Test func reverseStepsMatchPointByPoint() throws {
    let trained = try Self.trained()
    let table = try References.read("swiss_roll_bound.json", as: References.SwissRoll.self)
    let reverse = try #require(trained.model.normalReverse)
    for (precision, tolerance) in [(Precision.double, 1e-9), (.single, 1e-5)] {
      let probe = try ModelProbe(trained, [reverse.mean, exp(reverse.logVariance)], rows: 1, precision: precision)
      for row in table.reverse {
        let inputs = [DiffusionModel.state: [row.x]]
        let mean = probe.values(0, width: 2, step: row.t, inputs)[0]
        let variance = probe.values(1, width: 2, step: row.t, inputs)[0]
        for column in 0..<2 {
          #expect(abs(mean[column] - row.mean[column]) < tolerance, "\(precision), t = \(row.t), x = \(row.x)")
          #expect(
            abs(variance[column] - row.variance[column]) < tolerance * row.variance[column],
            "\(precision), t = \(row.t), x = \(row.x)")
        }
      }
    }
  }

  @Test func theBoundMatchesTheReferences() throws {
    let table = try References.read("swiss_roll_bound.json", as: References.SwissRoll.self)
    #expect(abs(Self.curve.mean.x - 2) < 1e-4)
    let trained = try Self.trained()
    #expect(trained.steps == table.steps)
    let data = try Self.rows(50_000, noise: table.noise, seed: 3)
    let bound = try trained.lowerBound(on: data, seed: 1)
    let error = (bound.standardError * bound.standardError + table.kStandardError * table.kStandardError)
      .squareRoot()
    #expect(abs(bound.bits - table.kBits) < 5 * error, "\(bound.bits) where \(table.kBits) +- \(error) is right")
  }
}
