import ArgumentParser
import DiffusionDSL
import ProgramSupport

struct Sample: ToolCommand {
  static let configuration = CommandConfiguration(
    abstract: "Draws rows from a model.",
    discussion: """
      NPY has numbers alone: labels are written as their places, which 'inspect' shows.

      Of a model of pictures, --output sheet.png draws them side by side on one sheet, small ones enlarged, and NPY has \
      the shape [count, height, width] or, in colour, [count, height, width, channels]. Numbers are as the model gives \
      them: for pictures in bytes, from b to b + 1 for byte b.
      """)

  @OptionGroup var model: ModelArgument

  @Option(name: [.short, .long], parsing: .unconditional, help: "How many rows.")
  var count = 100

  @Option(help: .init("Draw pictures of another width and height, such as 64x48.", valueName: "WxH"))
  var size: PictureSize?

  @Option(parsing: .unconditional, help: "Pictures in a row of the sheet (default: as many as rows).")
  var columns: Int?

  @OptionGroup var computation: ComputationOptions
  @OptionGroup var output: OutputOptions

  func validate() throws {
    try Usage.check("--count", count, 1...Usage.most)
    if let columns { try Usage.check("--columns", columns, 1...100_000) }
  }

  func run(on console: Console) async throws {
    try output.check()
    var trained = try model.read()
    try output.check(for: trained)
    if let size {
      guard let image = trained.definition.image else {
        throw WrongUsage("--size is for models of pictures, and this is one of \(trained.definition.kernel)")
      }
      do {
        trained = try trained.resized(to: ImageShape(width: size.width, height: size.height, channels: image.channels))
      } catch {
        throw PictureError("the model cannot draw pictures of \(size.width) x \(size.height): \(error).")
      }
    }
    let table = try trained.sampleTable(
      count, seed: computation.seed, options: computation.compute("drawing", on: console))
    let pictures = trained.definition.image.map {
      PictureResults(shape: $0, values: PictureValues(of: trained), numbers: table.cells, columns: columns)
    }
    try output.write(ResultTable(table), pictures: pictures, on: console)
  }
}

/// `WxH`: a width and a height in pixels.
struct PictureSize: ExpressibleByArgument, Equatable, Sendable {
  let width: Int
  let height: Int

  init?(argument: String) {
    let sides = argument.lowercased().split(separator: "x", omittingEmptySubsequences: false).map { Int($0) }
    guard sides.count == 2, let width = sides[0], let height = sides[1] else { return nil }
    guard (1...65_536).contains(width), (1...65_536).contains(height) else { return nil }
    (self.width, self.height) = (width, height)
  }
}
