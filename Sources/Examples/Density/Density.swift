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

      Columns with a cell that is neither a finite number nor missing are left out, and standard error says which. \
      Missing is an empty cell or one of \(CSVRecord.missingSpellings.joined(separator: ", ")), in upper or lower case; \
      a row with a missing cell is dropped.

      A column whose values lie on a grid, such as whole numbers, is spread by noise of the grid's width before \
      anything is fitted, and samples are rounded back to the grid, between the least and the greatest value of the data.

      \(DensityReport.help)
      """)

  @Argument(help: "A CSV file with a header (default: the built-in Palmer penguins).")
  var file: String?

  @Option(
    help: .init(
      """
      The columns to use, separated by commas (default: all that are numeric); a name with a comma in CSV's quotes, \
      as in '"a, b",c'.
      """, valueName: "a,b,c"),
    transform: ColumnList.names)
  var columns: [String]?

  @Option(parsing: .unconditional, help: "Folds of the cross-validation.")
  var folds = 5

  @OptionGroup var options: ExampleOptions

  func validate() throws {
    if !(2...1_000).contains(folds) { throw ValidationError("--folds \(folds) is not possible: give 2 to 1000") }
  }

  func run(in context: ExampleContext) async throws -> DensityReport {
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
    let beyond = validation.withoutNumber
    guard beyond.isEmpty else { throw DensityError.tooFarOut(lines: beyond.map { study.table.lineNumbers[$0] }) }
    study.present(validation, methods: methods, on: console)

    let main = methods.count - 1
    console.progress("\(methods[main].name) of all rows")
    let fitted = try await methods[main].fit(
      study.rows, columns: study.table.columns, options: fitOptions
    ) { console.progress("\(methods[main].name) of all rows: \($0)") }
    try await study.write(fitted, to: output, seed: options.seed, console: console)

    return DensityReport(
      validation, table: study.table, options: fitOptions, seconds: Double((ContinuousClock.now - start) / .seconds(1)))
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
