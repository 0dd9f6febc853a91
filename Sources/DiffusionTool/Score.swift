import ArgumentParser
import DiffusionDSL
import Foundation
import ProgramSupport

/// The options of both ways to score rows.
struct ScoreOptions: ParsableArguments, Sendable {
  @Argument(help: "Rows as CSV or NPY, or pictures for a model of such: a file or a folder; '-' is standard input.")
  var rows: String

  @OptionGroup var tables: TableOptions
  @OptionGroup var pictures: PictureOptions

  @Flag(help: "Write nats instead of bits.")
  var nats = false

  var unit: String { nats ? "nats" : "bits" }

  /// Brings nats to what is to be written.
  func converted(_ nats: Double) -> Double { self.nats ? nats : nats / M_LN2 }

  /// What is said beside the rows' scores: the mean with its standard error.
  func summary(_ what: String, _ mean: Double, _ standardError: Double, rows: Int) -> String {
    let error = standardError.isFinite ? " +- \(decimals(converted(standardError), 4))" : ""
    return "mean \(what) \(decimals(converted(mean), 4))\(error) \(unit) a row over \(counted(rows, "row"))"
  }

  func object(_ mean: Double, _ standardError: Double) -> [String: JSONValue] {
    [
      "mean": JSONValue(converted(mean)), "standard_error": JSONValue(converted(standardError)), "unit": .text(unit),
    ]
  }

  /// Warns of rows with a score of -infinity, of the first ones by their place.
  static func warn(of rows: [ImpossibleRow], on console: Console) {
    for row in rows.prefix(3) { console.warn("\(row).") }
    if rows.count > 3 { console.warn("\(counted(rows.count - 3, "more row")) of -infinity.") }
  }

  /// The rows of the file as the model takes them.
  ///
  /// - Throws: `CSVError`, `NPYError`, `DataError`, `ImageFileError`, `PictureError`.
  func data(for trained: TrainedDiffusion) throws -> Dataset {
    let schema = trained.schema
    guard let shape = trained.definition.image else {
      return try Input(rows, tables).table(schema).dataset(for: schema)
    }
    switch try FoundInput([rows], pictures, tables) {
    case .pictures(let input):
      return try PictureValues(of: trained).dataset(of: input.conformed(to: shape), name: input.name)
    case .table(let input): return try input.table(schema).dataset(for: schema)
    }
  }

  /// Columns beside the scores of a model of pictures: by pixel, and by number for levels.
  func pictureColumns(_ rowNats: [Double], _ data: Dataset, _ trained: TrainedDiffusion) -> [ResultTable.Column] {
    guard let shape = trained.definition.image else { return [] }
    let (pixels, numbers) = (Double(shape.width * shape.height), Double(trained.dimensions))
    var columns = [
      ResultTable.Column(name: "\(unit)_per_pixel", cells: .numbers(rowNats.map { converted($0) / pixels }))
    ]
    if data.areLevels {
      columns.append(
        ResultTable.Column(name: "\(unit)_per_dim", cells: .numbers(rowNats.map { -converted($0) / numbers })))
    }
    return columns
  }

  /// The mean by pixel and by number in words, with beta_1; nil for a model without pictures.
  func pictureSummary(_ nats: Double, _ data: Dataset, _ trained: TrainedDiffusion) -> String? {
    guard let shape = trained.definition.image else { return nil }
    let pixel = converted(nats) / Double(shape.width * shape.height)
    let dim = data.areLevels ? "\(decimals(-converted(nats) / Double(trained.dimensions), 4)) \(unit)/dim, " : ""
    let beta = trained.betas.first.map { String(format: "%.3g", $0) } ?? "-"
    return "\(dim)\(decimals(pixel, 4)) \(unit) a pixel, beta_1 = \(beta)"
  }

  /// Scores rows. A query fails where the model gives no finite number for some row, which then lies too far from all
  /// others.
  ///
  /// - Throws: `UnscorableRow` instead of `DefinitionError`.
  func scored<Score>(_ score: () throws -> Score) throws -> Score {
    do {
      return try score()
    } catch let error as DefinitionError {
      throw UnscorableRow(reason: error.description)
    }
  }
}

/// A row that the model gives no number for.
struct UnscorableRow: BadData {
  let reason: String

  var description: String {
    "a row cannot be scored (\(reason)): it may lie far from all that the model knows, so leave it out."
  }
}

struct Bound: ToolCommand {
  static let configuration = CommandConfiguration(
    abstract: "Scores rows by the lower bound K on their log probability.",
    discussion: """
      Writes one column, K of each row in the data's units, in the order of the rows; standard error has the mean, as \
      have the keys mean, standard_error and unit of the JSON object. Cells that are missing are left out of K.

      Of pictures there are two columns more: bits_per_pixel, and for pictures in bytes bits_per_dim, which is -K for each \
      number.
      """)

  @OptionGroup var model: ModelArgument
  @OptionGroup var score: ScoreOptions

  @Option(parsing: .unconditional, help: "Draws of noise for each row and step; more of them make K less noisy.")
  var draws = 1

  @OptionGroup var computation: ComputationOptions
  @OptionGroup var output: OutputOptions

  func validate() throws { try Usage.check("--draws", draws, 1...100_000) }

  func run(on console: Console) async throws {
    try output.check()
    try output.checkNoPicture("the results are scores")
    let trained = try model.read()
    let data = try score.data(for: trained)
    let bound = try score.scored {
      try trained.lowerBound(
        on: data, seed: computation.seed, draws: draws, options: computation.compute("scoring", on: console))
    }
    try output.write(
      ResultTable(
        columns: ResultTable([score.unit: bound.rowNats.map(score.converted)]).columns
          + score.pictureColumns(bound.rowNats, data, trained)),
      beside: score.object(bound.nats, bound.standardErrorNats), on: console)
    console.note(score.summary("K", bound.nats, bound.standardErrorNats, rows: data.count))
    if let summary = score.pictureSummary(bound.nats, data, trained) { console.note(summary) }
    ScoreOptions.warn(of: bound.impossibleRows, on: console)
  }
}

struct LogProbabilityCommand: ToolCommand {
  static let configuration = CommandConfiguration(
    commandName: "logprob",
    abstract: "Scores rows by their log probability, by importance sampling.",
    discussion: """
      Writes for each row log p in the data's units, its standard error and the effective number of trajectories; where \
      that is under 10 neither is to be trusted, and more --trajectories are needed. Standard error has the mean. Cells \
      that are missing are left out of log p. Of pictures there are also bits_per_pixel and, for bytes, bits_per_dim.
      """)

  @OptionGroup var model: ModelArgument
  @OptionGroup var score: ScoreOptions

  @Option(parsing: .unconditional, help: "Trajectories for each row.")
  var trajectories = 256

  @OptionGroup var computation: ComputationOptions
  @OptionGroup var output: OutputOptions

  func validate() throws { try Usage.check("--trajectories", trajectories, 1...Usage.most) }

  func run(on console: Console) async throws {
    try output.check()
    try output.checkNoPicture("the results are scores")
    let trained = try model.read()
    let data = try score.data(for: trained)
    let result = try score.scored {
      try trained.logProbability(
        of: data, trajectories: trajectories, seed: computation.seed,
        options: computation.compute("scoring", on: console))
    }
    try output.write(
      ResultTable(
        columns: ResultTable([
          score.unit: result.rows.map { score.converted($0.nats) },
          "standard_error": result.rows.map { score.converted($0.standardErrorNats) },
          "effective_sample_size": result.rows.map(\.effectiveSampleSize),
        ]).columns + score.pictureColumns(result.rows.map(\.nats), data, trained)),
      beside: score.object(result.nats, result.standardErrorNats), on: console)
    console.note(score.summary("log p", result.nats, result.standardErrorNats, rows: data.count))
    if let summary = score.pictureSummary(result.nats, data, trained) { console.note(summary) }
    ScoreOptions.warn(of: result.impossibleRows, on: console)
    if !result.unreliableRows.isEmpty {
      console.warn(
        "\(counted(result.unreliableRows.count, "row")) of \(data.count) rest on fewer than 10 effective trajectories: "
          + "give more with --trajectories.")
    }
  }
}
