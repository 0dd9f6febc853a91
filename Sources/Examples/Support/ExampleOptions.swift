import ArgumentParser

/// The options that every example shares.
public struct ExampleOptions: ParsableArguments, Sendable {
  // A negative number must not be taken for another option, or the complaint would be that the value is missing.
  @Option(parsing: .unconditional, help: "Seed of every random number; the same seed gives the same results.")
  public var seed: UInt64 = 1

  @Flag(help: "Do a small fraction of the work, to see that everything runs.")
  public var quick = false

  @Option(
    name: [.short, .long],
    help: .init("Directory for figures, tables and models (default: output/NAME).", valueName: "dir"))
  public var output: String?

  @Flag(help: "Print one JSON object on standard output and nothing else there.")
  public var json = false

  @Option(
    parsing: .unconditional, help: .init("Threads to work on (default: one for each core).", valueName: "count"))
  public var threads: Int?

  /// What training takes at most.
  static let mostThreads = 1_024

  public init() {}

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
