import ArgumentParser
import Foundation

/// The options that every example shares.
public struct ExampleOptions: ParsableArguments, Sendable {
  /// Names every random number.
  // A negative number must not be taken for another option, or the complaint would be that the value is missing.
  @Option(parsing: .unconditional, help: "Seed of every random number; the same seed gives the same results.")
  public var seed: UInt64 = 1

  /// Whether to do a small fraction of the work.
  @Flag(help: "Do a small fraction of the work, to see that everything runs.")
  public var quick = false

  /// The directory to write to; nil: `output/NAME`.
  @Option(
    name: [.short, .long],
    help: .init("Directory for figures, tables and models (default: output/NAME).", valueName: "dir"))
  public var output: String?

  /// Whether standard output is to hold one JSON object and nothing else.
  @Flag(help: "Print one JSON object on standard output and nothing else there.")
  public var json = false

  /// How many threads work, from 1 to 1,024; nil: as many as there are processors.
  @Option(
    parsing: .unconditional, help: .init("Threads to work on (default: one for each core).", valueName: "count"))
  public var threads: Int?

  /// How many tasks work at a time outside of the library.
  public var threadCount: Int { threads ?? ProcessInfo.processInfo.activeProcessorCount }

  /// What training takes at most.
  static let mostThreads = 1_024

  /// The options of an empty command line.
  public init() {}

  /// - Throws: `ValidationError` for a number of threads out of range, or a directory without a name.
  public func validate() throws {
    if let threads, !(1...ExampleOptions.mostThreads).contains(threads) {
      throw ValidationError(
        "--threads \(threads) is not possible: give a number from 1 to \(ExampleOptions.mostThreads)")
    }
    if let output, output.isEmpty {
      throw ValidationError("--output needs the name of a directory")
    }
  }
}
