// article
import DiffusionDSL
import Foundation
// end of article
import Testing

// The regions between the two marks are the Swift blocks of the article AddingASchedule.md, in its order; one test runs
// them, one compares the texts.

// article
/// abar_t as a sigmoid of t/T, brought to run from 1 to 0 (Jabri, Fleet, Chen 2022).
struct SigmoidSchedule: GivenSchedule {
  static let typeName = "sigmoid"
  var steps: Int
  /// Where on the sigmoid t = 0 and t = T lie.
  var from = -3.0
  var to = 3.0

  /// abar at u = t/T.
  func signal(at u: Double) -> Double {
    func sigmoid(_ x: Double) -> Double { 1 / (1 + exp(-x)) }
    return (sigmoid(to) - sigmoid(from + u * (to - from))) / (sigmoid(to) - sigmoid(from))
  }

  var betas: [Double] {
    stride(from: 1, through: steps, by: 1).map { t in
      min(0.999, 1 - signal(at: Double(t) / Double(steps)) / signal(at: Double(t - 1) / Double(steps)))
    }
  }

  var faults: [String] {
    from < to && from >= -20 && to <= 20 ? [] : ["SigmoidSchedule runs from \(from) to \(to); let it rise within 20"]
  }
  var sourceText: String { "SigmoidSchedule(steps: \(steps), from: \(from), to: \(to))" }
}
// end of article

@Suite struct AddingAScheduleTests {
  private let rows = (0..<512).map { [cos(Double($0)), sin(2 * Double($0))] }

  @Test func articleRuns() async throws {
    // article
    let model = Diffusion {
      GaussianKernel(dimensions: 2)
      SigmoidSchedule(steps: 30)
      ReverseNetwork {
        Dense(16, activation: .silu)
        Readout(.bumps(4))
      }
    }
    let trained = try await model.fit(to: rows, using: .adam(rate: 1e-2), steps: 200, seed: 1)
    print("beta_1 = \(trained.betas[0]), K = \(try trained.lowerBound(on: rows).bits) bits")

    let file = URL.temporaryDirectory.appending(path: "sigmoid-\(UUID()).safetensors")
    try trained.save(to: file)
    let loaded = try TrainedDiffusion(contentsOf: file, types: [SigmoidSchedule.self])
    // end of article
    defer { try? FileManager.default.removeItem(at: file) }
    #expect(loaded.definition == model && loaded.betas == trained.betas)
    #expect(try loaded.sample(9, seed: 4) == trained.sample(9, seed: 4))
    let error = #expect(throws: ModelFileError.self) { try TrainedDiffusion(contentsOf: file) }
    #expect("\(try #require(error))".contains("a schedule is of an unknown type, 'sigmoid'"))
  }

  /// The product of 1 - beta is the function of t/T again, here by another formula of the sigmoid.
  @Test func itsSignalIsThatOfTheFunction() {
    let schedule = SigmoidSchedule(steps: 50)
    var product = 1.0
    for (index, beta) in schedule.betas.dropLast().enumerated() {
      product *= 1 - beta
      let u = Double(index + 1) / 50
      let truth = (tanh(1.5) - tanh((-3 + 6 * u) / 2)) / (2 * tanh(1.5))
      #expect(abs(product - truth) < 1e-12)
    }
    #expect(schedule.betas.last == 0.999)
    #expect(SigmoidSchedule(steps: -3).betas.isEmpty)
  }

  @Test func itsFaultsHaveTheirLine() throws {
    let line = #line + 3
    let wrong = Diffusion {
      GaussianKernel(dimensions: 2)
      SigmoidSchedule(steps: 30, from: 3, to: -3)
      ReverseNetwork {
        Dense(4)
        Readout(.shared)
      }
    }
    let error = try #require(throws: DefinitionError.self) { try TrainedDiffusion(wrong) }
    #expect(error.faults.map(\.message).contains("SigmoidSchedule runs from 3.0 to -3.0; let it rise within 20"))
    #expect(error.faults.first?.location?.line == UInt(line))
  }

  @Test func articleSaysWhatRuns() throws {
    try Article.compare("AddingASchedule.md", with: #filePath, blocks: 3)
  }
}
