import Foundation
import Testing

@testable import DiffusionDSL

/// Models of images: what holds whatever they have learned, and what they refuse.
@Suite struct ImageModelTests {
  /// - Parameter mean: `.forwardMean` begins as the forward kernel, whose chain is that of white noise exactly.
  static func paper(
    width: Int, height: Int, channels: Int = 1, steps: Int = 12, mean: MeanParameterisation = .forwardMean
  ) -> Diffusion {
    Diffusion {
      GaussianKernel(image: ImageShape(width: width, height: height, channels: channels))
      ConstantErasure(steps: steps)
      ReverseNetwork(mean: mean) {
        MultiScaleConvolution(channels: 3, kernel: 3, scales: 3, activation: .softplus)
        Parallel {
          Convolution(channels: 4, kernel: 5, activation: .tanh)
          Chain {
            Dense(5, activation: .tanh)
            DensePerPixel(2)
          }
        }
        PerPixel(6, activation: .tanh)
        Readout(.bumps(3, spacing: .signalToNoise))
      }
    }
  }

  /// A model as training begins it.
  static func begun(_ definition: Diffusion, on data: Dataset, scaling: DataScaling = .none) throws -> TrainedDiffusion
  {
    let model = try DiffusionModel(definition)
    let scaling = try Scaling(definition.kernel, for: data, scaling)
    return TrainedDiffusion(
      model: model, parameters: model.initialParameters(seed: 1, data: data, scaling: scaling), scaling: scaling,
      state: nil)
  }

  static func white(_ rows: Int, _ numbers: Int, seed: UInt64 = 5) -> [[Double]] {
    var stream = RandomStream(seed: seed, purpose: "white images")
    return (0..<rows).map { _ in (0..<numbers).map { _ in Double(stream.nextNormal()) } }
  }

  /// Before training a step has the forward kernel's variance and, of eq. 65, the mean (1 - beta_t) x_t, where white data
  /// of unit variance have sqrt(1 - beta_t) x_t. So K - L_null is minus the sum over t > 1 of
  /// (sqrt(1 - beta_t) - (1 - beta_t))^2 / (2 beta_t) nats a number, and 0 for `.forwardMean`.
  @Test(arguments: [MeanParameterisation.interpolated, .forwardMean])
  func anUntrainedModelHasTheBoundOfNoise(_ mean: MeanParameterisation) throws {
    let data = try Dataset(Self.white(400, 35))
    let model = try Self.begun(Self.paper(width: 7, height: 5, steps: 100, mean: mean), on: data)
    let bound = try model.lowerBound(on: data, seed: 2)
    let shrinkage = model.betas.dropFirst().reduce(0.0) { sum, beta in
      let difference = (1 - beta).squareRoot() - (1 - beta)
      return sum + difference * difference / (2 * beta)
    }
    let expected = mean == .interpolated ? -35 * shrinkage : 0
    let differences = zip(bound.rowNats, data.rowLogNormals).map { $0 - $1 - expected }
    let average = differences.reduce(0, +) / 400
    let deviation = (differences.map { ($0 - average) * ($0 - average) }.reduce(0, +) / 399 / 400).squareRoot()
    #expect(abs(average) <= 5 * deviation)
    #expect(deviation / 35 < 0.02)
    #expect(abs(bound.overNull * log(2) - expected) <= 5 * deviation)
    #expect(abs((bound.bitsPerPixel ?? 0) * 35 - bound.bits) <= 1e-9)
  }

  @Test(arguments: [(1, 1), (9, 1), (7, 5), (30, 27), (33, 31)])
  func fairBitsHaveOneBitAPixelAtAnySize(_ width: Int, _ height: Int) throws {
    var stream = RandomStream(seed: 3, purpose: "fair bits")
    let rows = max(20, 8_000 / (width * height))
    let bytes = (0..<rows * width * height).map { _ in UInt8(stream.nextUniform() < 0.5 ? 0 : 1) }
    let data = try Dataset(bytes: bytes, dimensions: width * height)
    let definition = Diffusion {
      BinomialKernel(image: ImageShape(width: width, height: height))
      ConstantErasure(steps: 10)
      ReverseNetwork {
        MultiScaleConvolution(channels: 3, kernel: 3, scales: 3, activation: .softplus)
        Readout(.bumps(3))
      }
    }
    let bound = try Self.begun(definition, on: data).lowerBound(on: data, seed: 2)
    let pixels = Double(width * height)
    #expect(abs((bound.bitsPerPixel ?? 0) + 1) <= 5 * bound.standardError / pixels)
    #expect(bound.standardError / pixels < 0.03)
    let samples = try Self.begun(definition, on: data).sample(7, seed: 1)
    #expect(samples.allSatisfy { $0.count == width * height && $0.allSatisfy { $0 == 0 || $0 == 1 } })
  }

  /// Uniform bytes have 8 bits, which no model can know to be fewer; a normal density lacks log2(2 pi e / 12) / 2 more.
  @Test func noiseOfEightBitsNeverScoresAboveMinusEight() throws {
    var stream = RandomStream(seed: 3, purpose: "eight bits")
    let levels = (0..<400 * 24).map { _ in UInt8(Int(stream.nextUniform() * 256)) }
    let data = try Dataset(levels: levels, dimensions: 24)
    let model = try Self.begun(Self.paper(width: 4, height: 6), on: data, scaling: .whole)
    let bound = try model.lowerBound(on: data, seed: 2)
    let dim = try #require(bound.bitsPerDim)
    #expect(dim > 8)
    #expect(abs(dim - 8 - log2(2 * Double.pi * M_E / 12) / 2) < 0.03)
    #expect(abs(bound.bitsPerValue + dim) < 1e-12)
    // In units of the deviation, a level's width is that much less.
    let deviation = try #require(model.scaling.scale.first)
    #expect(abs(bound.scaledBits / 24 - (log2(deviation) - dim)) < 1e-9)
    let probability = try model.logProbability(of: data, trajectories: 4, seed: 2)
    #expect(probability.bits / 24 < -8)
  }

  @Test func levelsAreDrawnFromTheirOwnAddresses() throws {
    let levels = (0..<40 * 24).map { UInt8($0 % 251) }
    let data = try Dataset(levels: levels, dimensions: 24)
    let model = try Self.begun(Self.paper(width: 4, height: 6), on: data, scaling: .whole)
    let first = try model.lowerBound(on: data, seed: 2)
    #expect(try model.lowerBound(on: data, seed: 2).rowNats == first.rowNats)
    #expect(try model.lowerBound(on: data, seed: 2, options: .init(threads: 1)).rowNats == first.rowNats)
    #expect(try model.lowerBound(on: data, seed: 3).rowNats != first.rowNats)
    let whole = try Dataset(bytes: levels, dimensions: 24)
    #expect(try model.lowerBound(on: whole, seed: 2).rowNats != first.rowNats)
    #expect(data[0][3] == 3.5 && whole[0][3] == 3)
    let scaling = try Scaling(model.definition.kernel, for: data, .whole)
    let plain = try Scaling(model.definition.kernel, for: whole, .whole)
    #expect(abs(scaling.mean[0] - plain.mean[0] - 0.5) < 1e-12)
    #expect(abs(scaling.scale[5] * scaling.scale[5] - plain.scale[0] * plain.scale[0] - 1.0 / 12) < 1e-9)
  }

  @Test func levelsAreBytesAgain() throws {
    let bytes = (0..<6).map { UInt8($0 * 51) }
    let shape = ImageShape(width: 3, height: 2)
    for noise in [0.001, 0.5, 0.999] {
      #expect(try ImageSet(levels: bytes.map { Double($0) + noise }, shape: shape).storage == .bytes(bytes))
    }
    #expect(
      try ImageSet(levels: [-7, 0, 256, 300, 12.5, 13], shape: shape).storage == .bytes([0, 0, 255, 255, 12, 13]))
    #expect(throws: DataError.self) { try ImageSet(levels: [1, 2, 3, 4, 5, .nan], shape: shape) }
    #expect(throws: DataError.self) { try ImageSet(levels: [1, 2, 3, 4], shape: shape) }
  }

  @Test func picturesAreRows() throws {
    let bytes = (0..<10 * 24).map { UInt8($0) }
    let pictures = try ImageSet(bytes: bytes, height: 6, width: 4)
    let definition = Self.paper(width: 4, height: 6)
    #expect(pictures.shape == ImageShape(width: 4, height: 6))
    let model = try Self.begun(
      definition, on: try Dequantised(pictures).dataset(for: definition.schema), scaling: .whole)
    let levels = try Dataset(levels: bytes, dimensions: 24)
    #expect(
      try model.lowerBound(on: Dequantised(pictures), seed: 1).rowNats == model.lowerBound(on: levels, seed: 1).rowNats)
    let plain = try model.lowerBound(on: pictures, seed: 1)
    #expect(plain.bitsPerDim == nil)
    #expect(try plain.rowNats == model.lowerBound(on: Dataset(bytes: bytes, dimensions: 24), seed: 1).rowNats)
    let words = try ImageSet(words: bytes.map { UInt16($0) * 200 }, height: 6, width: 4)
    #expect(throws: DataError.self) { _ = try model.lowerBound(on: Dequantised(words), seed: 1) }
    #expect(try model.lowerBound(on: words, seed: 1).rowNats.count == 10)
  }

  @Test func bitsDoNotDependOnThreadsOrCompany() async throws {
    let data = try Dataset(Self.white(60, 63))
    let definition = Self.paper(width: 9, height: 7)
    var models: [TrainedDiffusion] = []
    for threads in [1, 2, 3] {
      models.append(
        try await definition.fit(
          to: data, using: .adam(rate: 1e-3), steps: 6, seed: 4, options: .init(batchSize: 48, threads: threads)))
    }
    #expect(models.allSatisfy { $0.parameters == models[0].parameters })
    let samples = try models[0].sample(40, seed: 3, options: .init(threads: 1))
    let others = try models[0].sample(40, seed: 3, options: .init(threads: 3))
    #expect(samples.flat == others.flat)
    #expect(try models[0].sample(1, seed: 3)[0] == samples[0])
    let all = try models[0].lowerBound(on: data, seed: 3).rowNats
    let few = try models[0].lowerBound(on: (0..<5).map { data[$0] }, seed: 3).rowNats
    #expect(few == Array(all[..<5]))
  }

  @Test func aModelOfImagesIsStoredAndLoaded() async throws {
    let data = try Dataset(Self.white(60, 24))
    let model = try await Self.paper(width: 4, height: 6).fit(
      to: data, using: .adam(rate: 1e-3), steps: 3, seed: 4, options: .init(batchSize: 32, scaling: .whole))
    let file = FileManager.default.temporaryDirectory.appendingPathComponent("image-\(UUID().uuidString).safetensors")
    defer { try? FileManager.default.removeItem(at: file) }
    try model.save(to: file)
    let loaded = try TrainedDiffusion(contentsOf: file)
    #expect(loaded.definition == model.definition)
    #expect(loaded.parameters == model.parameters && loaded.scaling == model.scaling)
    #expect(loaded.definition.sourceText.contains("spacing: .signalToNoise"))
    #expect(loaded.definition.sourceText.contains("DensePerPixel(2)"))
  }

  // MARK: - Other sizes

  static func resizable(width: Int, height: Int) -> Diffusion {
    Diffusion {
      GaussianKernel(image: ImageShape(width: width, height: height))
      ConstantErasure(steps: 5)
      ReverseNetwork {
        Convolution(channels: 3, kernel: 3, activation: .tanh)
        PerPixel(4, activation: .tanh)
        Readout(.perStep)
      }
    }
  }

  /// Away from the edges a convolution sees the same, so a constant image has one mean at every size.
  @Test func parametersServeOtherSizes() async throws {
    let data = try Dataset(Self.white(60, 42).map { $0.map { $0 * 3 + 1 } })
    let small = try await Self.resizable(width: 7, height: 6).fit(
      to: data, using: .adam(rate: 1e-2), steps: 30, seed: 4, options: .init(batchSize: 32, scaling: .whole))
    let large = try small.resized(to: ImageShape(width: 20, height: 11))
    #expect(large.dimensions == 220 && large.parameters == small.parameters)
    #expect(large.scaling.mean[219] == small.scaling.mean[0])
    func middle(_ model: TrainedDiffusion, _ place: Int) throws -> Double {
      let step = try #require(model.model.normalReverse)
      let probe = try ModelProbe(model, [step.mean], rows: 1)
      return probe.values(
        width: model.dimensions, step: 2,
        [
          DiffusionModel.state: [Array(repeating: 0.7, count: model.dimensions)]
        ])[0][place]
    }
    #expect(try abs(middle(small, 3 * 7 + 3) - middle(large, 5 * 20 + 9)) <= 1e-12)
    #expect(try large.sample(2, seed: 1)[1].count == 220)
  }

  @Test func layersOfOneSizeAreNamed() async throws {
    let data = try Dataset(Self.white(60, 24))
    func message(_ model: TrainedDiffusion, _ image: ImageShape) -> String {
      do {
        _ = try model.resized(to: image)
        return "resized"
      } catch { return error.description }
    }
    let dense = try Self.begun(Self.paper(width: 4, height: 6), on: data)
    #expect(message(dense, ImageShape(width: 8, height: 8)).contains("Dense (network.2.2.1.1) works at one size only"))
    let free = try Self.begun(Self.resizable(width: 4, height: 6), on: data)
    #expect(message(free, ImageShape(width: 8, height: 8, channels: 3)).contains("keep the channels"))
    #expect(message(free, ImageShape(width: 0, height: 8)).contains("no pixels"))
    let each = try Self.begun(Self.resizable(width: 4, height: 6), on: data, scaling: .standardise)
    #expect(message(each, ImageShape(width: 8, height: 8)).contains("scaling: .whole"))
    let vectors = try Self.begun(
      Diffusion {
        GaussianKernel(dimensions: 24)
        ConstantErasure(steps: 5)
        ReverseNetwork { Readout(.perStep) }
      }, on: data)
    #expect(message(vectors, ImageShape(width: 4, height: 6)).contains("only a model of images"))
  }

  // MARK: - What cannot be

  private func faults(_ kernel: some DiffusionKernel, @LayerBuilder _ layers: () -> [Placed<AnyLayer>]) -> [String] {
    let built = layers()
    do {
      _ = try DiffusionModel(
        Diffusion {
          kernel
          ConstantErasure(steps: 5)
          ReverseNetwork {
            built
            Readout(.shared)
          }
        })
      return []
    } catch { return error.faults.map(\.description) }
  }

  @Test func layersThatNeedAnImageSaySo() {
    let vector = GaussianKernel(dimensions: 12)
    let image = GaussianKernel(image: ImageShape(width: 4, height: 3))
    #expect(faults(vector) { Convolution(channels: 2, kernel: 3) }.first?.contains("takes an image") == true)
    #expect(faults(vector) { Convolution(channels: 2, kernel: 3) }.first?.contains("ImageModelTests.swift:") == true)
    #expect(faults(vector) { MultiScaleConvolution(channels: 2) }.first?.contains("takes an image") == true)
    #expect(faults(vector) { PerPixel(2) }.first?.contains("takes an image") == true)
    #expect(faults(vector) { DensePerPixel(2) }.first?.contains("rows are no images") == true)
    #expect(faults(image) { Convolution(channels: 2, kernel: 4) }.first?.contains("4 x 4 pixels; give an odd") == true)
    #expect(faults(image) { Convolution(channels: 2, kernel: 257) }.first?.contains("from 1 to 255") == true)
    #expect(faults(image) { Convolution(channels: 0, kernel: 3) }.first?.contains("0 units") == true)
    #expect(faults(image) { MultiScaleConvolution(channels: 2, scales: 0) }.first?.contains("0 scales") == true)
    #expect(faults(image) { DensePerPixel(-1) }.first?.contains("-1 units") == true)
    #expect(faults(image) { MultiScaleConvolution(channels: 2, kernel: 9, scales: 9) }.isEmpty)
  }

  /// A number that is not finite is named by the layer that it comes from: after the second update each layer makes its
  /// input a million times larger.
  @Test func aNaNIsNamedByItsLayer() async throws {
    let data = try Dataset(Self.white(60, 24))
    let definition = Diffusion {
      GaussianKernel(image: ImageShape(width: 4, height: 6))
      ConstantErasure(steps: 5)
      ReverseNetwork(mean: .direct, variance: .posterior) {
        for _ in 0..<8 { Convolution(channels: 2, kernel: 3) }
        Readout(.bumps(2))
      }
    }
    await #expect {
      _ = try await definition.fit(
        to: data, using: .adam(rate: 1e6), steps: 5, seed: 4, options: .init(batchSize: 32, scaling: .none))
    } throws: { error in
      "\(error)".contains("onvolution (network.")
    }
  }
}

extension Dataset {
  /// log N(row; 0, I) of each row.
  fileprivate var rowLogNormals: [Double] {
    (0..<count).map { row in
      self[row].reduce(0) { $0 - ($1 * $1 + log(2 * Double.pi)) / 2 }
    }
  }
}
