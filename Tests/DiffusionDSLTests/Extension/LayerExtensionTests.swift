import DiffusionDSL
import Foundation
import Testing

/// A layer with a parameter that is not the library's: each number times the sigmoid of a learned mix of all.
struct Gate: NetworkLayer {
  static let typeName = "gate"
  var inside: [Placed<AnyLayer>] { [] }
  var sourceText: String { "Gate()" }

  func output(of input: Formula, in network: LayerContext) -> Formula {
    guard input.shape.axes.count == 1 else {
      return network.fault("Gate takes a vector, not \(input.shape); write Dense before it", input)
    }
    let width = input.shape.count
    let weight = network.parameter("weight", shape: [width, width], .normal(standardDeviation: 0.5))
    return input * sigmoid(affine(weight, input))
  }
}

/// One that holds others: the mean of what they give.
struct Average: NetworkLayer {
  static let typeName = "average"
  var inside: [Placed<AnyLayer>]
  var sourceText: String { sourceBlock("Average", inside.map(\.value.sourceText)) }

  init(@LayerBuilder _ layers: () -> [Placed<AnyLayer>]) { inside = layers() }

  func output(of input: Formula, in network: LayerContext) -> Formula {
    let outputs = inside.enumerated().map { network.output(of: [$1], for: input, branch: $0 + 1) }
    guard let first = outputs.first, outputs.allSatisfy({ $0.shape == first.shape }) else {
      return network.fault("Average takes layers of one width, one or more", input)
    }
    return outputs.dropFirst().reduce(first, +) / Double(outputs.count)
  }
}

/// Layers written outside of the module, by what the module makes public.
@Suite struct LayerExtensionTests {
  private static let types = DefinitionTypes([Gate.self, Average.self])

  private let model = Diffusion {
    GaussianKernel(dimensions: 2)
    Geometric(steps: 6, firstVariance: 0.05)
    ReverseNetwork {
      Average {
        Dense(5, activation: .tanh)
        Chain {
          Dense(5, activation: .silu)
          Gate()
        }
      }
      Readout(.shared)
    }
  }

  private let rows = (0..<256).map { index -> [Double] in
    let angle = Double(index) * 0.7
    return [2 * cos(angle), sin(angle) + 0.1 * cos(9 * angle)]
  }

  @Test func itTrains() async throws {
    let short = try await model.fit(to: rows, using: .adam(rate: 1e-2), steps: 1, seed: 2)
    let long = try await model.fit(to: rows, using: .adam(rate: 1e-2), steps: 600, seed: 2)
    #expect(
      short.parameterShapes.map(\.name) == [
        "network.1.1.1.weight", "network.1.1.1.bias", "network.1.2.1.1.weight", "network.1.2.1.1.bias",
        "network.1.2.1.2.weight", "readout.weight", "readout.bias",
      ])
    let (before, after) = (try short.lowerBound(on: rows, seed: 1), try long.lowerBound(on: rows, seed: 1))
    #expect(after.bits > before.bits + 0.1)
    let gate = "network.1.2.1.2.weight"
    let (start, end) = (try #require(short.parameter(gate)), try #require(long.parameter(gate)))
    #expect(start.count == 25 && zip(start, end).contains { abs($0 - $1) > 0.01 })
  }

  @Test func aFileThatUsesThemIsReadWithThemAndRefusedByTheirNamesWithout() async throws {
    let own = try await model.fit(to: rows, steps: 3, seed: 2)
    let read = try stored(own, types: Self.types)
    #expect(read.definition == own.definition && read.definition == model)
    #expect(try read.sample(9, seed: 4) == own.sample(9, seed: 4))
    let resumed = try await read.resume(on: Dataset(rows), totalSteps: 5)
    let unbroken = try await own.resume(on: Dataset(rows), totalSteps: 5)
    #expect(try resumed.sample(9, seed: 4) == unbroken.sample(9, seed: 4))
    for (types, name) in [(DefinitionTypes(), "average"), (DefinitionTypes([Average.self]), "gate")] {
      let error = #expect(throws: ModelFileError.self) { try stored(own, types: types) }
      #expect("\(try #require(error))".contains("a layer is of an unknown type, '\(name)': hand that type"))
    }
  }

  @Test func anExpectedDefinitionBringsItsTypes() async throws {
    let own = try await model.fit(to: rows, steps: 1, seed: 2)
    let file = FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID()).safetensors")
    defer { try? FileManager.default.removeItem(at: file) }
    try own.save(to: file)
    #expect(try TrainedDiffusion(contentsOf: file, expecting: model).definition == model)
  }

  @Test func aDecoderTakesTypesToo() throws {
    let data = try JSONEncoder().encode(model)
    let decoder = JSONDecoder()
    #expect(throws: DecodingError.self) { try decoder.decode(Diffusion.self, from: data) }
    decoder.userInfo[.definitionTypes] = Self.types
    #expect(try decoder.decode(Diffusion.self, from: data) == model)
  }

  @Test func itsFaultsHaveTheirLine() async throws {
    let line = #line + 5
    let wrong = Diffusion {
      GaussianKernel(image: .init(width: 2, height: 2))
      Cosine(steps: 4)
      ReverseNetwork {
        Gate()
        Readout(.perStep)
      }
    }
    do {
      _ = try await wrong.fit(to: [[1, 2, 3, 4], [2, 1, 4, 3]], steps: 1, seed: 1)
      Issue.record("a Gate on an image was taken")
    } catch let error as DefinitionError {
      #expect(error.faults.map(\.message) == ["Gate takes a vector, not [1 x 2 x 2]; write Dense before it"])
      #expect(error.faults.first?.location?.line == UInt(line))
    }
  }

  @Test func itIsShownAsItWouldBeWritten() {
    #expect(
      model.reverse.sourceText.split(separator: "\n").dropFirst().dropLast().map { $0.dropFirst(2) } == [
        "Average {", "  Dense(5, activation: .tanh)", "  Chain {", "    Dense(5, activation: .silu)", "    Gate()",
        "  }", "}", "Readout(.shared)",
      ])
  }
}
