import ArgumentParser
import DiffusionPlots
import Foundation

/// A command-line example: options in, words and files out, one exit status.
///
/// Conform, write `run(in:)`, and mark the type `@main`. Exit status: 0 done, 64 wrong usage, 65 bad data
/// (errors that are `BadData`), 130 interrupted, 1 any other, such as results that could not be written; each failure is
/// one sentence on standard error.
public protocol Example: ParsableCommand, Sendable {
  /// What `--json` prints: its coding keys are the object's keys.
  associatedtype Report: Encodable & Sendable

  var options: ExampleOptions { get }

  /// Does the work. Checks `Task.isCancelled` often enough to stop within a tenth of a second.
  func run(in context: ExampleContext) async throws -> Report
}

/// What an example's work is given by its surroundings.
public struct ExampleContext: Sendable {
  public let console: Console
  public let options: ExampleOptions
  public let name: String

  /// The output directory: `--output`, or else `output/NAME`. It is made when there is a file to write.
  ///
  /// - Throws: `OutputError`.
  public func outputDirectory() throws -> OutputDirectory {
    try OutputDirectory(options.output ?? "output/\(name)")
  }

  /// Draws a figure as PNG and SVG, or says where its data are if there is no gnuplot.
  ///
  /// - Throws: `OutputError`, `PlotError`.
  public func draw(_ figure: Figure, as name: String, in output: OutputDirectory) throws {
    do {
      let files = try figure.write(to: output.file(name))
      console.print("wrote \(files.png.relativePath) and \(files.svg.lastPathComponent)")
    } catch PlotError.gnuplotMissing(let data) {
      console.warn(PlotError.gnuplotMissing(data: data).description)
    }
  }
}

extension Example {
  public static func main() async {
    StandardStreams.prepare()
    let program = _commandName
    let command: any ParsableCommand
    do {
      command = try parseAsRoot()
    } catch {
      exitFromParsing(error, program)
    }
    guard let example = command as? Self else {
      // The parser's own commands, such as `help`, end by throwing what to print.
      do {
        var command = command
        try command.run()
        exit()
      } catch {
        exitFromParsing(error, program)
      }
    }
    await run(example, program)
  }

  private static func run(_ example: Self, _ program: String) async {
    let console = Console(program: program, json: example.options.json)
    let context = ExampleContext(console: console, options: example.options, name: program)
    // Listens before the work starts: what the work does first may be what a caller waits for to interrupt it.
    let interruption = Interruption { leave(.interrupted, console, program) }
    let work = Task { try await example.run(in: context) }
    interruption.ask { work.cancel() }
    let result = await work.result
    interruption.cancel()
    // A failure caused by the interruption is an interruption, whatever error it surfaced as.
    if interruption.happened, case .failure = result {
      leave(.interrupted, console, program)
    }
    do {
      let report = try result.get()
      console.endProgress()
      if console.json { try console.printJSON(report) }
      try console.checkOutput()
      Foundation.exit(0)
    } catch {
      leave(Failure(error), console, program)
    }
  }

  private static func leave(_ failure: Failure, _ console: Console, _ program: String) -> Never {
    console.warn(failure.sentence)
    Foundation.exit(failure.status)
  }

  private static func exitFromParsing(_ error: any Error, _ program: String) -> Never {
    let status = exitCode(for: error)
    if status.isSuccess { exit(withError: error) }
    let failure = Failure(status: status.rawValue, sentence: message(for: error))
    let isSentence = failure.sentence.last.map { ".?!".contains($0) } == true
    Console(program: program, json: false)
      .warn("\(failure.sentence)\(isSentence ? " See" : "; see") '\(program) --help'.")
    Foundation.exit(failure.status)
  }
}
