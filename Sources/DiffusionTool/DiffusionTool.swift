import ArgumentParser
import ProgramSupport

/// The program `diffusion`: trains models of tables and of pictures and asks saved models, one command for each thing to do.
@main
struct DiffusionTool: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "diffusion",
    abstract: "Trains diffusion models of tables and pictures, and samples, scores and conditions saved ones.",
    discussion: """
      Rows come as CSV with a header or as NPY, from a file or, where the name is '-', from standard input; results go \
      to standard output or to the file that --output names, as CSV, NPY or JSON, pictures as \
      PNG too. Words about the work go to standard error. The same seed gives what the library gives for it.

      Exit status: 0 done, 64 wrong usage, 65 data or a model that cannot be used, 130 interrupted, 1 any other failure.
      """,
    subcommands: [
      Train.self, Inspect.self, Sample.self, Bound.self, LogProbabilityCommand.self, PosteriorCommand.self,
      Impute.self,
    ])

  static func main() async {
    let command = Program.parse(Self.self, as: (any ToolCommand).self)
    let console = Console(program: "diffusion", json: false)
    await Program.run("diffusion", on: console) {
      try await command.run(on: console)
      return nil
    }
  }
}

/// A command of the tool.
protocol ToolCommand: ParsableCommand, Sendable {
  /// Does the work. Checks `Task.isCancelled` often enough to stop within a tenth of a second.
  func run(on console: Console) async throws
}
