// article
import DiffusionDSL
import Foundation
// end of article
import Testing

// The regions between the two marks are the Swift blocks of the article AddingAnOptimiser.md, in its order; one test
// runs them, one compares the texts.

// article
/// Lion (Chen et al. 2023): steps of one length along the sign of a running mean of the gradient.
struct Lion: ElementwiseOptimiser {
  static let typeName = "lion"
  static let moments = ["momentum"]

  var rate: LearningRate = 1e-3
  /// How much of the old momentum the step sees, and how much of it is kept.
  var decays = [0.9, 0.99]
  /// Pulls parameters towards 0, by this part of the rate.
  var weightDecay = 0.0

  var sourceText: String { "Lion(decays: \(decays), weightDecay: \(weightDecay))" }
  var faults: [String] {
    guard decays.count == 2, decays.allSatisfy({ $0 >= 0 && $0 < 1 }) else {
      return rate.faults + ["the decays of Lion are \(decays); give two numbers from 0 to below 1"]
    }
    return rate.faults + (weightDecay >= 0 ? [] : ["the weight decay is \(weightDecay); give 0 or more"])
  }

  func coefficients(updates: Int) {}

  func update(_ range: ParameterRange, rate: Double, coefficients: Void) {
    let (seen, kept) = (decays[0], decays[1])
    for index in range.indices {
      let (gradient, momentum) = (range.gradient(index), range[moment: 0, index])
      let direction = seen * momentum + (1 - seen) * gradient
      let sign = direction > 0 ? 1.0 : direction < 0 ? -1 : 0
      range[index] -= rate * (sign + weightDecay * range[index])
      range[moment: 0, index] = kept * momentum + (1 - kept) * gradient
    }
  }
}
// end of article

// article
/// Gradient descent that halves its step until the loss on the same minibatch has fallen enough (Armijo 1966).
struct Backtracking: WholeGradientOptimiser {
  static let typeName = "backtracking"
  var firstLength = 0.1

  var sourceText: String { "Backtracking(firstLength: \(firstLength))" }
  var faults: [String] { firstLength > 0 ? [] : ["firstLength is \(firstLength); give a positive number"] }
  var learningRate: LearningRate? {
    get { nil }
    set {}
  }

  struct Run: WholeGradientRun {
    var length: Double
    var gradient: [Double] = []
    var gradientThere: [Double] = []
    var tensors: [String: StateTensor] { ["length": StateTensor([length])] }

    mutating func step(_ parameters: inout [Double], _ objective: ObjectiveEvaluator) throws {
      let loss = try objective.evaluate(objective.step, at: parameters, gradient: &gradient)
      let square = gradient.reduce(0) { $0 + $1 * $1 }
      length = min(2 * length, 1e3)
      for _ in 0..<30 {
        let there = zip(parameters, gradient).map { $0 - length * $1 }
        do {
          let lossThere = try objective.evaluate(objective.step, at: there, gradient: &gradientThere)
          if lossThere <= loss - 1e-4 * length * square {
            parameters = there
            return
          }
        } catch is NotFinite {}
        length /= 2
      }
    }
  }

  func makeRun(parameterCount: Int, state: [String: StateTensor]?) throws -> Run {
    guard let state else { return Run(length: firstLength) }
    guard let stored = state["length"]?.doubles, stored.count == 1 else {
      throw OptimiserError.cannotResume("the state of Backtracking has no length")
    }
    return Run(length: stored[0])
  }
}
// end of article

@Suite struct AddingAnOptimiserTests {
  private let rows = (0..<512).map { index -> [Double] in
    let angle = Double(index) * 0.3
    return [3 * cos(angle) + 0.1 * sin(7 * angle), sin(2 * angle)]
  }

  @Test func articleRuns() async throws {
    // article
    let model = Diffusion {
      GaussianKernel(dimensions: 2)
      Cosine(steps: 20)
      ReverseNetwork {
        Dense(16, activation: .silu)
        Readout(.bumps(4))
      }
    }
    let trained = try await model.fit(to: rows, using: Lion(rate: .cosine(3e-3)), steps: 200, seed: 1)
    let searched = try await model.fit(to: rows, using: Backtracking(), steps: 50, seed: 1)
    for one in [trained, searched] { print(try one.lowerBound(on: rows, seed: 1)) }
    // end of article

    // article
    let half = try await model.fit(to: rows, using: Lion(), steps: 100, seed: 1)
    let file = URL.temporaryDirectory.appending(path: "half-\(UUID()).safetensors")
    try half.save(to: file)
    let loaded = try TrainedDiffusion(contentsOf: file, types: [Lion.self])
    let whole = try await loaded.resume(on: Dataset(rows), totalSteps: 200)
    // end of article
    defer { try? FileManager.default.removeItem(at: file) }
    let unbroken = try await model.fit(to: rows, using: Lion(), steps: 200, seed: 1)
    #expect(try whole.sample(9, seed: 4) == unbroken.sample(9, seed: 4))
    let start = try await model.fit(to: rows, using: Lion(rate: 1e-9), steps: 1, seed: 1)
    let before = try start.lowerBound(on: rows, seed: 1).bits
    for one in [trained, searched, whole] {
      #expect(try one.lowerBound(on: rows, seed: 1).bits > before + 0.1)
    }
    let untyped = try TrainedDiffusion(contentsOf: file)
    #expect(try untyped.sample(9, seed: 4) == half.sample(9, seed: 4))
    let error = await #expect(throws: TrainingError.self) { try await untyped.resume(on: rows, totalSteps: 200) }
    #expect("\(try #require(error))".contains("'lion'"))
  }

  /// From where training starts, a step of Lion is its rate long for each parameter with a gradient, and to the other
  /// side of gradient descent's.
  @Test func aStepOfLionIsItsRateLong() async throws {
    func parameters(_ optimiser: any Optimiser) async throws -> [Float] {
      let model = Diffusion {
        GaussianKernel(dimensions: 2)
        Cosine(steps: 5)
        ReverseNetwork {
          Dense(6, activation: .tanh)
          Readout(.shared)
        }
      }
      let trained = try await model.fit(to: rows, using: optimiser, steps: 1, seed: 1)
      return trained.parameterShapes.flatMap { trained.parameter($0.name) ?? [] }
    }
    let start = try await parameters(GradientDescent(rate: 1e-12))
    let descent = try await parameters(GradientDescent(rate: 1e-3))
    let lion = try await parameters(Lion(rate: 1e-3))
    var moved = 0
    for ((start, descent), lion) in zip(zip(start, descent), lion) where abs(descent - start) > 1e-6 {
      moved += 1
      #expect(abs(lion - start - (descent > start ? 1e-3 : -1e-3)) < 1e-6)
    }
    #expect(moved > 10)
  }

  @Test func faultsAreToldBeforeTrainingBegins() async {
    let model = Diffusion {
      GaussianKernel(dimensions: 2)
      Cosine(steps: 5)
      ReverseNetwork {
        Dense(4)
        Readout(.shared)
      }
    }
    for optimiser: any Optimiser in [Lion(decays: [0.9]), Lion(weightDecay: -1), Backtracking(firstLength: 0)] {
      await #expect(throws: TrainingError.self) {
        try await model.fit(to: rows, using: optimiser, steps: 1, seed: 1)
      }
    }
  }

  @Test func articleSaysWhatRuns() throws {
    try Article.compare("AddingAnOptimiser.md", with: #filePath, blocks: 5)
  }
}
