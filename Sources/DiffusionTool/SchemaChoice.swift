import ArgumentParser
import DiffusionDSL
import DiffusionIO
import ProgramSupport

/// `FIELD=KIND` or `FIELD=KIND:LABEL,LABEL...`: what a column is, whatever is guessed of it.
struct SchemaChoice: Equatable, Sendable {
  enum Kind: Equatable, Sendable {
    case continuous
    /// The labels; nil: those that occur in the data.
    case binary([String]?)
    case category([String]?)
    case none
  }

  let field: String
  let kind: Kind

  /// - Throws: `ValidationError`.
  init(_ text: String) throws {
    let assignment = try Assignment(text, example: "FIELD=KIND, such as year=continuous")
    let parts = assignment.value.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    let labels = parts.count > 1 ? try SchemaChoice.labels(String(parts[1])) : nil
    field = assignment.field
    switch parts[0] {
    case "continuous" where labels == nil: kind = .continuous
    case "none" where labels == nil: kind = .none
    case "continuous", "none": throw ValidationError("kind '\(parts[0])' has no labels: leave out what follows ':'")
    case "binary":
      if let labels, labels.count != 2 {
        throw ValidationError("a binary field has two labels, not \(labels.count): write category")
      }
      kind = .binary(labels)
    case "category":
      if let labels, labels.count < 2 { throw ValidationError("a category has two labels or more") }
      kind = .category(labels)
    default:
      throw ValidationError("there is no kind '\(parts[0])': give continuous, binary, category or none")
    }
  }

  private static func labels(_ text: String) throws -> [String] {
    let labels = text.split(separator: ",", omittingEmptySubsequences: false).map {
      String($0.trimmingPrefix { $0.isWhitespace }.reversed().drop { $0.isWhitespace }.reversed())
    }
    guard Set(labels).count == labels.count, !labels.contains("") else {
      throw ValidationError("the labels '\(text)' are not possible: give each once, between single commas")
    }
    return labels
  }
}

/// A field kind that does not fit the data.
struct SchemaError: BadData, Equatable {
  let description: String
}

/// What the columns of a file are: guessed, but for those that were chosen.
struct ChosenSchema: Sendable {
  var schema: Schema
  /// Columns that are left out by themselves; those chosen to be are not among them.
  var leftOut: [LeftOutColumn]
  /// What the columns lack, and what seems to stand for missing cells.
  var notes: [ColumnNote]
  /// How the file is written, with what was found of it.
  var format: CSVFormat

  /// - Throws: `CSVError`, `SchemaError`.
  init(_ input: Input, _ choices: [SchemaChoice]) throws {
    var reader = input.reader
    // Once, and not for each time that the file is read.
    reader.format = try reader.found()
    let chosen = Dictionary(choices.map { ($0.field, $0.kind) }) { $1 }
    let guess = try ChosenSchema.guess(reader, isAnyKept: chosen.values.contains { $0 != .none })
    // What is guessed to be missing is no label.
    for (column, spellings) in guess.missing.ofColumns {
      reader.format.missing.ofColumns[column, default: []] += spellings
    }
    let found = try FoundLabels(reader, of: Set(chosen.keys))
    for choice in choices where !found.names.contains(choice.field) {
      throw CSVError.unknownColumn(
        file: input.name, name: choice.field, available: found.names.filter { !$0.isEmpty })
    }
    let columns = try found.names.enumerated().compactMap { place, name -> Column? in
      if let kind = chosen[name] { return try kind.column(name) { try found.labels(place) } }
      return guess.schema.index(of: name).map { guess.schema.columns[$0] }
    }
    guard !columns.isEmpty else {
      throw SchemaError(description: "every column of '\(input.name)' is left out: keep at least one.")
    }
    let schema = Schema(columns)
    self.schema = schema
    leftOut = guess.leftOut.filter { chosen[$0.name] == nil || $0.name.isEmpty }
    notes = guess.notes.filter { schema.index(of: $0.column) != nil }
    format = reader.format
  }

  /// What the columns are guessed to be; where none is guessed to be of use, one may still be chosen.
  private static func guess(_ reader: CSVReader, isAnyKept: Bool) throws -> GuessedSchema {
    do {
      return try GuessedSchema(reading: reader)
    } catch CSVError.noUsableColumn(let file, let leftOut) {
      guard isAnyKept else { throw CSVError.noUsableColumn(file: file, leftOut: leftOut) }
      var guess = GuessedSchema(schema: Schema([]))
      guess.leftOut = leftOut
      return guess
    }
  }
}

/// The names of a file's columns, and the labels of some of them, as `GuessedSchema` would have them.
private struct FoundLabels {
  private(set) var names: [String] = []
  /// Of each column.
  private var found: [LabelSet] = []

  /// - Throws: `CSVError`.
  init(_ reader: CSVReader, of columns: Set<String>) throws {
    var (header, found) = ([String]?.none, [LabelSet]())
    try reader.forEachRecord { record in
      guard let names = header else {
        header = (0..<record.count).map { record.text($0) }
        found = (0..<record.count).map { _ in LabelSet(most: GuessedSchema.mostChosen) }
        return
      }
      for (place, name) in names.enumerated() where columns.contains(name) && !record.isMissing(place) {
        found[place].add(record, place)
      }
    }
    names = header ?? []
    self.found = found
  }

  /// A column's labels: numbers by their size, texts behind them.
  ///
  /// - Throws: `SchemaError` for too many.
  func labels(_ place: Int) throws -> [String] {
    guard found[place].count <= GuessedSchema.mostChosen else {
      throw SchemaError(
        description: "column '\(names[place])' has more than \(GuessedSchema.mostChosen) labels: "
          + "choose continuous or none.")
    }
    return found[place].labels
  }
}

extension SchemaChoice.Kind {
  /// The column that is chosen; nil for none.
  ///
  /// - Parameter found: the labels that the data have.
  /// - Throws: `SchemaError` for labels that the kind cannot have.
  fileprivate func column(_ name: String, _ found: () throws -> [String]) throws -> Column? {
    switch self {
    case .none: return nil
    case .continuous: return Column(name, .continuous)
    case .binary(let given):
      let labels = try given ?? found()
      guard labels.count == 2 else {
        throw SchemaError(
          description: "column '\(name)' has \(counted(labels.count, "label")), and a binary field has two: "
            + "choose category, or name the labels.")
      }
      return Column(name, .binary(labels))
    case .category(let given):
      let labels = try given ?? found()
      guard labels.count > 1 else {
        throw SchemaError(
          description: "column '\(name)' has \(counted(labels.count, "label")), and a category has two or more: "
            + "choose none, or name the labels.")
      }
      return Column(name, .category(labels))
    }
  }
}
