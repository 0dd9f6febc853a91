import DiffusionDSL
import Foundation
import Testing

/// A layer whose work the test gives; files never see it.
private struct Given: NetworkLayer {
  static let typeName = "given"
  var inside: [Placed<AnyLayer>] = []
  var sourceText: String { "Given()" }
  let work: @Sendable (Formula, LayerContext) -> Formula

  init(_ work: @escaping @Sendable (Formula, LayerContext) -> Formula) { self.work = work }
  init(from decoder: any Decoder) throws { work = { x, _ in x } }
  func encode(to encoder: any Encoder) throws {}
  static func == (left: Given, right: Given) -> Bool { true }
  func hash(into hasher: inout Hasher) {}

  func output(of input: Formula, in network: LayerContext) -> Formula { work(input, network) }
}

/// A layer with the name of one of the library's, which a file would be read as.
private struct Impostor: NetworkLayer {
  static let typeName = "dense"
  var inside: [Placed<AnyLayer>] { [] }
  var sourceText: String { "Impostor()" }
  func output(of input: Formula, in network: LayerContext) -> Formula { input }
}

/// A container that is not the library's.
private struct Wrap: NetworkLayer {
  static let typeName = "wrap"
  var inside: [Placed<AnyLayer>]
  var sourceText: String { "Wrap" }
  init(@LayerBuilder _ layers: () -> [Placed<AnyLayer>]) { inside = layers() }
  func output(of input: Formula, in network: LayerContext) -> Formula { network.output(of: inside, for: input) }
}

/// What a layer of one's own does wrong is told at its line, whatever it gives.
@Suite struct LayerFaultTests {
  @Test func aNameOfTheLibrarysIsRefused() async throws {
    #expect(
      try await faults([Impostor()]) == [
        "Impostor has the typeName 'dense', which files have for Dense: give it another"
      ])
  }

  /// The faults of a network of some layers over two numbers; none where it trains.
  private func faults(_ layers: [any NetworkLayer]) async throws -> [String] {
    let definition = Diffusion {
      GaussianKernel(dimensions: 2)
      Cosine(steps: 4)
      ReverseNetwork {
        layers
        Readout(.perStep)
      }
    }
    do {
      _ = try await definition.fit(to: [[1, 2], [2, 1], [0, 3]], steps: 1, seed: 1)
      return []
    } catch let error as DefinitionError {
      return error.faults.map(\.message)
    }
  }

  private func faults(_ work: @escaping @Sendable (Formula, LayerContext) -> Formula) async throws -> [String] {
    try await faults([Chain { Given(work) }, Dense(3)])
  }

  @Test func parametersThatCannotBeAreReported() async throws {
    #expect(
      try await faults { x, network in x * network.parameter("c", shape: [2], .normal(standardDeviation: -1)) }
        == ["Given's parameter 'c' starts at draws of standard deviation -1.0; give 0 or more"])
    #expect(
      try await faults { x, network in x + sum(network.parameter("c", shape: [4, 3], .dataRows)) }
        == ["Given's parameter 'c' of shape [4 x 3] starts at rows of data; make its shape [n x 2]"])
    #expect(
      try await faults { x, network in x + sum(network.parameter("c", shape: [4], .dataRows)) }
        == ["Given's parameter 'c' of shape [4] starts at rows of data; make its shape [n x 2]"])
    #expect(
      try await faults { x, network in x + network.parameter("c", shape: [2], .values([1])) }
        == ["Given's parameter 'c' of shape [2] starts at 1 numbers; give 2"])
    #expect(
      try await faults { x, network in x + network.parameter("c", shape: [-2], .constant(0)) }
        == ["Given's parameter 'c' has the shape [-2]; make each extent 1 or more"])
    #expect(
      try await faults { x, network in x + network.parameter("c", shape: [2], .constant(.infinity)) }
        == ["Given's parameter 'c' starts at inf; give finite numbers"])
    #expect(
      try await faults { x, network in
        network.parameter("c", shape: [2], .constant(0)) + network.parameter("c", shape: [2], .constant(1)) + x
      } == ["Given has two parameters called 'c'; give each a name of its own"])
  }

  @Test func parametersOfAnySoundShapeTrain() async throws {
    #expect(
      try await faults { x, network in
        let scale = network.parameter("scale", shape: .scalar, .constant(1))
        let rows = network.parameter("rows", shape: [3, 2], .dataRows)
        return x * scale + softmax(squaredDistance(x, centres: rows))[0..<2]
      } == [])
  }

  /// Once, by the innermost layer, not again by those around it and behind it.
  @Test func anIllShapedFormulaIsReportedOnceAtItsLayer() async throws {
    let line = UInt(#line + 7)
    let definition = Diffusion {
      GaussianKernel(dimensions: 2)
      Cosine(steps: 4)
      ReverseNetwork {
        Dense(2)
        Chain {
          Given { x, _ in x + Formula([1, 2, 3]) }
        }
        Dense(2)
        Readout(.perStep)
      }
    }
    do {
      _ = try await definition.fit(to: [[1, 2], [2, 1]], steps: 1, seed: 1)
      Issue.record("an ill-shaped formula was taken")
    } catch let error as DefinitionError {
      #expect(
        error.faults.map(\.message) == [
          "Given: add takes operands of one shape, or a scalar and any shape, but got [2] and [3]"
        ])
      #expect(error.faults.map { $0.location?.line } == [line])
    }
  }

  @Test func aFormulaOfSomethingElseIsReported() async throws {
    nonisolated(unsafe) var captured: [Formula] = []
    _ = ReverseFunction(dimensions: 3) { x, step in
      captured = [x, step.beta]
      return GaussianStep(mean: x, variance: step.beta)
    }
    let (state, beta) = (captured[0], captured[1])
    let remedy = "which it is not given; use no formulas but its input and its parameters"
    #expect(try await faults { x, _ in x * beta } == ["Given uses 'beta' of shape a scalar, \(remedy)"])
    #expect(try await faults { x, _ in x + sum(state) } == ["Given uses 'x' of shape [3], \(remedy)"])
  }

  @Test func containersThatNestTooDeepAreReported() async throws {
    func nested(_ depth: Int, beside: Bool) -> any NetworkLayer {
      var layer: any NetworkLayer = Dense(2)
      for _ in 0..<depth {
        let inside = layer
        layer =
          beside
          ? Wrap {
            Dense(2)
            [inside]
          } : Wrap { [inside] }
      }
      return layer
    }
    let message = "layers nest more than 64 deep here; put them one behind the other instead of inside each other"
    for beside in [false, true] {
      #expect(try await faults([nested(63, beside: beside)]) == [])
      for depth in [64, 65, 66, 200_000] {
        let layer = nested(depth, beside: beside)
        #expect(try await faults([Chain { [Dense(2), layer] }]) == [message])
      }
    }
  }
}
