import ArgumentParser
import DiffusionIO
import DiffusionPlots

/// A command-line example: options in, words and files out, one exit status.
///
/// Conform, write `run(in:)`, and mark the type `@main`. Exit status: 0 done, 64 wrong usage, 65 bad data
/// (errors that are `BadData`), 130 interrupted, 1 any other, such as results that could not be written; each failure
/// is one sentence on standard error.
public protocol Example: ParsableCommand, Sendable {
  /// What `--json` prints: its coding keys are the object's keys.
  associatedtype Report: Encodable & Sendable

  /// What the command line says of seed, output and threads.
  var options: ExampleOptions { get }

  /// Does the work. Checks `Task.isCancelled` often enough to stop within a tenth of a second.
  func run(in context: ExampleContext) async throws -> Report
}

/// What an example's work is given by its surroundings.
public struct ExampleContext: Sendable {
  /// Where words and results go.
  public let console: Console
  /// The options that every example shares.
  public let options: ExampleOptions
  /// The example's name, as it is typed.
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

  /// Writes pictures in a grid, and says where.
  ///
  /// - Throws: `OutputError`, `ImageFileError`.
  public func draw(_ sheet: ContactSheet, as name: String, in output: OutputDirectory) throws {
    let file = try output.file("\(name).png")
    try sheet.image.write(png: file)
    console.print("wrote \(file.relativePath)")
  }
}

extension Example {
  /// Parses the command line, does the work, and ends the process with its exit status.
  public static func main() async {
    let example = Program.parse(Self.self, as: Self.self)
    let program = _commandName
    let console = Console(program: program, json: example.options.json)
    let context = ExampleContext(console: console, options: example.options, name: program)
    await Program.run(program, on: console) {
      let report: any Encodable & Sendable = try await example.run(in: context)
      return console.json ? report : nil
    }
  }
}
