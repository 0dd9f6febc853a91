import Foundation
import Testing

@testable import DiffusionDSL

/// Definitions as values: stored, compared, and read back from text that may be damaged.
@Suite struct DefinitionCodingTests {
  static let network = Diffusion {
    GaussianKernel(dimensions: 2)
    LearnedSchedule(steps: 40, firstVariance: 0.0009765625)
    ReverseNetwork(mean: .noise, variance: .posterior, lastStep: .learned(floor: 0.25)) {
      RadialBasis(units: 16)
      Parallel {
        Chain {
          Dense(8, activation: .silu)
          Residual { Dense(8) }
        }
        Dense(3, activation: .leakyReLU)
      }
      Readout(.bumps(10))
    }
  }

  static let function = Diffusion {
    GaussianKernel(dimensions: 2)
    Fixed([0.25, 0.5, 1])
    ReverseFunction(dimensions: 2) { x, step in
      let mixed = concatenate([sum(x * Formula([0.5, 2])), logSumExp(x) - 1])
      let bounded = select(x .> 0, min(tanh(x), mixed), leakyReLU(x, slope: 0.25) / 2)
      return GaussianStep(mean: bounded * sqrt(step.alphaBar), variance: step.beta * step.noiseBefore + exp(-step.t))
    }
  }

  static let image = Diffusion {
    GaussianKernel(image: .init(width: 4, height: 3, channels: 2))
    Geometric(steps: 5, firstVariance: 0.125)
    ReverseNetwork { Readout(.shared) }
  }

  static let odds = Diffusion {
    GaussianKernel(dimensions: 1)
    SignalToNoise(steps: 5, firstVariance: 0.125, lastVariance: 0.75)
    ReverseNetwork { Readout(.shared) }
  }

  static let all = [network, function, image, odds]

  private static func json(_ definition: Diffusion) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    return String(decoding: try encoder.encode(definition), as: UTF8.self)
  }

  private static func definition(_ json: String) throws -> Diffusion {
    try JSONDecoder().decode(Diffusion.self, from: Data(json.utf8))
  }

  @Test(arguments: all)
  func aDefinitionIsReadBackAsItWasWritten(_ definition: Diffusion) throws {
    let text = try Self.json(definition)
    let read = try Self.definition(text)
    #expect(read == definition)
    #expect(read.hashValue == definition.hashValue)
    #expect(try Self.json(read) == text)
    _ = try DiffusionModel(read)
  }

  /// Saved models hold this text: a change here needs a new version of their format.
  @Test func theStoredTextStaysTheSame() throws {
    #expect(
      try Self.json(Self.network) == """
        {"kernel":{"dimensions":2},\
        "reverse":{"network":{"_0":{"lastStep":{"learned":{"floor":0.25}},\
        "layers":[{"radialBasis":{"units":16}},\
        {"parallel":{"_0":[{"chain":{"_0":[{"dense":{"activation":"silu","units":8}},\
        {"residual":{"_0":[{"dense":{"activation":"identity","units":8}}]}}]}},\
        {"dense":{"activation":"leakyReLU","units":3}}]}}],\
        "mean":"noise","readout":{"kind":{"bumps":{"_0":10}}},"variance":{"posterior":{}}}}},\
        "schedule":{"learned":{"firstVariance":0.0009765625,"steps":40}}}
        """)
    #expect(
      try Self.json(Self.image) == """
        {"kernel":{"dimensions":24,"image":{"channels":2,"height":3,"width":4}},\
        "reverse":{"network":{"_0":{"lastStep":{"paper":{}},"layers":[],"mean":"interpolated",\
        "readout":{"kind":{"shared":{}}},"variance":{"learned":{}}}}},\
        "schedule":{"geometric":{"firstVariance":0.125,"lastVariance":0.9999,"steps":5}}}
        """)
    let shrinking = Diffusion {
      GaussianKernel(dimensions: 1)
      Fixed([0.5])
      ReverseFunction(dimensions: 1) { x, step in GaussianStep(mean: x * 0.5, variance: step.beta) }
    }
    #expect(
      try Self.json(shrinking) == """
        {"kernel":{"dimensions":1},\
        "reverse":{"function":{"_0":{"dimensions":1,"lastStep":{"paper":{}},\
        "mean":[{"name":"x","operation":"symbol","shape":[1],"stage":3},\
        {"numbers":[0.5],"operation":"constant","shape":[]},\
        {"operands":[1],"operation":"broadcast","shape":[1],"stage":3},\
        {"operands":[0,2],"operation":"multiply"}],\
        "variance":[{"name":"beta","operation":"symbol","shape":[],"stage":2}]}}},\
        "schedule":{"fixed":{"_0":[0.5]}}}
        """)
  }

  /// Two definitions are equal when they say the same, wherever they stand.
  @Test func definitionsAreComparedByWhatTheySay() throws {
    func model(_ units: Int, _ mean: MeanParameterisation = .interpolated) -> Diffusion {
      Diffusion {
        GaussianKernel(dimensions: 2)
        Cosine(steps: 10)
        ReverseNetwork(mean: mean) {
          Dense(units)
          Readout(.perStep)
        }
      }
    }
    let elsewhere = Diffusion {
      GaussianKernel(dimensions: 2)

      Cosine(steps: 10)

      ReverseNetwork {
        for _ in 0..<1 { Dense(8, activation: .identity) }
        Readout(.perStep)
      }
    }
    #expect(model(8) == elsewhere)
    #expect(model(8).kernelPart.location != elsewhere.kernelPart.location)
    #expect(Set([model(8), elsewhere, model(9), model(8, .noise)]).count == 3)
    #expect(try Self.json(model(8)) == Self.json(elsewhere))
  }

  @Test func aReverseFunctionIsComparedByItsFormula() {
    func model(_ factor: Double) -> Diffusion {
      Diffusion {
        GaussianKernel(dimensions: 1)
        Cosine(steps: 10)
        ReverseFunction(dimensions: 1) { x, step in GaussianStep(mean: x * factor, variance: step.beta) }
      }
    }
    #expect(model(0.5) == model(0.5))
    #expect(model(0.5).hashValue == model(0.5).hashValue)
    #expect(model(0.5) != model(0.25))
  }

  @Test func faultsOfADefinitionThatWasReadHaveNoLine() throws {
    let text = try Self.json(Self.network).replacing("\"units\":16", with: "\"units\":0")
    let read = try Self.definition(text)
    let error = #expect(throws: DefinitionError.self) { try DiffusionModel(read) }
    #expect(error?.description == "RadialBasis has 0 units; give 1 or more")
  }

  @Test(arguments: [
    ("\"dimensions\":2,", "\"dimensions\":\"2\","), ("\"dimensions\":24", "\"dimensions\":25"),
    ("\"width\":4", "\"width\":5"), ("\"width\":4", "\"width\":9223372036854775807"),
    (",\"width\":4", ""), ("\"mean\":\"noise\"", "\"mean\":\"nois\""), ("radialBasis", "dense"),
    ("\"kernel\"", "\"core\""),
    ("\"learned\"", "\"taught\""), ("\"bumps\"", "\"bump\""), ("\"_0\":10", "\"_0\":10.5"),
    ("\"operation\":\"multiply\"", "\"operation\":\"multiplied\""), ("\"operands\":[0", "\"operands\":[99"),
    ("\"operands\":[0", "\"operands\":[-1"), ("\"shape\":[2]", "\"shape\":[-2]"),
    ("\"shape\":[2]", "\"shape\":[3]"), ("\"operation\":\"tanh\"", "\"operation\":\"affine\""),
    ("\"shape\":[2]", "\"shape\":[16777216,16777216,16777216]"),
  ])
  func alteredTextIsRefused(_ original: String, _ altered: String) throws {
    let texts = try Self.all.map(Self.json).filter { $0.contains(original) }
    #expect(!texts.isEmpty)
    for text in texts {
      let damaged = text.replacing(original, with: altered, maxReplacements: 1)
      #expect(throws: DecodingError.self) { try Self.definition(damaged) }
    }
  }

  /// What is cut off anywhere is refused; what has any number, name or sign changed is refused or compiles to a model
  /// or its faults. Nothing stops the process.
  @Test(arguments: all)
  func damagedTextNeverTraps(_ definition: Diffusion) throws {
    let text = Array(try Self.json(definition).utf8)
    for length in 0..<text.count {
      #expect(throws: (any Error).self) {
        try JSONDecoder().decode(Diffusion.self, from: Data(text[..<length]))
      }
    }
    var random = RandomStream(seed: 5, purpose: "damage")
    let pieces = [
      "0", "-1", "9223372036854775807", "1e300", "16777217", "null", "[]", "{}", "\"\"", "true", "", "9", ".",
    ]
    .map { Array($0.utf8) }
    var compiled = 0
    for _ in 0..<4_000 {
      var damaged = text
      for _ in 0..<Int.random(in: 1...2, using: &random) {
        let start = Int.random(in: 0..<damaged.count, using: &random)
        // Whole numbers are replaced whole, or most damage would be no JSON at all.
        var end = start
        while end < damaged.count, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(damaged[end]) { end += 1 }
        if end == start { end = min(damaged.count, start + Int.random(in: 0...3, using: &random)) }
        damaged.replaceSubrange(start..<end, with: pieces.randomElement(using: &random) ?? [])
      }
      guard let read = try? JSONDecoder().decode(Diffusion.self, from: Data(damaged)) else { continue }
      compiled += (try? DiffusionModel(read)) == nil ? 0 : 1
    }
    #expect(compiled > 0)
  }
}
