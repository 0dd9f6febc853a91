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

  /// A category has no more labels than this: each is an output of the network.
  static let mostLabels = 1_000

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

  /// - Throws: `CSVError`, `SchemaError`.
  init(_ input: Input, _ choices: [SchemaChoice]) throws {
    let reader = CSVReader(data: input.data, name: input.name)
    var header: [String]?
    var labels: [[String: Double?]] = []
    let chosen = Dictionary(choices.map { ($0.field, $0.kind) }) { $1 }
    var guess = GuessedSchema(schema: Schema([]))
    do {
      guess = try GuessedSchema(reading: reader)
    } catch CSVError.noUsableColumn(let file, let leftOut) {
      // A column that guessing would leave out may be chosen.
      guard chosen.values.contains(where: { $0 != .none }) else {
        throw CSVError.noUsableColumn(file: file, leftOut: leftOut)
      }
      guess.leftOut = leftOut
    }
    // The labels of every chosen column, as `GuessedSchema` would have them.
    try reader.forEachRecord { record in
      guard let names = header else {
        header = (0..<record.count).map { record.text($0) }
        labels = (0..<record.count).map { _ in [:] }
        return
      }
      for (place, name) in names.enumerated() where chosen[name] != nil {
        // One label above the limit is enough to know that there are too many.
        if labels[place].count > SchemaChoice.mostLabels || record.isMissing(place) { continue }
        let number = record.number(place)
        labels[place].updateValue(number, forKey: number.map(CSVWriter.cell) ?? record.text(place))
      }
    }
    let names = header ?? []
    for choice in choices where !names.contains(choice.field) {
      throw CSVError.unknownColumn(file: input.name, name: choice.field, available: names.filter { !$0.isEmpty })
    }
    var columns: [Column] = []
    for (place, name) in names.enumerated() {
      guard let kind = chosen[name] else {
        if let index = guess.schema.index(of: name) { columns.append(guess.schema.columns[index]) }
        continue
      }
      func found() throws -> [String] {
        guard labels[place].count <= SchemaChoice.mostLabels else {
          throw SchemaError(
            description: "column '\(name)' has more than \(SchemaChoice.mostLabels) labels: choose continuous or none.")
        }
        // Numbers in ascending order, then texts.
        return labels[place].sorted { left, right in
          switch (left.value, right.value) {
          case (let left?, let right?): left < right
          case (_?, nil): true
          case (nil, _?): false
          case (nil, nil): left.key < right.key
          }
        }.map(\.key)
      }
      switch kind {
      case .none: continue
      case .continuous: columns.append(Column(name, .continuous))
      case .binary(let given):
        let labels = try given ?? found()
        guard labels.count == 2 else {
          throw SchemaError(
            description: "column '\(name)' has \(counted(labels.count, "label")), and a binary field has two: "
              + "choose category, or name the labels.")
        }
        columns.append(Column(name, .binary(labels)))
      case .category(let given):
        let labels = try given ?? found()
        guard labels.count > 1 else {
          throw SchemaError(
            description: "column '\(name)' has \(counted(labels.count, "label")), and a category has two or more: "
              + "choose none, or name the labels.")
        }
        columns.append(Column(name, .category(labels)))
      }
    }
    guard !columns.isEmpty else {
      throw SchemaError(description: "every column of '\(input.name)' is left out: keep at least one.")
    }
    schema = Schema(columns)
    leftOut = guess.leftOut.filter { chosen[$0.name] == nil || $0.name.isEmpty }
  }
}
