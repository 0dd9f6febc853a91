import Foundation
import Testing

@testable import DiffusionDSL

/// Models as files: what is stored comes back, training goes on as if it had not stopped, and damage is an error.
@Suite struct ModelFileTests {
  static let definition = Diffusion {
    GaussianKernel(dimensions: 2)
    LearnedSchedule(steps: 7, firstVariance: 1e-2)
    ReverseNetwork(lastStep: .learned(floor: 1e-3)) {
      Parallel {
        RadialBasis(units: 4)
        Chain {
          Dense(3, activation: .silu)
          Residual { Dense(3, activation: .tanh) }
        }
      }
      Readout(.perStep)
    }
  }

  static func rows() throws -> Dataset {
    var flat: [Double] = []
    let source = NoiseSource(seed: 3, purpose: "model file rows")
    for row in 0..<300 {
      var stream = source.stream(chain: UInt64(row), step: 0)
      flat += [5 + 2 * Double(stream.nextNormal()), Double(stream.nextNormal()) * 0.1]
    }
    return try Dataset(complete: flat, dimensions: 2)
  }

  /// A folder that is removed afterwards.
  static func inFolder(_ body: (URL) async throws -> Void) async throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("model-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    try await body(folder)
  }

  @Test func whatIsStoredComesBack() async throws {
    let data = try ModelFileTests.rows()
    let trained = try await ModelFileTests.definition.fit(
      to: data, using: .adam(rate: 1e-2), steps: 20, seed: 4, options: .init(batchSize: 64, averaging: 0.9))
    try await ModelFileTests.inFolder { folder in
      let url = folder.appendingPathComponent("model.safetensors")
      try trained.save(to: url)
      let loaded = try TrainedDiffusion(contentsOf: url)
      #expect(loaded.definition == trained.definition)
      #expect(loaded.parameters == trained.parameters)
      #expect(loaded.scaling == trained.scaling)
      #expect(try loaded.lowerBound(on: data).rowNats == trained.lowerBound(on: data).rowNats)
      #expect(try loaded.sample(10, seed: 1) == trained.sample(10, seed: 1))
    }
  }

  /// A large picture's scaling, one mean and one scale, is stored once; scalings by column are stored by column.
  @Test(arguments: [TrainingOptions.DataScaling.whole, .standardise])
  func whatColumnsShareIsStoredOnce(scaling: TrainingOptions.DataScaling) async throws {
    var stream = RandomStream(seed: 3, purpose: "model file pictures")
    let pictures = (0..<20).map { _ in (0..<16).map { Double($0) + Double(stream.nextNormal()) } }
    let trained = try await Diffusion {
      GaussianKernel(image: ImageShape(width: 4, height: 4))
      Geometric(steps: 5, firstVariance: 1e-2, lastVariance: 0.99)
      ReverseNetwork {
        Convolution(channels: 2, activation: .tanh)
        Readout(.shared)
      }
    }.fit(
      to: pictures, using: .adam(rate: 1e-2), steps: 3, seed: 4, options: .init(batchSize: 10, scaling: scaling))
    let isWhole = Set(trained.scaling.mean).count == 1
    #expect(trained.scaling.isShared == isWhole)
    try await ModelFileTests.inFolder { folder in
      let url = folder.appendingPathComponent("model.safetensors")
      try trained.save(to: url)
      #expect(try SafeTensorsFile(reading: url)["scaling.scale"]?.shape == [isWhole ? 1 : 16])
      let loaded = try TrainedDiffusion(contentsOf: url)
      #expect(loaded.scaling == trained.scaling && loaded.scaling.mean.count == 16)
      #expect(try loaded.sample(2, seed: 1) == trained.sample(2, seed: 1))
    }
  }

  @Test(
    arguments: [
      .adam(rate: 1e-2), .adam(rate: 1e-2, weightDecay: 0.1), .rmsprop(rate: 1e-3, momentum: 0.5), .sgd(rate: 1e-3),
    ] as [any Optimiser])
  func resumedTrainingIsTheSame(_ optimiser: any Optimiser) async throws {
    let data = try ModelFileTests.rows()
    let options = TrainingOptions(batchSize: 100, averaging: 0.95, clipping: 5)
    let whole = try await ModelFileTests.definition.fit(
      to: data, using: optimiser, steps: 60, seed: 9, options: options)
    let half = try await ModelFileTests.definition.fit(to: data, using: optimiser, steps: 25, seed: 9, options: options)
    try await ModelFileTests.inFolder { folder in
      let url = folder.appendingPathComponent("half.safetensors")
      try half.save(to: url)
      let resumed = try await TrainedDiffusion(contentsOf: url).resume(on: data, totalSteps: 60)
      #expect(resumed.parameters == whole.parameters)
      #expect(isSame(resumed.state, whole.state))
    }
  }

  static let functionDefinition = Diffusion {
    GaussianKernel(dimensions: 2)
    Cosine(steps: 3)
    ReverseFunction(dimensions: 2) { x, step in
      let mixed = affine(Formula([0.5, 0.25, -0.25, 0.5], shape: [2, 2]), x)
      let far = squaredDistance(x, centres: Formula([0, 1, 1, 0, 2, 2], shape: [3, 2]))[0..<2]
      return GaussianStep(mean: mixed * sqrt(1 - step.beta) + tanh(far) * 0.1, variance: step.beta + x * 0)
    }
  }

  /// Files altered on purpose, in the texts that say what the model is: an error, or a model that can be scored,
  /// sampled from and trained on.
  @Test(arguments: [true, false]) func alteredTextsNeverTrap(_ isNetwork: Bool) async throws {
    let data = try ModelFileTests.rows()
    let trained =
      isNetwork
      ? try await ModelFileTests.definition.fit(
        to: data, steps: 2, seed: 4, options: .init(batchSize: 16, averaging: 0.5))
      : try TrainedDiffusion(ModelFileTests.functionDefinition)
    let few = try Dataset(complete: [5, 0.1, 4, -0.1], dimensions: 2)
    let options = ComputeOptions(threads: 1)
    try await ModelFileTests.inFolder { folder in
      let url = folder.appendingPathComponent("model.safetensors")
      try trained.save(to: url)
      let file = try SafeTensorsFile(reading: url)
      var stream = RandomStream(seed: isNetwork ? 2 : 3, purpose: "altered texts")
      let pieces = [
        "0", "-1", "1", "2", "3", "17", "9223372036854775807", "1e300", "\"zzz\"", "\"x\"", "\"noise\"", "null",
      ]
      let names = ["x", "beta", "t", "noise", "x0", "affine", "slice", "concatenate", "sum", "multiply"]
      var (loaded, scored) = (0, 0)
      for _ in 0..<1_500 {
        var damaged = file
        damaged.metadata["checksum"] = "none"
        let key = isNetwork && Bool.random(using: &stream) ? "training" : "definition"
        var text = Array(try #require(file.metadata[key]).utf8)
        for _ in 0..<Int.random(in: 1...2, using: &stream) {
          // A whole number, or a whole word, for another.
          let isDigit: (UInt8) -> Bool = { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
          let isLetter: (UInt8) -> Bool = { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0) }
          let takesNumber = Int.random(in: 0..<4, using: &stream) > 0
          let kind = takesNumber ? isDigit : isLetter
          let starts = text.indices.filter { kind(text[$0]) && ($0 == 0 || !kind(text[$0 - 1])) }
          guard let start = starts.randomElement(using: &stream) else { continue }
          let end = text[start...].firstIndex { !kind($0) } ?? text.count
          let piece = (takesNumber ? pieces : names).randomElement(using: &stream) ?? "0"
          text.replaceSubrange(start..<end, with: Array(piece.utf8))
        }
        damaged.metadata[key] = String(decoding: text, as: UTF8.self)
        try damaged.write(to: url)
        guard let model = try? TrainedDiffusion(contentsOf: url) else { continue }
        loaded += 1
        // Sound, but as slow as it says.
        guard model.steps < 1_000, model.state?.batchSize ?? 0 < 10_000 else { continue }
        if (try? model.lowerBound(on: few, options: options)) != nil { scored += 1 }
        _ = try? model.sample(2, seed: 1, options: options)
        guard let done = model.trainingSteps, done < .max - 1 else { continue }
        _ = try? await model.resume(on: data, totalSteps: done + 1, options: TrainingOptions(threads: 1))
      }
      #expect(loaded > 50 && scored > 50)
    }
  }

  @Test func formatsOlderLoadAndNewerAreRefused() async throws {
    let data = try ModelFileTests.rows()
    let trained = try await ModelFileTests.definition.fit(to: data, steps: 1, seed: 4, options: .init(batchSize: 16))
    try await ModelFileTests.inFolder { folder in
      let url = folder.appendingPathComponent("model.safetensors")
      try trained.save(to: url)
      var file = try SafeTensorsFile(reading: url)
      file.metadata["format_version"] = "1"
      file["scaling.mean"] = nil
      file["scaling.scale"] = nil
      file.metadata["scaling"] = String(decoding: try JSONEncoder().encode(trained.scaling), as: UTF8.self)
      try file.write(to: url)
      #expect(try TrainedDiffusion(contentsOf: url).scaling == trained.scaling)

      file.metadata["format_version"] = "7"
      try file.write(to: url)
      #expect(throws: ModelFileError.newerFormat(file: url.path, found: 7, supported: 6)) {
        try TrainedDiffusion(contentsOf: url)
      }
      file.metadata["format_version"] = "2"
      file.metadata["producer"] = nil
      try file.write(to: url)
      #expect(throws: ModelFileError.self) { try TrainedDiffusion(contentsOf: url) }
    }
  }

  /// Files that older formats' programs wrote, with sums of their tensors as another program reads them.
  @Test(arguments: [
    (
      "format2.safetensors",
      [-189.36033496260643, -5.41390810161829, 23.98023760318756, -3.6664014717098325, -0.09243068611249328]
    ),
    (
      "format3.safetensors",
      [-189.36033496260643, -5.413908250629902, 23.98023760318756, -3.666401829337701, -0.09243068774230778]
    ),
  ])
  func olderFormatsStillLoad(_ name: String, _ sums: [Double]) async throws {
    let trained = try TrainedDiffusion(contentsOf: References.folder.appendingPathComponent(name))
    #expect(
      trained.definition
        == Diffusion {
          GaussianKernel(dimensions: 2)
          LearnedSchedule(steps: 40, firstVariance: 1e-3)
          ReverseNetwork(mean: .forwardMean) {
            RadialBasis(units: 16)
            Readout(.perStep)
          }
        })
    #expect(trained.trainingSteps == 3 && trained.scaling == .identity(2))
    #expect(
      trained.parameterShapes.map(\.name) == [
        "schedule.logits", "network.1.centres", "network.1.logScales", "readout.weight", "readout.bias",
      ])
    #expect(trained.parameterShapes.map(\.shape) == [[39], [16, 2], [16], [40, 4, 16], [40, 4]])
    #expect(trained.parameterCount == 39 + 32 + 16 + 2_560 + 160)
    for ((name, _), sum) in zip(trained.parameterShapes, sums) {
      let found = try #require(trained.parameter(name)).reduce(0.0) { $0 + Double($1) }
      #expect(abs(found - sum) < 1e-9, "\(name)")
    }
    // It can be trained further.
    let data = try ModelFileTests.rows()
    #expect(try await trained.resume(on: data, totalSteps: 5).trainingSteps == 5)
  }

  @Test func damageIsAnError() async throws {
    let data = try ModelFileTests.rows()
    let trained = try await ModelFileTests.definition.fit(to: data, steps: 1, seed: 4, options: .init(batchSize: 16))
    try await ModelFileTests.inFolder { folder in
      let url = folder.appendingPathComponent("model.safetensors")
      try trained.save(to: url)
      let bytes = try Data(contentsOf: url)
      var stream = RandomStream(seed: 1, purpose: "damage")
      var refused = 0
      for _ in 0..<400 {
        var damaged = bytes
        for _ in 0..<Int.random(in: 1...4, using: &stream) {
          // Half of it in the header, where damage can mean something else than another number.
          let end = Bool.random(using: &stream) ? min(bytes.count, 4_000) : bytes.count
          damaged[Int.random(in: 0..<end, using: &stream)] = UInt8.random(in: 0...255, using: &stream)
        }
        try damaged.write(to: url)
        do {
          // What loads says the same: a space in the header may have become a tab, or a byte itself.
          let model = try TrainedDiffusion(contentsOf: url)
          #expect(model.parameters == trained.parameters && model.definition == trained.definition)
          #expect(model.scaling == trained.scaling)
        } catch is ModelFileError {
          refused += 1
        }
      }
      #expect(refused > 380)
      // Altered on purpose.
      try bytes.write(to: url)
      var file = try SafeTensorsFile(reading: url)
      file.metadata["note"] = "by hand"
      try file.write(to: url)
      #expect(throws: ModelFileError.altered(file: url.path)) { try TrainedDiffusion(contentsOf: url) }
      file.metadata["checksum"] = "none"
      try file.write(to: url)
      _ = try TrainedDiffusion(contentsOf: url)
      for length in stride(from: 0, to: bytes.count, by: 97) {
        try bytes.prefix(length).write(to: url)
        #expect(throws: ModelFileError.self) { try TrainedDiffusion(contentsOf: url) }
      }
    }
  }
}
