import ArgumentParser
import DiffusionDSL
import DiffusionPlots
import Foundation

@main
struct OptimiserStudy: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "optimiser-study",
    abstract: "Compares the sum of functions optimiser with Adam, RMSprop and SGD.",
    discussion: """
      Trains four models with each, and scores rows that were held out (K, in bits a row) after 1, 2, 5, 10 passes over \
      the data and so on. Adam, RMSprop and SGD (of momentum 0.9) have the best constant rate of a grid, found anew for \
      minibatches as large as those of the sum of functions optimiser and for small ones. Seconds are those of training \
      at the best rate: the search and the scores are not in them. A step of the sum of functions optimiser counts as one \
      minibatch, also where it evaluates more because the one before went too far.

      Problems: 'logistic', bits of dead leaves and a logistic regression for each of them, which is convex; 'heartbeat', \
      the paper's binary sequences; 'swissroll', the paper's roll; 'digits', dense layers on MNIST, which is looked for in \
      the folder mnist below $DIFFUSION_DATA, or below ./data, and left out where it is missing.

      Prints a table for each problem, and writes optimisers.png and .svg. Exit status: 0 done, 64 wrong usage, 65 bad \
      data, 1 any other failure.

      \(Report.help)
      """)

  @Option(
    name: .customLong("problem"), parsing: .upToNextOption,
    help: .init("The problems (default: all).", valueName: "name"))
  var names = ProblemName.allCases

  @Option(
    parsing: .unconditional,
    help: .init("Passes over the data (default: what suits each problem).", valueName: "count"))
  var passes: Int?

  @Option(
    parsing: .unconditional,
    help: .init("Units of each dense layer on digits (default: 300; the example has 500).", valueName: "count"))
  var units: Int?

  @Option(parsing: .unconditional, help: "Seed of every random number.")
  var seed: UInt64 = 1

  @Flag(help: "Do a small fraction of the work, to see that everything runs.")
  var quick = false

  @Option(
    name: [.short, .long],
    help: .init("Directory for the figure.", valueName: "dir"))
  var output = "output/optimiser-study"

  @Flag(help: "Print one JSON object on standard output and nothing else there.")
  var json = false

  @Option(
    parsing: .unconditional, help: .init("Threads to work on (default: one for each core).", valueName: "count"))
  var threads: Int?

  func validate() throws {
    func check(_ option: String, _ value: Int?, _ range: ClosedRange<Int>) throws {
      guard let value, !range.contains(value) else { return }
      throw ValidationError(
        "\(option) \(value) is not possible: give a number from \(range.lowerBound) to \(range.upperBound)")
    }
    try check("--passes", passes, 1...100_000)
    try check("--units", units, 1...4_096)
    try check("--threads", threads, 1...1_024)
    if output.isEmpty { throw ValidationError("--output needs the name of a directory") }
  }

  static func main() async {
    // A reader of standard output that goes away must not end the work: the figure is still to be written.
    signal(SIGPIPE, SIG_IGN)
    let console = Console()
    func leave(_ failure: Failure) -> Never {
      console.note("optimiser-study: \(failure.sentence)")
      Foundation.exit(failure.status)
    }
    let study: OptimiserStudy
    do {
      study = try parse(nil)
    } catch {
      // Help is asked for by an error too.
      if exitCode(for: error).isSuccess { exit(withError: error) }
      leave(Failure(usage: error))
    }
    do {
      try await study.compare(on: console)
    } catch {
      leave(Failure(error))
    }
  }

  /// Does the work.
  private func compare(on console: Console) async throws {
    let start = ContinuousClock.now
    // Before the work, which would be lost if nothing could be written.
    let directory = try outputDirectory()
    let surroundings = Surroundings(seed: seed, threads: threads, console: console)
    var comparisons: [Comparison] = []
    for name in ProblemName.allCases where names.contains(name) {
      var problem: Problem
      do {
        problem = try Problem.named(name, quick ? .quick : .full, units: units, seed: seed)
      } catch let error as MissingData {
        // Where nothing else was asked for there is nothing to go on with.
        guard names.contains(where: { $0 != name }) else { throw error }
        console.note("optimiser-study: '\(name.rawValue)' is left out, since \(error)")
        continue
      }
      if let passes { problem.passes = passes }
      let comparison = try await Comparison(problem, quick ? .quick : .full, in: surroundings)
      comparisons.append(comparison)
      if !json { try console.write(Data((comparison.table + "\n\n").utf8)) }
      // After each problem, so that a run that is stopped leaves what it has.
      try draw(comparisons, in: directory, on: console)
    }
    let seconds: Double = (ContinuousClock.now - start) / .seconds(1)
    if json { try console.write(Report(comparisons, of: self, seconds: seconds).line()) }
    console.note("\(decimals(seconds, 0)) s in all; the figure is in '\(directory.relativePath)'")
  }

  /// Makes the directory where it is missing.
  private func outputDirectory() throws -> URL {
    let directory = URL(fileURLWithPath: output, isDirectory: true)
    try? FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    var isDirectory: ObjCBool = false
    guard FileManager.default.fileExists(atPath: directory.path, isDirectory: &isDirectory), isDirectory.boolValue,
      FileManager.default.isWritableFile(atPath: directory.path)
    else {
      throw OutputError(description: "cannot write to the directory '\(output)': name another one with --output.")
    }
    return directory
  }

  private func draw(_ comparisons: [Comparison], in directory: URL, on console: Console) throws {
    do {
      try Figure(comparing: comparisons).write(to: directory.appendingPathComponent("optimisers", isDirectory: false))
    } catch PlotError.gnuplotMissing(let data) {
      console.note("optimiser-study: \(PlotError.gnuplotMissing(data: data))")
    }
  }
}
