import ArgumentParser
import ExampleSupport

@main
struct Density: Example {
  static let configuration = CommandConfiguration(commandName: "density")

  @OptionGroup var options: ExampleOptions

  struct Report: Encodable {
    var rows: Int
  }

  func run(in context: ExampleContext) async throws -> Report {
    Report(rows: 0)
  }
}
