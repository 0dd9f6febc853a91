import ArgumentParser
import DiffusionDSL
import Foundation
import ProgramSupport

/// The options of every command that computes.
struct ComputationOptions: ParsableArguments, Sendable {
  // A negative number must not be taken for another option, or the complaint would be that the value is missing.
  @Option(parsing: .unconditional, help: "Seed of every random number; the same seed gives the same results.")
  var seed: UInt64 = 1

  @Option(
    parsing: .unconditional, help: .init("Threads to work on (default: one for each core).", valueName: "count"))
  var threads: Int?

  func validate() throws {
    if let threads { try Usage.check("--threads", threads, 1...1_024) }
  }

  var compute: ComputeOptions { ComputeOptions(threads: threads) }

  /// The same, with reports on standard error: how much is done, and how long the rest takes at that pace.
  func compute(_ what: String, on console: Console) -> ComputeOptions { console.computing(what, threads: threads) }
}

/// The file of a saved model.
struct ModelArgument: ParsableArguments, Sendable {
  @Argument(help: "A model that was saved as .safetensors.")
  var model: String

  /// - Throws: `ModelFileError`.
  func read() throws(ModelFileError) -> TrainedDiffusion {
    do {
      return try TrainedDiffusion(contentsOf: URL(fileURLWithPath: model))
    } catch .notReadable(_, let reason) {
      // Named as the user gave it.
      throw .notReadable(file: model, reason: reason)
    }
  }
}

/// Mistakes in a command line.
enum Usage {
  /// - Throws: `ValidationError` for a number out of range.
  static func check(_ option: String, _ value: Int, _ range: ClosedRange<Int>) throws {
    guard range.contains(value) else {
      throw ValidationError("\(option) \(value) is not possible: give \(range.lowerBound) to \(range.upperBound)")
    }
  }

  /// The largest number of rows, particles or training steps that a command accepts, since larger runs would not end in
  /// useful time; the library itself is limited by memory only.
  static let most = 1_000_000_000
}
