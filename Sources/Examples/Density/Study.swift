import DiffusionIO
import DiffusionPlots
import ExampleSupport
import Foundation

/// A table made ready for density estimation, and what is said and written about it.
struct Study {
  /// The most rows that held-out densities are measured on: with these the error is far below a hundredth of a bit.
  static let mostScored = 100_000

  let table: NumericTable
  /// The table's values, spread over their grids.
  let rows: RowMatrix
  let grids: [Grid]
  let options: FitOptions

  /// - Throws: `DensityError` if no Gaussian could be fitted to every fold's training rows.
  init(table: NumericTable, folds: Int, options: FitOptions) throws {
    self.table = table
    self.options = options
    let raw = RowMatrix(values: table.rows, dimensions: table.columns.count)
    let needed = Study.rowsNeeded(columns: raw.dimensions, folds: folds)
    guard raw.count >= needed else {
      throw DensityError.tooFewRows(
        rows: raw.count, needed: needed, columns: raw.dimensions, folds: folds)
    }
    grids = (0..<raw.dimensions).map { Grid(of: raw.column($0)) }
    for column in 0..<raw.dimensions {
      let values = raw.column(column)
      if let first = values.first, values.allSatisfy({ $0 == first }) {
        throw DensityError.constantColumn(name: table.columns[column], value: first)
      }
    }
    var generator = generator(seed: options.seed, purpose: 2)
    rows = raw.dequantised(grids, using: &generator)
    _ = try GaussianDensity(rows, columns: table.columns)
  }

  /// The training rows of a fold must outnumber the columns, and each fold needs a row.
  static func rowsNeeded(columns: Int, folds: Int) -> Int {
    max(folds, Int((Double((columns + 2) * folds) / Double(folds - 1)).rounded(.up)))
  }

  func introduce(name: String, on console: Console) {
    for sentence in leftOutSentences { console.warn(sentence) }
    console.print(
      "\(name): \(counted(table.count, "row")), \(table.dropped) more dropped for missing cells; "
        + "columns \(table.columns.joined(separator: ", "))")
    let onGrids = zip(table.columns, grids).compactMap { name, grid -> String? in
      if case .step(let step) = grid { "\(name) (\(CSVWriter.cell(step)))" } else { nil }
    }
    if !onGrids.isEmpty {
      console.print(
        "On a grid, spread by uniform noise of the grid's width for every method: " + onGrids.joined(separator: ", "))
    }
    for (name, grid) in zip(table.columns, grids) {
      if case .tiesWithoutStep(let share) = grid {
        console.warn(
          "\(Int((100 * share).rounded()))% of the values of '\(name)' repeat others without lying on a grid, "
            + "so densities there may be too high for any method.")
      }
    }
  }

  /// Writes samples, the pair plot and the model.
  func write(
    _ fitted: any FittedDensity, to output: OutputDirectory, seed: UInt64, console: Console
  ) async throws {
    let samples = try await fitted.sample(min(max(table.count, 1_000), 10_000), seed: seed)
    let samplesFile = try output.file("samples.csv")
    let raw = RowMatrix(values: table.rows, dimensions: table.columns.count)
    let rounded = samples.quantised(grids, origin: raw)
    try CSVWriter.write(columns: table.columns, rows: rounded.values, to: samplesFile)
    console.print("wrote \(samplesFile.relativePath)")

    let model = try output.file("model.safetensors")
    if try fitted.save(to: model) { console.print("wrote \(model.relativePath)") }

    do {
      let names = table.columns.enumerated().map { Glyphs.canShow($1) ? $1 : "column \($0 + 1)" }
      let numbered = zip(names, table.columns).filter { $0 != $1 }.map { "\($0) is '\($1)'" }
      if !numbered.isEmpty {
        console.warn("no font shows some columns' names, so in the pair plot \(numbered.joined(separator: ", ")).")
      }
      let figure = try Figure.pairPlot(
        columns: names, data: raw.values, samples: rounded.values, steps: grids.map(\.width))
      let files = try figure.write(to: output.file("pairs"))
      let shown = Figure.mostPairPlotColumns
      console.print(
        "wrote \(files.png.relativePath) and \(files.svg.lastPathComponent)"
          + (table.columns.count > shown ? " with the first \(shown) columns" : ""))
    } catch PlotError.gnuplotMissing(let data) {
      console.warn(PlotError.gnuplotMissing(data: data).description)
    }
  }
}
