import ArgumentParser
import DiffusionDSL
import DiffusionIO
import Foundation
import ProgramSupport

struct Train: ToolCommand {
  static let configuration = CommandConfiguration(
    abstract: "Makes a model of a table of numbers and labels, or of pictures.",
    discussion: """
      What the files are is told by their content. Pictures are PNG, PGM, PPM, IDX (MNIST), CIFAR-10 batches, NPY of three \
      or four axes, NPZ, each of these compressed with gzip, a folder of such files, or several files; all of one size. \
      Bytes are modelled as levels, with noise within each; pictures of two values, such as black and white, as bits. A \
      tenth, at most 256, is kept apart and scored in the end, and as many, at most 64, choose the best parameters: bits/dim, where lower is better, and K in bits a pixel, \
      with beta_1, without which they do not compare. NPY of one or two axes is a table.

      Of tables: the kinds of the columns are guessed and shown: numbers are continuous, unless they are a few that come again and \
      again; those and texts are binary or a category. --schema says otherwise, as often as need be: --schema \
      year=continuous, --schema sex=binary:female,male, --schema site=category, --schema id=none. Cells may be missing: \
      empty or one of \(CSVRecord.missingSpellings.joined(separator: ", ")) without quotes, or what --missing names. What parts cells, decimal commas, compression by \
      gzip and UTF-16 are found; what was found is shown.

      A tenth of the rows is kept apart and tells when to stop; K on them, the lower bound on log2 p, is printed. It is a \
      little optimistic for that. Of fewer than 4 rows none is kept apart.

      --json prints one object. fields: each with name, kind, labels and missing, how many cells it lacks; left_out: other columns, each with column and \
      reason; rows: all; held_out_rows: those kept apart; bits, bits_standard_error: K on these \
      (or on all); null_bits: what pi \
      alone gives; steps: updates done; model: the file; seconds: of the whole run. Of pictures: pictures, width, height, \
      channels, held_out_pictures, bits of a picture and the rest as for rows, with bits_per_pixel, bits_per_dim (for \
      bytes) and beta_1.
      """)

  @Argument(
    help: "Rows as CSV with a header, or as NPY; or pictures: files, or one folder; '-' is standard input.")
  var files: [String]

  @OptionGroup var pictures: PictureOptions
  @OptionGroup var tables: TableOptions

  @Option(
    parsing: .unconditionalSingleValue,
    help: .init(
      "A column's kind: continuous, binary, category or none, with labels behind ':' if they are not the data's.",
      valueName: "field=kind"), transform: { try SchemaChoice($0) })
  var schema: [SchemaChoice] = []

  @Option(
    parsing: .unconditional,
    help: .init(
      "Training steps at most (default: \(TableModel.usualSteps), of pictures \(PictureModel.usualSteps)).",
      valueName: "count"))
  var steps: Int?

  @Flag(help: "Do a small fraction of the work, to see that everything runs.")
  var quick = false

  @Option(name: [.short, .long], help: .init("File for the model.", valueName: "file"))
  var output = "model.safetensors"

  @Flag(help: "Print one JSON object.")
  var json = false

  @OptionGroup var computation: ComputationOptions

  func validate() throws {
    if let steps { try Usage.check("--steps", steps, 1...100_000_000) }
    if output.isEmpty || output == "-" { throw ValidationError("--output needs the name of a file") }
  }

  func run(on console: Console) async throws {
    let start = ContinuousClock.now
    try OutputFile.check(output)
    let found: Input
    switch try FoundInput(files, pictures, tables) {
    case .pictures(let input): return try await run(on: input, console)
    case .table(let input): found = input
    }
    if pictures.channelAxis != nil || pictures.entry != nil {
      throw WrongUsage("--channel-axis and --entry are for pictures, and '\(found.name)' is a table: leave them out")
    }
    var input = try found.asCSV()
    let chosen = try ChosenSchema(input, schema)
    input.format = chosen.format
    for column in chosen.leftOut { console.warn("left out \(column).") }
    for note in chosen.notes where note.missingCells == nil { console.warn("\(note).") }
    let table = try input.table(chosen.schema)
    if !json { console.print(chosen.description(table)) }
    let model = TableModel(
      steps: steps ?? (quick ? TableModel.quickSteps : TableModel.usualSteps), seed: computation.seed,
      threads: computation.threads)
    let (training, watched, isKeptApart) = try model.training(on: table)
    for await now in training.progress {
      console.progress(
        "step \(now.step) of \(now.steps), K about \(decimals(now.boundBits, 2)) bits, "
          + "\(Int(now.secondsLeft.rounded(.up))) s left at most")
    }
    let trained = try await training.value
    let bound = try trained.lowerBound(
      on: watched, seed: computation.seed, draws: 16, options: computation.compute)
    try trained.save(to: URL(fileURLWithPath: output))
    if json {
      let report = TrainReport(
        chosen, trained, bound, isKeptApart: isKeptApart, table: table, model: output,
        seconds: Double((ContinuousClock.now - start) / .seconds(1)))
      console.write(try Console.json(report))
    } else {
      let error = bound.standardError.isFinite ? " +- \(decimals(bound.standardError))" : ""
      let rows = isKeptApart ? "kept apart" : "that were trained on, too few to keep any apart"
      console.print(
        "K = \(decimals(bound.bits))\(error) bits a row on \(counted(watched.count, "row")) \(rows), "
          + "\(decimals(bound.overNull)) over what pi alone gives")
      console.print("wrote \(output)")
      if bound.overNull < 0 {
        console.warn("the model is worse than pi alone: give it more rows, or more --steps.")
      }
    }
  }
}

extension ChosenSchema {
  /// The columns with their kinds and how many cells they lack, and how the file is written where that is not usual.
  fileprivate func description(_ table: Table) -> String {
    let columns = schema.columns.map { column in
      let labels = column.labels.map { labels in
        ": \(labels.prefix(20).joined(separator: ", "))" + (labels.count > 20 ? " and \(labels.count - 20) more" : "")
      }
      let lacking = table.missingCells(of: column)
      return "  \(column.name): \(column.kindName)\(labels ?? "")" + (lacking > 0 ? ", \(lacking) missing" : "")
    }
    var way: [String] = []
    if let delimiter = format.delimiter, delimiter != .comma { way.append("cells parted by \(delimiter)") }
    if format.decimal == .comma { way.append("decimal commas") }
    let written = way.isEmpty ? "" : " (\(way.joined(separator: ", ")))"
    return (["\(counted(table.count, "row")) of\(written)"] + columns).joined(separator: "\n")
  }
}

extension Table {
  /// How many cells a column lacks.
  fileprivate func missingCells(of column: Column) -> Int { numbers(of: column.name)?.count(where: \.isNaN) ?? 0 }
}

/// What `train --json` prints.
private struct TrainReport: Encodable {
  struct FieldEntry: Encodable {
    var name: String
    var kind: String
    var labels: [String]?
    var missing: Int
  }

  var fields: [FieldEntry]
  var leftOut: [LeftOutEntry]
  var rows: Int
  var heldOutRows: Int
  var bits: Double
  /// Nil with one row, which has no standard error.
  var bitsStandardError: Double?
  var nullBits: Double
  var steps: Int?
  var model: String
  var seconds: Double

  init(
    _ chosen: ChosenSchema, _ trained: TrainedDiffusion, _ bound: LowerBound, isKeptApart: Bool, table: Table,
    model: String, seconds: Double
  ) {
    fields = chosen.schema.columns.map { column in
      FieldEntry(
        name: column.name, kind: column.kindName, labels: column.labels,
        missing: table.missingCells(of: column))
    }
    leftOut = chosen.leftOut.map(LeftOutEntry.init)
    rows = table.count
    heldOutRows = isKeptApart ? bound.rowNats.count : 0
    bits = bound.bits
    bitsStandardError = bound.standardError.isFinite ? bound.standardError : nil
    nullBits = bound.nullBits
    steps = trained.trainingSteps
    self.model = model
    self.seconds = seconds
  }

  private enum CodingKeys: String, CodingKey {
    case fields, rows, bits, steps, model, seconds
    case leftOut = "left_out"
    case heldOutRows = "held_out_rows"
    case bitsStandardError = "bits_standard_error"
    case nullBits = "null_bits"
  }
}
