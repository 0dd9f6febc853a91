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

/// One that keeps an image's channels and gives it another height and width.
private struct Reshape: NetworkLayer {
  static let typeName = "reshape"
  var axes: [Int]
  var inside: [Placed<AnyLayer>] { [] }
  var sourceText: String { "Reshape(\(axes))" }
  func output(of input: Formula, in network: LayerContext) -> Formula { input.reshaped(to: Shape(axes)) }
}

/// One whose image has no pixels.
private struct EmptyImage: NetworkLayer {
  static let typeName = "emptyImage"
  var inside: [Placed<AnyLayer>] { [] }
  var sourceText: String { "EmptyImage()" }
  func output(of input: Formula, in network: LayerContext) -> Formula { Formula([], shape: [1, 0, 3]) }
}

/// One that takes nothing but images.
private struct OnlyImages: NetworkLayer {
  static let typeName = "onlyImages"
  var inside: [Placed<AnyLayer>] { [] }
  var sourceText: String { "OnlyImages()" }
  func output(of input: Formula, in network: LayerContext) -> Formula {
    input.shape.axes.count == 3 ? tanh(input) : network.fault("OnlyImages takes images, not \(input.shape)", input)
  }
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
        default: try #require(BumpDependence(count: 2).shares(Self.definition(kind).schedule))[t - 1]
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

  private func faults(
    _ kernel: GaussianKernel = GaussianKernel(image: image), _ kind: Readout.Kind = .perStep,
    @LayerBuilder _ layers: () -> [Placed<AnyLayer>]
  ) -> String? {
    let definition = Diffusion {
      kernel
      Geometric(steps: Self.steps, firstVariance: 0.1)
      ReverseNetwork {
        layers()
        Readout(kind)
      }
    }
    do {
      _ = try DiffusionModel(definition)
      return nil
    } catch {
      return error.faults.map(\.message).joined(separator: "; ")
    }
  }

  @Test func shapesThatDoNotFitAreReported() {
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
      faults { Residual { Dense(5) } }
        == "Residual adds its input, 12 wide, to what its layers give, 5 wide; make the last layer inside 12 wide")
    #expect(
      faults { Residual { Reshape(axes: [4, 1, 3]) } }
        == "Residual adds its input, of shape [2 x 2 x 3], to what its layers give, of shape [4 x 1 x 3]; make the "
        + "last layer inside give the input's shape")
  }

  /// A readout that took any image whose pixels divide its numbers would mistake one pixel for another.
  @Test(arguments: kinds) func imagesOfAnotherSizeAreReported(_ kind: Readout.Kind) {
    // With the shared readout the image has 18 channels more.
    let channels = kind == .shared ? 20 : 2
    for axes in [[channels, 3, 2], [channels, 1, 6], [channels * 6, 1, 1]] {
      #expect(
        faults(GaussianKernel(image: Self.image), kind) { Reshape(axes: axes) }
          == "the layers give an image of shape \(Shape(axes)) where x_t has the shape [2 x 2 x 3]: end them with one "
          + "that gives a vector, such as Dense, or let them keep the height and width")
    }
    let flat = kind == .shared ? [30, 1, 1] : [3, 2, 2]
    #expect(
      faults(GaussianKernel(dimensions: 12), kind) { Reshape(axes: flat) }
        == "the layers give an image of shape \(Shape(flat)) where x_t has the shape [12]: end them with one that gives "
        + "a vector, such as Dense")
  }

  @Test func anEmptyImageIsReported() {
    #expect(faults { EmptyImage() } == "EmptyImage gives the shape [1 x 0 x 3]; make each extent 1 or more")
  }

  /// x + f(x) of an image whose f gives a vector: both as vectors.
  @Test func aResidualAroundAVectorTakesTheImageAsOne() async throws {
    func model(_ kernel: GaussianKernel) -> Diffusion {
      Diffusion {
        kernel
        Geometric(steps: Self.steps, firstVariance: 0.1)
        ReverseNetwork {
          Residual { Dense(12, activation: .tanh) }
          Readout(.perStep)
        }
      }
    }
    let options = TrainingOptions(batchSize: 32)
    let image = try await model(GaussianKernel(image: Self.image)).fit(
      to: Self.rows, steps: 8, seed: 1, options: options)
    let flat = try await model(GaussianKernel(dimensions: 12)).fit(
      to: Self.rows, steps: 8, seed: 1, options: options)
    #expect(image.parameterShapes.map(\.shape) == flat.parameterShapes.map(\.shape))
    #expect(try image.sample(5, seed: 3) == flat.sample(5, seed: 3))
  }

  /// Layers that keep an image get features of t as channels; the others, and those that end in a vector, as before.
  @Test func layersOfASharedReadoutGetTheFeaturesOfTThatSuitThem() throws {
    func shapes(@LayerBuilder _ layers: () -> [Placed<AnyLayer>]) throws -> [[Int]] {
      let definition = Diffusion {
        GaussianKernel(image: Self.image)
        Geometric(steps: Self.steps, firstVariance: 0.1)
        ReverseNetwork {
          layers()
          Readout(.shared)
        }
      }
      return try DiffusionModel(definition).parameters.map(\.shape.axes)
    }
    #expect(try shapes { Squash() } == [[4, 20], [4]])
    #expect(try shapes { OnlyImages() } == [[4, 20], [4]])
    #expect(try shapes { Dense(7) } == [[7, 30], [7], [24, 7], [24]])
    #expect(try shapes { Residual { Dense(30) } } == [[30, 30], [30], [24, 30], [24]])
    #expect(
      try shapes {
        Squash()
        Dense(7)
      } == [[7, 30], [7], [24, 7], [24]])
    #expect(
      try shapes {
        OnlyImages()
        Dense(7)
      } == [[7, 120], [7], [24, 7], [24]])
  }

  /// A definition whose layers give a vector means today what it meant.
  @Test func oldFilesOfImagesWhoseLayersGiveVectorsAreTheirDefinition() {
    for kind in Self.kinds {
      let dense = Diffusion {
        GaussianKernel(image: Self.image)
        Geometric(steps: Self.steps, firstVariance: 0.1)
        ReverseNetwork {
          Chain { Dense(4) }
          Readout(kind)
        }
      }
      #expect(dense.readingAllOfImages == dense)
      let bare = Self.definition(kind)
      #expect(bare.readingAllOfImages != bare)
    }
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
