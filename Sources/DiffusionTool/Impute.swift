import ArgumentParser
import DiffusionDSL
import DiffusionIO
import Foundation
import ProgramSupport

struct Impute: ToolCommand {
  static let configuration = CommandConfiguration(
    abstract: "Fills in the missing cells of rows, given the cells that each row has.",
    discussion: """
      Keeps the order of the rows and columns, cells that are there as they are written, and columns that the model does \
      not know. A number is filled in by the mean of its draws, a label by the most frequent one. With --draws every row \
      comes once for each draw, with that joint draw of its missing cells, behind columns 'row' and 'draw' that count \
      from 1. A field of the model that the file has no column for is added.
      """)

  @OptionGroup var model: ModelArgument

  @Argument(help: "Rows as CSV or NPY, NaN being a missing number there; '-' is standard input.")
  var rows: String

  @OptionGroup var tables: TableOptions

  @Option(parsing: .unconditional, help: "Write this number of joint draws of each row instead of means and modes.")
  var draws: Int?

  @Option(parsing: .unconditional, help: "Particles for each row.")
  var particles = 1_024

  @OptionGroup var computation: ComputationOptions
  @OptionGroup var output: OutputOptions

  /// How many draws means and modes are of, as in the library.
  static let usualDraws = 100

  func validate() throws {
    if let draws { try Usage.check("--draws", draws, 1...Usage.most) }
    try Usage.check("--particles", particles, 1...Usage.most)
  }

  func run(on console: Console) async throws {
    try output.check()
    try output.checkNoPicture("the results are rows")
    let trained = try model.read()
    let file = try IncompleteFile(Input(rows, tables), trained.definition.schema)
    for name in file.absent {
      console.warn("'\(file.name)' has no column '\(name)': it is added, and drawn in each row.")
    }
    let imputation = try trained.impute(
      file.table, draws: draws ?? Impute.usualDraws, particles: particles, seed: computation.seed,
      options: computation.compute("drawing", on: console))
    let results =
      if draws == nil { file.filled(imputation.filled.flat) } else { file.drawn(imputation.draws.map(\.flat)) }
    try output.write(results, on: console)
    let few = imputation.effectiveSampleSizes.count { $0 < 10 }
    if few > 0 {
      console.warn(
        "\(counted(few, "row")) of \(file.table.count) rest on fewer than 10 effective particles: "
          + "give more with --particles.")
    }
  }
}

/// A file with missing cells: the model's columns as numbers, and all of its columns as they are written.
struct IncompleteFile {
  let name: String
  /// The model's fields; those that the file lacks are missing in every row.
  let table: Table
  /// Fields that the file has no column for.
  let absent: [String]
  /// The file's columns, and the absent fields behind them.
  private let names: [String]
  /// What the file has in each of its columns, row by row; nil for an array of numbers.
  private let texts: [[CSVWriter.Text]]?
  /// How the file is written, and so are the results.
  private let format: CSVFormat

  /// - Throws: `CSVError`, `NPYError`, `DataError`.
  init(_ input: Input, _ schema: Schema) throws {
    name = input.name
    if NPYArray.isNPY(input.data) {
      table = try input.table(schema)
      (names, absent, texts, format) = (schema.names, [], nil, .standard)
      return
    }
    var header: [String]?
    var texts: [[CSVWriter.Text]] = []
    format = try input.reader.found()
    try input.reader.forEachRecord { record in
      if header == nil {
        header = (0..<record.count).map { record.text($0) }
        texts = (0..<record.count).map { _ in [] }
      } else {
        for column in texts.indices { texts[column].append(record.written(column)) }
      }
    }
    let found = header ?? []
    let present = schema.columns.filter { found.contains($0.name) }
    let absent = schema.names.filter { !found.contains($0) }
    // Without any, the reader says which column is lacking.
    let known = try input.table(present.isEmpty ? schema : Schema(present))
    let numbers = schema.columns.map { known.numbers(of: $0.name) }
    table = try Table(
      cells: known.indices.flatMap { row in numbers.map { $0?[row] ?? .nan } }, schema: schema)
    self.absent = absent
    names = found + absent
    self.texts = texts
  }

  /// The rows with their missing cells filled in.
  ///
  /// - Parameter numbers: the model's columns, row by row.
  func filled(_ numbers: [Double]) -> ResultTable { ResultTable(columns: columns([numbers]), format: format) }

  /// Every row once for each draw, one copy behind the other.
  func drawn(_ draws: [[Double]]) -> ResultTable {
    let rows = table.indices
    let counts = [
      ("row", rows.flatMap { row in draws.map { _ in Double(row + 1) } }),
      ("draw", rows.flatMap { _ in draws.indices.map { Double($0 + 1) } }),
    ]
    let counting = counts.map { name, numbers in
      // A column of the file may have the name already.
      var name = name
      while names.contains(name) { name = "_" + name }
      return ResultTable.Column(name: name, cells: .numbers(numbers))
    }
    return ResultTable(columns: counting + columns(draws), format: format)
  }

  /// The file's columns, each row as many times as there are draws.
  private func columns(_ draws: [[Double]]) -> [ResultTable.Column] {
    let width = table.schema.columns.count
    return names.enumerated().map { place, name in
      guard let index = table.schema.index(of: name) else {
        let cells = texts.map { $0[place] } ?? []
        return ResultTable.Column(name: name, cells: .texts(cells.flatMap { cell in draws.map { _ in cell } }))
      }
      let numbers = table.indices.flatMap { row in draws.map { $0[row * width + index] } }
      let cells = table.schema.columns[index].labels.map { ResultTable.Cells.labels(numbers, of: $0) }
      var column = ResultTable.Column(name: name, cells: cells ?? .numbers(numbers))
      if let texts, place < texts.count {
        column.written = table.indices.flatMap { row in
          let isMissing = table.cells[row * width + index].isNaN
          return draws.map { _ in isMissing ? nil : texts[place][row] }
        }
      }
      return column
    }
  }
}
