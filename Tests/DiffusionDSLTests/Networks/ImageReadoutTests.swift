import Foundation
import Testing

@testable import DiffusionDSL

/// A layer that keeps an image's shape.
private struct Squash: NetworkLayer {
  static let typeName = "squash"
  var inside: [Placed<AnyLayer>] { [] }
  var sourceText: String { "Squash()" }
  func output(of input: Formula, in network: LayerContext) -> Formula { tanh(input) }
}

/// A readout behind an image reads each pixel by the same weights, however it depends on t.
@Suite struct ImageReadoutTests {
  private static let image = ImageShape(width: 3, height: 2, channels: 2)
  private static let (pixels, steps) = (6, 5)
  private static let kinds: [Readout.Kind] = [.perStep, .bumps(2), .shared]

  private static func definition(_ kind: Readout.Kind) -> Diffusion {
    Diffusion {
      GaussianKernel(image: image)
      Geometric(steps: steps, firstVariance: 0.1)
      ReverseNetwork(mean: .direct) { Readout(kind) }
    }
  }

  private static let rows: [[Double]] = (0..<80).map { row in
    (0..<12).map { column -> Double in
      let phase = Double(row * 7 + column * column)
      return sin(phase) + Double(column) / 10
    }
  }

  private static func trained(_ kind: Readout.Kind, steps: Int = 30) async throws -> TrainedDiffusion {
    try await definition(kind).fit(
      to: rows, using: .adam(rate: 0.05), steps: steps, seed: 2, options: TrainingOptions(batchSize: 64))
  }

  @Test func itsParametersAreThoseOfOnePixel() async throws {
    // 2 channels and, shared over t, 18 features of it; 2 means and 2 variances a pixel.
    let expected: [(Readout.Kind, [Int], [Int])] = [
      (.perStep, [5, 4, 2], [5, 4]), (.bumps(2), [2, 4, 2], [2, 4]), (.shared, [4, 20], [4]),
    ]
    for (kind, weight, bias) in expected {
      let shapes = try await Self.trained(kind, steps: 1).parameterShapes
      #expect(shapes.map(\.name) == ["readout.weight", "readout.bias"])
      #expect(shapes.map(\.shape) == [weight, bias])
    }
  }

  /// The mean and the variance of every pixel, against sums over its own channels, from the stored parameters.
  @Test(arguments: kinds) func eachPixelIsReadBySameWeights(_ kind: Readout.Kind) async throws {
    let trained = try await Self.trained(kind)
    let step = try #require(trained.model.normalReverse)
    let x: [[Double]] = (0..<3).map { row in (0..<12).map { cos(Double(row * 5 + $0 * 3)) } }
    let mean = try ModelProbe(trained, [step.mean], rows: 3)
    let variance = try ModelProbe(trained, [step.variance], rows: 3)
    let weight = try #require(trained.parameter("readout.weight")).map(Double.init)
    let bias = try #require(trained.parameter("readout.bias")).map(Double.init)
    for t in 1...Self.steps {
      // The readout at step t as a mix of its copies.
      let shares: [Double] =
        switch kind {
        case .perStep: (1...Self.steps).map { $0 == t ? 1 : 0 }
        case .shared: [1]
        default: BumpReadout.weights(2, steps: Self.steps)[t - 1]
        }
      let features: [Double] = kind == .shared ? Self.stepFeatures(t, trained.betas) : []
      let inputs = 2 + features.count
      let means = mean.values(width: 12, step: t, [DiffusionModel.state: x])
      let variances = variance.values(width: 12, step: t, [DiffusionModel.state: x])
      for row in 0..<3 {
        for pixel in 0..<Self.pixels {
          let hidden = [x[row][pixel], x[row][Self.pixels + pixel]] + features
          func z(_ output: Int) -> Double {
            var sum = 0.0
            for (copy, share) in shares.enumerated() {
              let start = copy * 4 + output
              var own = bias[start]
              for (input, number) in hidden.enumerated() { own += weight[start * inputs + input] * number }
              sum += share * own
            }
            return sum
          }
          let beta = trained.betas[t - 1]
          for channel in 0..<2 {
            #expect(abs(means[row][channel * Self.pixels + pixel] - z(channel)) < 1e-6)
            let logit = z(2 + channel) + log(beta) - log1p(-beta)
            #expect(abs(variances[row][channel * Self.pixels + pixel] - 1 / (1 + exp(-logit))) < 1e-6)
          }
        }
      }
    }
  }

  /// t and its log signal-to-noise ratio as sinusoids, written anew.
  private static func stepFeatures(_ t: Int, _ betas: [Double]) -> [Double] {
    let logAlphaBar: Double = betas[..<t].reduce(0.0) { $0 + log1p(-$1) }
    let ratio: Double = max(-20, min(20, logAlphaBar - log(-expm1(logAlphaBar))))
    let time = Double(t) / Double(betas.count)
    var features: [Double] = [time * 2 - 1, ratio / 8]
    for octave in 0..<4 {
      let pace = Double.pi * Double(1 << octave)
      let turn = Double.pi / 16 * Double(1 << octave)
      features += [sin(time * pace), cos(time * pace), sin(ratio * turn), cos(ratio * turn)]
    }
    return features
  }

  /// An untrained model of the default parameterisation is the reversal of white noise: K = L_null for any data.
  @Test(arguments: kinds) func anUntrainedModelIsThatOfWhiteNoise(_ kind: Readout.Kind) async throws {
    let definition = Diffusion {
      GaussianKernel(image: Self.image)
      Geometric(steps: Self.steps, firstVariance: 0.1)
      ReverseNetwork { Readout(kind) }
    }
    let model = try await definition.fit(
      to: Self.rows, using: .sgd(rate: 1e-12), steps: 1, seed: 1, options: TrainingOptions(batchSize: 16))
    let flat = try await Diffusion {
      GaussianKernel(dimensions: 12)
      Geometric(steps: Self.steps, firstVariance: 0.1)
      ReverseNetwork { Readout(kind) }
    }.fit(to: Self.rows, using: .sgd(rate: 1e-12), steps: 1, seed: 1, options: TrainingOptions(batchSize: 16))
    let (own, other) = (try model.lowerBound(on: Self.rows), try flat.lowerBound(on: Self.rows))
    for (own, other) in zip(own.rowBits, other.rowBits) { #expect(abs(own - other) < 1e-4) }
  }

  @Test func layersThatGiveAVectorAreReadWhole() async throws {
    for kind in Self.kinds {
      func model(_ kernel: GaussianKernel) -> Diffusion {
        Diffusion {
          kernel
          Geometric(steps: Self.steps, firstVariance: 0.1)
          ReverseNetwork {
            Dense(4, activation: .tanh)
            Readout(kind)
          }
        }
      }
      let options = TrainingOptions(batchSize: 32)
      let image = try await model(GaussianKernel(image: Self.image)).fit(
        to: Self.rows, steps: 8, seed: 1, options: options)
      let flat = try await model(GaussianKernel(dimensions: 12)).fit(
        to: Self.rows, steps: 8, seed: 1, options: options)
      #expect(try image.lowerBound(on: Self.rows).rowBits == flat.lowerBound(on: Self.rows).rowBits)
      #expect(try image.sample(5, seed: 3) == flat.sample(5, seed: 3))
    }
  }

  @Test func imagesAreJoinedAlongTheirChannels() async throws {
    let definition = Diffusion {
      GaussianKernel(image: Self.image)
      Geometric(steps: Self.steps, firstVariance: 0.1)
      ReverseNetwork {
        Parallel {
          Residual { Squash() }
          Squash()
        }
        Readout(.perStep)
      }
    }
    let trained = try await definition.fit(to: Self.rows, steps: 1, seed: 1)
    #expect(trained.parameterShapes.first?.shape == [5, 4, 4])
  }

  @Test func shapesThatDoNotFitAreReported() async throws {
    func faults(@LayerBuilder _ layers: () -> [Placed<AnyLayer>]) -> String? {
      let definition = Diffusion {
        GaussianKernel(image: Self.image)
        Geometric(steps: Self.steps, firstVariance: 0.1)
        ReverseNetwork {
          layers()
          Readout(.perStep)
        }
      }
      do {
        _ = try DiffusionModel(definition)
        return nil
      } catch {
        return error.faults.map(\.message).joined(separator: "; ")
      }
    }
    #expect(
      faults {
        Parallel {
          Squash()
          Dense(3)
        }
      }
        == "Parallel joins outputs of the shapes [2 x 2 x 3], [3]; make all of them vectors, or images of one height "
        + "and width")
    #expect(
      faults { Residual { Dense(12) } }
        == "Residual adds its input, of shape [2 x 2 x 3], to what its layers give, of shape [12]; make the last layer "
        + "inside give the input's shape")
  }

  /// Files from before readouts knew images have weights for every pixel, and are read so.
  @Test func oldFilesOfImagesAreReadAsTheyWereWritten() async throws {
    let definition = Self.definition(.perStep)
    let old = definition.readingAllOfImages
    let trained = try await old.fit(to: Self.rows, steps: 2, seed: 1)
    #expect(trained.parameterShapes.first?.shape == [5, 24, 12])
    let text = String(decoding: try JSONEncoder().encode(definition), as: UTF8.self)
    #expect(!text.contains("readsAllOfImages"))
    let again = try JSONDecoder().decode(Diffusion.self, from: JSONEncoder().encode(old))
    #expect(again == old && again != definition)
  }
}
