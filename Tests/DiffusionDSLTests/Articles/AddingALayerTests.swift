// article
import DiffusionDSL
import Foundation
// end of article
import Testing

// The regions between the two marks are the Swift blocks of the article AddingALayer.md, in its order; one test runs
// them, one compares the texts.

// article
/// Layer normalisation (Ba, Kiros, Hinton 2016): brings a vector to mean 0 and variance 1, then applies a learned gain
/// and bias to each number.
struct LayerNorm: NetworkLayer {
  static let typeName = "layerNorm"
  var epsilon = 1e-5

  var inside: [Placed<AnyLayer>] { [] }
  var sourceText: String { "LayerNorm(epsilon: \(epsilon))" }

  func output(of input: Formula, in network: LayerContext) -> Formula {
    guard input.shape.axes.count == 1, input.shape.count > 1 else {
      return network.fault("LayerNorm takes a vector of 2 numbers or more, not \(input.shape); give it one", input)
    }
    guard epsilon > 0 else {
      return network.fault("LayerNorm's epsilon is \(epsilon); give a number above 0, say 1e-5", input)
    }
    let gain = network.parameter("gain", shape: input.shape, .constant(1))
    let bias = network.parameter("bias", shape: input.shape, .constant(0))
    let centred = input - mean(input)
    return centred / sqrt(mean(square(centred)) + epsilon) * gain + bias
  }
}
// end of article

@Suite struct AddingALayerTests {
  private let rows = (0..<512).map { index -> [Double] in
    let angle = Double(index) * 0.7
    return [2 * cos(angle), sin(angle) + 0.1 * cos(9 * angle)]
  }

  @Test func articleRuns() async throws {
    // article
    let model = Diffusion {
      GaussianKernel(dimensions: 2)
      Cosine(steps: 20)
      ReverseNetwork {
        Dense(16, activation: .silu)
        LayerNorm()
        Dense(16, activation: .silu)
        Readout(.bumps(4))
      }
    }
    let trained = try await model.fit(to: rows, using: .adam(rate: 1e-2), steps: 200, seed: 1)
    print("gains:", trained.parameter("network.2.gain") ?? [])
    // end of article
    let short = try await model.fit(to: rows, using: .adam(rate: 1e-2), steps: 1, seed: 1)
    #expect(try trained.lowerBound(on: rows, seed: 1).bits > short.lowerBound(on: rows, seed: 1).bits + 0.1)
    #expect(try #require(trained.parameter("network.2.gain")).contains { abs($0 - 1) > 0.01 })
    #expect(try #require(trained.parameter("network.2.bias")).contains { abs($0) > 0.01 })

    // article
    let file = URL.temporaryDirectory.appending(path: "normalised-\(UUID()).safetensors")
    try trained.save(to: file)
    let loaded = try TrainedDiffusion(contentsOf: file, types: [LayerNorm.self])
    let longer = try await loaded.resume(on: Dataset(rows), totalSteps: 210)
    // end of article
    defer { try? FileManager.default.removeItem(at: file) }
    #expect(loaded.definition == model)
    #expect(try loaded.sample(9, seed: 4) == trained.sample(9, seed: 4))
    #expect(longer.trainingSteps == 210)
    let error = #expect(throws: ModelFileError.self) { try TrainedDiffusion(contentsOf: file) }
    #expect("\(try #require(error))".contains("a layer is of an unknown type, 'layerNorm'"))

    // article
    do {
      _ = try TrainedDiffusion(
        Diffusion {
          GaussianKernel(dimensions: 2)
          Cosine(steps: 20)
          ReverseNetwork {
            LayerNorm(epsilon: 0)
            Readout(.shared)
          }
        })
    } catch {
      for fault in error.faults { print(fault.location?.line as Any, fault.message) }
    }
    // end of article
  }

  @Test func itsFaultsHaveTheirLine() throws {
    let line = #line + 5
    let wrong = Diffusion {
      GaussianKernel(dimensions: 2)
      Cosine(steps: 20)
      ReverseNetwork {
        LayerNorm(epsilon: 0)
        Readout(.shared)
      }
    }
    let error = try #require(throws: DefinitionError.self) { try TrainedDiffusion(wrong) }
    #expect(error.faults.map(\.message) == ["LayerNorm's epsilon is 0.0; give a number above 0, say 1e-5"])
    #expect(error.faults.first?.location?.line == UInt(line))
  }

  @Test func articleSaysWhatRuns() throws {
    try Article.compare("AddingALayer.md", with: #filePath, blocks: 5)
  }
}
