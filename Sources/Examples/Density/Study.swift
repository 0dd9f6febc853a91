import DiffusionIO
import DiffusionPlots
import ExampleSupport
import Foundation

/// A table made ready for density estimation, and what is said and written about it.
struct Study {
  /// Beyond so many rows, held-out densities are measured on some: the error is far below a hundredth of a bit by then.
  static let mostScored = 100_000

  let table: NumericTable
  /// The table's values, spread over their grids.
  let rows: Rows
  let grids: [Grid]

  /// - Throws: `DensityError` if no Gaussian could be fitted to every fold's training rows.
  init(table: NumericTable, folds: Int, options: FitOptions) throws {
    self.table = table
    let raw = Rows(values: table.rows, dimensions: table.columns.count)
    // The training rows of a fold must outnumber the columns, and each fold needs a row.
    let needed = max(folds, Int((Double((raw.dimensions + 2) * folds) / Double(folds - 1)).rounded(.up)))
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

  func introduce(name: String, on console: Console) {
    console.print(
      "\(name): \(table.count) rows, \(table.dropped) more dropped for missing cells; "
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

  func present(_ validation: CrossValidation, methods: [any DensityMethod], on console: Console) {
    var results = TextTable(["method", "bits per row", "minus Gaussian", "standard error"])
    for (index, method) in methods.enumerated() {
      let difference = validation.difference(index, minus: 0)
      results.add([
        method.name, decimals(validation.mean(index)), index == 0 ? "" : decimals(difference.mean),
        index == 0 ? "" : decimals(difference.standardError),
      ])
    }
    console.print("\n\(results)")
    if validation.places.count < table.count {
      console.print("Scored on \(validation.places.count) random held-out rows of \(table.count).")
    }
    for note in validation.notes { console.print("Note: \(note)") }

    let main = methods.count - 1
    let shown = table.columns.prefix(8)
    var least = TextTable(["line", "bits"] + shown, alignments: [])
    for (place, bits) in validation.leastLikely(5, method: main) {
      let cells = shown.indices.map { String(format: "%.6g", table.rows[place * table.columns.count + $0]) }
      least.add(["\(table.lineNumbers[place])", decimals(bits)] + cells)
    }
    console.print("\nLeast likely rows (\(methods[main].name), held out):\n\(least)\n")
  }

  /// Writes samples, the pair plot and the model.
  func write(
    _ fitted: any FittedDensity, to output: OutputDirectory, seed: UInt64, console: Console
  ) async throws {
    let samples = try await fitted.sample(min(max(table.count, 1_000), 10_000), seed: seed)
    let samplesFile = output.file("samples.csv")
    let raw = Rows(values: table.rows, dimensions: table.columns.count)
    try CSVWriter.write(
      columns: table.columns, rows: samples.quantised(grids, origin: raw).values, to: samplesFile)
    console.print("wrote \(samplesFile.relativePath)")

    let model = output.file("model.safetensors")
    if try fitted.save(to: model) { console.print("wrote \(model.relativePath)") }

    do {
      let figure = try Figure.pairPlot(columns: table.columns, data: rows.values, samples: samples.values)
      let files = try figure.write(to: output.file("pairs"))
      let shown = Figure.mostPairPlotColumns
      console.print(
        "wrote \(files.png.relativePath) and \(files.svg.lastPathComponent)"
          + (table.columns.count > shown ? " with the first \(shown) columns" : ""))
    } catch PlotError.gnuplotMissing(let data) {
      console.warn(PlotError.gnuplotMissing(data: data).description)
    }
  }

  private func decimals(_ value: Double) -> String {
    String(format: "%.3f", value)
  }
}
