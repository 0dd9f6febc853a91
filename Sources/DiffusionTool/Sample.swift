import ArgumentParser
import DiffusionDSL
import ProgramSupport

struct Sample: ToolCommand {
  static let configuration = CommandConfiguration(
    abstract: "Draws rows from a model.",
    discussion: "NPY has numbers alone: labels are written as their places, which 'inspect' shows.")

  @OptionGroup var model: ModelArgument

  @Option(name: [.short, .long], parsing: .unconditional, help: "How many rows.")
  var count = 100

  @OptionGroup var computation: ComputationOptions
  @OptionGroup var output: OutputOptions

  func validate() throws { try Usage.check("--count", count, 1...Usage.most) }

  func run(on console: Console) async throws {
    try output.check()
    let trained = try model.read()
    let table = try trained.sampleTable(
      count, seed: computation.seed, options: computation.compute("drawing", on: console))
    try output.write(ResultTable(table), on: console)
  }
}
