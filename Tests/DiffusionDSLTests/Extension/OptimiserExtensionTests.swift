import DiffusionDSL
import Foundation
import Synchronization
import Testing

// Optimisers written as a user of the library would.

/// AdaGrad (Duchi, Hazan, Singer 2011) with a rate that falls with the root of a parameter's own count of updates.
struct FallingAdaGrad: ElementwiseOptimiser {
  static let typeName = "fallingAdaGrad"
  static let moments = ["sum_of_squares"]

  var rate: LearningRate = 0.05
  var epsilon = 1e-3

  var sourceText: String { "FallingAdaGrad(epsilon: \(epsilon))" }
  var faults: [String] { rate.faults + (epsilon > 0 ? [] : ["epsilon is \(epsilon); give a positive number"]) }

  func coefficients(updates: Int) -> Double { 1 / Double(updates).squareRoot() }

  func update(_ range: ParameterRange, rate: Double, coefficients: Double) {
    for index in range.indices {
      let gradient = range.gradient(index)
      range[moment: 0, index] += gradient * gradient
      range[index] -= rate * coefficients * gradient / (range[moment: 0, index].squareRoot() + epsilon)
    }
  }
}

/// The same in Double over all parameters at once. The first `dense` parameters are updated at every step; a gradient of
/// 0 of another is that of a slice which the minibatch left alone.
struct WholeAdaGrad: WholeGradientOptimiser {
  static let typeName = "wholeAdaGrad"

  var dense: Int

  var sourceText: String { "WholeAdaGrad()" }
  var faults: [String] { [] }
  var learningRate: LearningRate? {
    get { nil }
    set {}
  }

  struct Run: WholeGradientRun {
    let dense: Int
    var sums: [Double]
    var updates: [Double]
    var gradient: [Double] = []
    var tensors: [String: StateTensor] { [:] }

    mutating func step(_ parameters: inout [Double], _ objective: ObjectiveEvaluator) throws {
      _ = try objective.evaluate(objective.step, at: parameters, gradient: &gradient)
      for (index, gradient) in gradient.enumerated() where index < dense || gradient != 0 {
        updates[index] += 1
        sums[index] += gradient * gradient
        parameters[index] -= 0.05 / updates[index].squareRoot() * gradient / (sums[index].squareRoot() + 1e-3)
      }
    }
  }

  func makeRun(parameterCount: Int, state: [String: StateTensor]?) -> Run {
    let zeros = Array(repeating: 0.0, count: parameterCount)
    return Run(dense: dense, sums: zeros, updates: zeros)
  }
}

/// Gradient descent on one frozen minibatch, with step lengths of Barzilai, Borwein (1988).
struct BarzilaiBorwein: WholeGradientOptimiser {
  static let typeName = "barzilaiBorwein"
  /// The loss and the gradient's norm at each step of the last training.
  static let trace = Mutex<[(loss: Double, norm: Double)]>([])

  var firstLength = 0.01

  var sourceText: String { "BarzilaiBorwein(firstLength: \(firstLength))" }
  var faults: [String] { firstLength > 0 ? [] : ["firstLength is \(firstLength); give a positive number"] }
  var learningRate: LearningRate? {
    get { nil }
    set {}
  }

  struct Run: WholeGradientRun {
    let firstLength: Double
    var previous: (parameters: [Double], gradient: [Double])?
    var gradient: [Double] = []

    var tensors: [String: StateTensor] {
      guard let previous else { return [:] }
      return ["parameters": StateTensor(previous.parameters), "gradient": StateTensor(previous.gradient)]
    }

    mutating func step(_ parameters: inout [Double], _ objective: ObjectiveEvaluator) throws {
      let loss = try objective.evaluate(0, at: parameters, gradient: &gradient)
      var length = firstLength
      if let previous {
        let moved = zip(parameters, previous.parameters).map { $0 - $1 }
        let change = zip(gradient, previous.gradient).map { $0 - $1 }
        let curvature = zip(moved, change).map { $0 * $1 }.reduce(0, +)
        if curvature > 0 { length = curvature / change.map { $0 * $0 }.reduce(0, +) }
      }
      previous = (parameters, gradient)
      let norm = gradient.map { $0 * $0 }.reduce(0, +).squareRoot()
      BarzilaiBorwein.trace.withLock { $0.append((loss, norm)) }
      for index in parameters.indices { parameters[index] -= length * gradient[index] }
    }
  }

  func makeRun(parameterCount: Int, state: [String: StateTensor]?) throws -> Run {
    var run = Run(firstLength: firstLength)
    if let parameters = state?["parameters"]?.doubles, let gradient = state?["gradient"]?.doubles {
      guard parameters.count == parameterCount, gradient.count == parameterCount else {
        throw OptimiserError.cannotResume("the state of BarzilaiBorwein is not of these parameters")
      }
      run.previous = (parameters, gradient)
    }
    return run
  }
}

/// Gives parameters that cannot be used, or those that it was given.
struct Careless: WholeGradientOptimiser {
  static let typeName = "careless"

  enum Deed: String, Codable { case nothing, forgetsOne, divides, evaluatesElsewhere }
  var deed: Deed

  var sourceText: String { "Careless()" }
  var faults: [String] { [] }
  var learningRate: LearningRate? {
    get { nil }
    set {}
  }

  struct Run: WholeGradientRun {
    let deed: Deed
    var tensors: [String: StateTensor] { [:] }

    mutating func step(_ parameters: inout [Double], _ objective: ObjectiveEvaluator) throws {
      var gradient: [Double] = []
      switch deed {
      case .nothing: break
      case .forgetsOne: parameters.removeLast()
      case .divides: parameters[0] /= 0
      case .evaluatesElsewhere:
        _ = try objective.evaluate(0, at: parameters.map { $0 + 1 }, gradient: &gradient)
        _ = try objective.evaluate(0, at: parameters.map { _ in 1e38 }, gradient: &gradient)
      }
    }
  }

  func makeRun(parameterCount: Int, state: [String: StateTensor]?) -> Run { Run(deed: deed) }
}

/// Keeps a moment under the name of something else.
struct Usurper: ElementwiseOptimiser {
  static let typeName = "usurper"
  static let moments = ["average"]
  var rate: LearningRate = 1
  var sourceText: String { "Usurper()" }
  var faults: [String] { [] }
  func coefficients(updates: Int) {}
  func update(_ range: ParameterRange, rate: Double, coefficients: Void) {}
}

/// Optimisers of one's own: an elementwise one and some that need the whole gradient.
@Suite(.serialized) struct OptimiserExtensionTests {
  /// With more time steps than a few small minibatches touch.
  static let perStep = Diffusion {
    GaussianKernel(dimensions: 2)
    Cosine(steps: 40)
    ReverseNetwork(mean: .noise) {
      Dense(4, activation: .tanh)
      Readout(.perStep)
    }
  }

  static func rows() -> [[Double]] {
    (0..<200).map { row in
      let angle = Double(row) * 0.3
      return [3 * cos(angle) + 0.1 * sin(7 * angle), sin(2 * angle)]
    }
  }

  static let options = TrainingOptions(batchSize: 64, threads: 1)

  static func parameters(_ model: TrainedDiffusion) -> [String: [Float]] {
    Dictionary(uniqueKeysWithValues: model.parameterShapes.map { ($0.name, model.parameter($0.name) ?? []) })
  }

  static func fit(_ optimiser: any Optimiser, steps: Int) async throws -> TrainedDiffusion {
    try await perStep.fit(to: rows(), using: optimiser, steps: steps, seed: 3, options: options)
  }

  @Test func anElementwiseOptimiserFollowsItsRecurrence() async throws {
    let steps = 6
    let start = OptimiserExtensionTests.parameters(
      try await OptimiserExtensionTests.fit(Careless(deed: .nothing), steps: 1))
    let found = OptimiserExtensionTests.parameters(
      try await OptimiserExtensionTests.fit(FallingAdaGrad(), steps: steps))
    let expected = OptimiserExtensionTests.parameters(
      try await OptimiserExtensionTests.fit(WholeAdaGrad(dense: 2 * 4 + 4), steps: steps))
    #expect(found.keys == expected.keys)
    for (name, values) in found {
      for (value, other) in zip(values, try #require(expected[name])) {
        #expect((value - other).magnitude <= 1e-4, "\(name)")
      }
    }
    // Six minibatches of four tiles touch at most 24 of 40 slices; the others are as they were, to the bit.
    let (before, after) = (try #require(start["readout.weight"]), try #require(found["readout.weight"]))
    let length = before.count / 40
    let changed = (0..<40).filter {
      before[$0 * length..<($0 + 1) * length] != after[$0 * length..<($0 + 1) * length]
    }
    #expect(changed.count >= 4 && changed.count <= 24)
  }

  @Test func aStateOfOnesOwnIsStoredAndGoesOn() async throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("optimiser-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let url = folder.appendingPathComponent("half.safetensors")
    let types = DefinitionTypes([FallingAdaGrad.self, BarzilaiBorwein.self])
    let optimisers: [any Optimiser] = [
      FallingAdaGrad(rate: .cosine(0.1, period: 30), epsilon: 1e-2), BarzilaiBorwein(firstLength: 0.02),
    ]
    for optimiser in optimisers {
      let whole = try await OptimiserExtensionTests.fit(optimiser, steps: 20)
      try await OptimiserExtensionTests.fit(optimiser, steps: 9).save(to: url)
      let data = try Dataset(OptimiserExtensionTests.rows())
      let resumed = try await TrainedDiffusion(contentsOf: url, types: types).resume(
        on: data, totalSteps: 20, options: TrainingOptions(threads: 1))
      #expect(OptimiserExtensionTests.parameters(resumed) == OptimiserExtensionTests.parameters(whole))
      try await checkWithoutType(url, types: types, name: type(of: optimiser).typeName)
    }
  }

  /// Without the optimiser's type a file gives the same model. It is not trained on, and the reason names the type; it is
  /// saved with all that training needs.
  func checkWithoutType(_ url: URL, types: DefinitionTypes, name: String) async throws {
    let rows = OptimiserExtensionTests.rows()
    let (with, without) = (
      try TrainedDiffusion(contentsOf: url, types: types), try TrainedDiffusion(contentsOf: url)
    )
    #expect(without.trainingSteps == 9)
    #expect(try without.sample(5, seed: 1).flat == with.sample(5, seed: 1).flat)
    #expect(try without.lowerBound(on: rows, seed: 1).bits == with.lowerBound(on: rows, seed: 1).bits)
    let error = await #expect(throws: TrainingError.self) { _ = try await without.resume(on: rows, totalSteps: 20) }
    #expect("\(try #require(error))".contains("'\(name)': to train it on, hand that type to the loader"))
    let copy = url.deletingLastPathComponent().appendingPathComponent("copy.safetensors")
    try without.save(to: copy)
    #expect(try Data(contentsOf: copy) == Data(contentsOf: url))
  }

  @Test func anOptimiserOfTheWholeGradientConvergesOnAFrozenMinibatch() async throws {
    // A readout without layers is linear, and the loss a parabola.
    let model = Diffusion {
      GaussianKernel(dimensions: 2)
      Cosine(steps: 10)
      ReverseNetwork(mean: .noise, variance: .posterior) {
        Dense(3)
        Readout(.shared)
      }
    }
    BarzilaiBorwein.trace.withLock { $0 = [] }
    _ = try await model.fit(
      to: OptimiserExtensionTests.rows(), using: BarzilaiBorwein(), steps: 200, seed: 2,
      options: OptimiserExtensionTests.options)
    let trace = BarzilaiBorwein.trace.withLock { $0 }
    let (first, last) = (try #require(trace.first), try #require(trace.last))
    #expect(trace.count == 200)
    // Its way is not monotone.
    let least = trace.map(\.norm).min() ?? .infinity
    #expect(last.loss < first.loss && least < 1e-2 * first.norm, "from \(first) to \(last), least \(least)")
  }

  @Test func carelessOptimisersEndTraining() async throws {
    func failure(_ deed: Careless.Deed) async throws -> (String, TrainedDiffusion?) {
      let training = try OptimiserExtensionTests.perStep.training(
        on: Dataset(OptimiserExtensionTests.rows()), using: Careless(deed: deed), steps: 3, seed: 3,
        options: OptimiserExtensionTests.options)
      do {
        _ = try await training.value
        return ("none", training.lastGood)
      } catch { return ("\(error)", training.lastGood) }
    }
    let start = OptimiserExtensionTests.parameters(
      try await OptimiserExtensionTests.fit(Careless(deed: .nothing), steps: 1))
    for (deed, words) in [
      (.forgetsOne, "parameters for"), (.divides, "not finite"), (.evaluatesElsewhere, "training step 0 met a number"),
    ] as [(Careless.Deed, String)] {
      let (message, lastGood) = try await failure(deed)
      #expect(message.contains(words), "\(message)")
      #expect(try OptimiserExtensionTests.parameters(#require(lastGood)) == start, "\(deed)")
    }
    #expect(try await failure(.nothing).0 == "none")
  }

  @Test func faultsAreToldBeforeTrainingBegins() async {
    func message(_ optimiser: any Optimiser) async -> String {
      do {
        _ = try await OptimiserExtensionTests.fit(optimiser, steps: 1)
        return "none"
      } catch { return "\(error)" }
    }
    #expect(await message(FallingAdaGrad(epsilon: 0)) == "epsilon is 0.0; give a positive number")
    #expect(await message(BarzilaiBorwein(firstLength: -1)) == "firstLength is -1.0; give a positive number")
    #expect(await message(Usurper()) == "a moment of optimiser 'usurper' is called 'average': give another name")
  }
}
