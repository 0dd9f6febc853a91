import DiffusionDSL
import Foundation
import Testing

/// Models read by a program that declares what they are.
@Suite struct ExpectedDefinitionTests {
  private static let labels = ["low", "high", "none"]

  private func model(
    levels: [String] = ExpectedDefinitionTests.labels, steps: Int = 6, units: Int = 4, readout: Readout.Kind = .shared,
    bits: Int = 2
  ) -> Diffusion {
    Diffusion {
      ProductKernel {
        Continuous("size")
        Category("level", of: levels)
        BinomialKernel(bits: bits, mean: .fromData)
      }
      ConstantErasure(steps: steps)
      ReverseNetwork {
        Dense(units, activation: .tanh)
        Readout(readout)
      }
    }
  }

  private let rows: [[Double]] = (0..<60).map { row -> [Double] in
    [row % 7, row % 3, row % 2, row / 30].map { Double($0) }
  }

  private func withFile(of model: Diffusion, _ rows: [[Double]], _ body: (URL) throws -> Void) async throws {
    let file = FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID()).safetensors")
    defer { try? FileManager.default.removeItem(at: file) }
    try await model.fit(to: rows, steps: 1, seed: 1).save(to: file)
    try body(file)
  }

  @Test func whatComesFromDataMayBeAnything() async throws {
    try await withFile(of: model(), rows) { file in
      let loaded = try TrainedDiffusion(contentsOf: file, expecting: model())
      #expect(loaded.definition != model())
      _ = try TrainedDiffusion(contentsOf: file, expecting: loaded.definition)
    }
  }

  @Test func theDifferenceIsNamed() async throws {
    let other = ["low", "high", "zero"]
    let cases: [(Diffusion, String)] = [
      (
        model(levels: other),
        #"its kernel has 'Category("level", of: ["low", "high", "none"])' where "#
          + #"'Category("level", of: ["low", "high", "zero"])' is expected"#
      ),
      (
        model(steps: 7),
        "its schedule has 'ConstantErasure(steps: 6)' where 'ConstantErasure(steps: 7)' is expected"
      ),
      (
        model(units: 5),
        "its reverse function has 'Dense(4, activation: .tanh)' where 'Dense(5, activation: .tanh)' is expected"
      ),
      (
        model(readout: .bumps(3)),
        "its reverse function has 'Readout(.shared)' where 'Readout(.bumps(3))' is expected"
      ),
    ]
    try await withFile(of: model(), rows) { file in
      for (expected, difference) in cases {
        #expect(throws: ModelFileError.otherDefinition(file: file.path, difference: difference)) {
          try TrainedDiffusion(contentsOf: file, expecting: expected)
        }
      }
    }
  }

  /// What is given, and not taken from data, counts.
  @Test func givenSharesCount() async throws {
    func bits(_ mean: BitMean) -> Diffusion {
      Diffusion {
        BinomialKernel(bits: 2, mean: mean)
        Cosine(steps: 4)
        ReverseNetwork { Readout(.shared) }
      }
    }
    let rows: [[Double]] = [[0, 1], [1, 1], [0, 0]]
    try await withFile(of: bits(.given(0.25)), rows) { file in
      _ = try TrainedDiffusion(contentsOf: file, expecting: bits(.given(0.25)))
      _ = try TrainedDiffusion(contentsOf: file, expecting: bits(.fromData))
      let difference =
        "its kernel has 'BinomialKernel(bits: 2, mean: 0.25)' where 'BinomialKernel(bits: 2, mean: 0.5)' is expected"
      #expect(throws: ModelFileError.otherDefinition(file: file.path, difference: difference)) {
        try TrainedDiffusion(contentsOf: file, expecting: bits(.given(0.5)))
      }
    }
  }

  @Test func aRegressionMayKeepAnyNumberOfRows() async throws {
    func regression(rows: Int? = nil, bandwidth: Double = 0.3) -> Diffusion {
      Diffusion {
        GaussianKernel(dimensions: 1)
        Cosine(steps: 4)
        KernelRegression(rows: rows, bandwidth: bandwidth)
      }
    }
    try await withFile(of: regression(), [[1], [2], [4], [7]]) { file in
      _ = try TrainedDiffusion(contentsOf: file, expecting: regression())
      _ = try TrainedDiffusion(contentsOf: file, expecting: regression(rows: 4))
      #expect(throws: ModelFileError.self) { try TrainedDiffusion(contentsOf: file, expecting: regression(rows: 3)) }
      #expect(throws: ModelFileError.self) {
        try TrainedDiffusion(contentsOf: file, expecting: regression(bandwidth: 0.5))
      }
    }
  }
}
