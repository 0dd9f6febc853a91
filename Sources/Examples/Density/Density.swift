import ArgumentParser
import DiffusionIO
import DiffusionPlots
import ExampleSupport
import Foundation

@main
struct Density: Example {
  static let configuration = CommandConfiguration(
    commandName: "density",
    abstract: "Estimates the density of a table's numeric columns and scores it on held-out rows.",
    discussion: """
      Prints bits per row (log2 of the density at held-out rows, in the data's own units; higher is better) beside a \
      Gaussian's and a kernel density estimate's, and the least likely rows. Writes samples, a pair plot and the model.
      """)

  @Argument(help: "A CSV file with a header (default: the built-in Palmer penguins).")
  var file: String?

  @Option(
    help: .init("The columns to use, separated by commas (default: all that are numeric).", valueName: "a,b,c"),
    transform: { text in
      text.split(separator: ",", omittingEmptySubsequences: false).map { $0.trimmingCharacters(in: .whitespaces) }
    })
  var columns: [String]?

  @Option(help: "Folds of the cross-validation.")
  var folds = 5

  @OptionGroup var options: ExampleOptions

  func validate() throws {
    if folds < 2 { throw ValidationError("--folds \(folds) is not possible: give 2 or more") }
    if let columns, columns.contains("") {
      throw ValidationError("--columns has an empty name: separate names by single commas")
    }
  }

  struct Report: Encodable {
    var bitsPerRow: Double
    /// Of the paired differences between the diffusion's rows and the Gaussian's.
    var standardError: Double
    var gaussianBitsPerRow: Double
    var kdeBitsPerRow: Double
    var rows: Int
    var dropped: Int
    var seconds: Double

    private enum CodingKeys: String, CodingKey {
      case bitsPerRow = "bits_per_row"
      case standardError = "standard_error"
      case gaussianBitsPerRow = "gaussian_bits_per_row"
      case kdeBitsPerRow = "kde_bits_per_row"
      case rows, dropped, seconds
    }
  }

  func run(in context: ExampleContext) async throws -> Report {
    let start = ContinuousClock.now
    let console = context.console
    console.progress("reading")
    let study = try Study(table: readTable(), folds: folds, options: fitOptions)
    let output = try context.outputDirectory()
    study.introduce(name: file ?? Penguins.fileName, on: console)

    let methods: [any DensityMethod] = [GaussianMethod(), KernelMethod(), DiffusionMethod()]
    let validation = try await CrossValidation(
      study.rows, columns: study.table.columns, methods: methods, folds: folds, options: fitOptions,
      mostScored: options.quick ? 500 : Study.mostScored
    ) { console.progress($0) }
    study.present(validation, methods: methods, on: console)

    let main = methods.count - 1
    console.progress("\(methods[main].name) of all rows")
    let fitted = try await methods[main].fit(
      study.rows, columns: study.table.columns, options: fitOptions
    ) { console.progress($0) }
    try await study.write(fitted, to: output, seed: options.seed, console: console)

    return Report(
      bitsPerRow: validation.mean(main),
      standardError: validation.difference(main, minus: 0).standardError,
      gaussianBitsPerRow: validation.mean(0), kdeBitsPerRow: validation.mean(1), rows: study.table.count,
      dropped: study.table.dropped, seconds: Double((ContinuousClock.now - start) / .seconds(1)))
  }

  private var fitOptions: FitOptions {
    FitOptions(seed: options.seed, quick: options.quick, threads: options.threads)
  }

  private func readTable() throws -> NumericTable {
    guard let file else {
      return try NumericTable(
        data: Data(Penguins.csv.utf8), name: Penguins.fileName, columns: columns ?? Penguins.measurements)
    }
    return try NumericTable(contentsOf: URL(fileURLWithPath: file), columns: columns)
  }
}
