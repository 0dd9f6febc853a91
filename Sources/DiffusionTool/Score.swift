import ArgumentParser
import DiffusionDSL
import Foundation
import ProgramSupport

/// The options of both ways to score rows.
struct ScoreOptions: ParsableArguments, Sendable {
  @Argument(help: "Rows as CSV or NPY; '-' is standard input.")
  var rows: String

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
    let trained = try model.read()
    let table = try Input(score.rows).table(trained.definition.schema)
    let bound = try score.scored {
      try trained.lowerBound(
        on: table, seed: computation.seed, draws: draws, options: computation.compute("scoring", on: console))
    }
    try output.write(
      ResultTable([score.unit: bound.rowNats.map(score.converted)]),
      beside: score.object(bound.nats, bound.standardErrorNats), on: console)
    console.note(score.summary("K", bound.nats, bound.standardErrorNats, rows: table.count))
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
      that are missing are left out of log p.
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
    let trained = try model.read()
    let table = try Input(score.rows).table(trained.definition.schema)
    let result = try score.scored {
      try trained.logProbability(
        of: table, trajectories: trajectories, seed: computation.seed,
        options: computation.compute("scoring", on: console))
    }
    try output.write(
      ResultTable([
        score.unit: result.rows.map { score.converted($0.nats) },
        "standard_error": result.rows.map { score.converted($0.standardErrorNats) },
        "effective_sample_size": result.rows.map(\.effectiveSampleSize),
      ]),
      beside: score.object(result.nats, result.standardErrorNats), on: console)
    console.note(score.summary("log p", result.nats, result.standardErrorNats, rows: table.count))
    ScoreOptions.warn(of: result.impossibleRows, on: console)
    if !result.unreliableRows.isEmpty {
      console.warn(
        "\(counted(result.unreliableRows.count, "row")) of \(table.count) rest on fewer than 10 effective trajectories: "
          + "give more with --trajectories.")
    }
  }
}
