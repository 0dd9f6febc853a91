import DiffusionDSL
import Foundation
import Testing

/// A schedule that is not the library's: each step forgets the same share of the signal.
struct Even: GivenSchedule {
  static let typeName = "even"
  var steps: Int
  var beta: Double

  var betas: [Double] { Array(repeating: beta, count: steps) }
  var faults: [String] { beta < 0.9 ? [] : ["Even forgets \(beta) at each step: give less than 0.9"] }
  var sourceText: String { "Even(steps: \(steps), beta: \(beta))" }
}

/// One that promises more betas than it has.
private struct Short: GivenSchedule {
  static let typeName = "short"
  var steps: Int { 3 }
  var betas: [Double] { [0.5] }
  var faults: [String] { [] }
  var sourceText: String { "Short()" }
}

/// One that draws its betas whenever it is asked.
private struct Drawn: GivenSchedule {
  static let typeName = "drawn"
  var steps: Int { 3 }
  var betas: [Double] { (0..<3).map { _ in .random(in: 0.1..<0.9) } }
  var faults: [String] { [] }
  var sourceText: String { "Drawn()" }
}

/// A schedule written outside of the module, by what the module makes public.
@Suite struct ScheduleExtensionTests {
  private func model(_ schedule: some GivenSchedule) -> Diffusion {
    Diffusion {
      GaussianKernel(dimensions: 2)
      schedule
      ReverseNetwork {
        Dense(6, activation: .tanh)
        Readout(.bumps(3))
      }
    }
  }

  private let rows = (0..<64).map { [cos(Double($0)), sin(2 * Double($0))] }

  @Test func itIsTheFixedScheduleOfItsBetas() async throws {
    let own = try await model(Even(steps: 8, beta: 0.25)).fit(to: rows, steps: 20, seed: 3)
    let fixed = try await model(Fixed(Array(repeating: 0.25, count: 8))).fit(to: rows, steps: 20, seed: 3)
    #expect(own.betas == Array(repeating: 0.25, count: 8))
    #expect(try own.lowerBound(on: rows, seed: 1).rowBits == fixed.lowerBound(on: rows, seed: 1).rowBits)
    #expect(own.definition != fixed.definition && own.definition == model(Even(steps: 8, beta: 0.25)))
    #expect(own.definition.schedule.sourceText == "Even(steps: 8, beta: 0.25)")
  }

  @Test func aFileThatUsesItIsReadWithItAndRefusedByItsNameWithout() async throws {
    let own = try await model(Even(steps: 8, beta: 0.25)).fit(to: rows, steps: 2, seed: 3)
    let read = try stored(own, types: DefinitionTypes([Even.self]))
    #expect(read.definition == own.definition)
    #expect(try read.lowerBound(on: rows, seed: 1).rowBits == own.lowerBound(on: rows, seed: 1).rowBits)
    let error = #expect(throws: ModelFileError.self) { try stored(own, types: DefinitionTypes()) }
    #expect("\(try #require(error))".contains("a schedule is of an unknown type, 'even': hand that type to the loader"))
  }

  @Test func itsFaultsAndThoseOfAllSchedulesAreReported() async throws {
    await expect("Even forgets 0.95 at each step: give less than 0.9") {
      _ = try await model(Even(steps: 8, beta: 0.95)).fit(to: rows, steps: 1, seed: 1)
    }
    await expect("a schedule of 0 steps is none: give 1 or more") {
      _ = try await model(Even(steps: 0, beta: 0.5)).fit(to: rows, steps: 1, seed: 1)
    }
    await expect(
      "Drawn gives other betas each time that it is asked: make them depend on its own values alone, and draw random ones "
        + "before"
    ) {
      _ = try await model(Drawn()).fit(to: rows, steps: 1, seed: 1)
    }
    await expect("a schedule of 3 steps has 1 betas: make them as many") {
      _ = try await model(Short()).fit(to: rows, steps: 1, seed: 1)
    }
    await expect("beta_1 is -0.5; each lies between 0 and 1, and only the last may be 1") {
      _ = try await model(Even(steps: 1, beta: -0.5)).fit(to: rows, steps: 1, seed: 1)
    }
  }

  /// Whether a definition's error has one fault that ends so.
  private func expect(_ message: String, _ work: () async throws -> Void) async {
    do {
      try await work()
      Issue.record("nothing was thrown, but expected: \(message)")
    } catch let error as DefinitionError {
      #expect(error.faults.map(\.message) == [message])
    } catch {
      Issue.record("\(error)")
    }
  }
}
