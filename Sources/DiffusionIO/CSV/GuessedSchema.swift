import DiffusionDSL
import Foundation

/// What the columns of a CSV file seem to be, for `Table(contentsOf:schema:)`.
///
/// Numbers are a continuous column, unless there are only a few that come again and again; two texts or such numbers
/// are a binary column, some more a category. Labels are sorted, so the order of the rows does not matter.
public struct GuessedSchema: Equatable, Sendable {
  /// The columns that can be used, in the file's order.
  public var schema: Schema
  /// The file's other columns, in its order, and why each was left out.
  public var leftOut: [LeftOutColumn]

  /// A category of text has no more labels.
  static let mostLabels = 20
  /// A column of more distinct numbers is continuous.
  static let mostNumbers = 8

  /// A guess with its parts.
  public init(schema: Schema, leftOut: [LeftOutColumn] = []) {
    self.schema = schema
    self.leftOut = leftOut
  }

  /// Guesses from all rows of a CSV file with a header.
  ///
  /// - Throws: `CSVError`: for what is no CSV file, `.noRows`, and `.noUsableColumn` where all columns are left out.
  public init(contentsOf url: URL) throws {
    try self.init(reading: CSVReader(contentsOf: url))
  }

  /// Guesses from CSV text in memory; `name` is what errors call it.
  ///
  /// - Throws: `CSVError`.
  public init(data: Data, name: String) throws {
    try self.init(reading: CSVReader(data: data, name: name))
  }

  /// Guesses from what `reader` gives.
  ///
  /// - Throws: `CSVError`.
  public init(reading reader: CSVReader) throws {
    var header: CSVHeader?
    var evidence: [ColumnEvidence] = []
    var rows = 0
    try reader.forEachRecord { record in
      if header == nil {
        let names = try CSVHeader(record, file: reader.name)
        header = names
        evidence = names.names.map { _ in ColumnEvidence() }
      } else {
        rows += 1
        for column in evidence.indices { evidence[column].add(record, column) }
      }
    }
    guard let header else { throw CSVError.empty(file: reader.name) }
    if rows == 0 { throw CSVError.noRows(file: reader.name) }

    var columns: [Column] = []
    leftOut = []
    for (position, name) in header.names.enumerated() {
      let guess = name.isEmpty ? .leftOut(.unnamed(column: position + 1)) : evidence[position].guess
      switch guess {
      case .kind(let kind): columns.append(Column(name, kind))
      case .leftOut(let reason):
        leftOut.append(LeftOutColumn(name: name, reason: reason, hasNumber: evidence[position].hasNumber))
      }
    }
    if columns.isEmpty { throw CSVError.noUsableColumn(file: reader.name, leftOut: leftOut) }
    schema = Schema(columns)
  }
}

/// What the cells of one column have shown so far.
private struct ColumnEvidence {
  enum Guess {
    case kind(Column.Kind)
    case leftOut(LeftOutColumn.Reason)
  }

  private var count = 0
  private var numbers: Set<Double> = []
  private var texts: Set<String> = []
  /// The first text, and the line its record starts on.
  private var firstText: (cell: String, line: Int)?
  private var textCount = 0

  var hasNumber: Bool { !numbers.isEmpty }

  mutating func add(_ record: borrowing CSVRecord, _ position: Int) {
    if record.isMissing(position) { return }
    count += 1
    if let number = record.number(position) {
      // One more than can be labels tells that there are too many.
      if numbers.count <= GuessedSchema.mostLabels { numbers.insert(number) }
    } else {
      let text = record.text(position)
      if firstText == nil { firstText = (text, record.line) }
      textCount += 1
      // As long as no text has come again, all of them are needed to tell whether one does.
      if texts.count <= GuessedSchema.mostLabels || texts.count == textCount - 1 { texts.insert(text) }
    }
  }

  var guess: Guess {
    if count == 0 { return .leftOut(.onlyMissingCells) }
    let labels = numbers.sorted().map(CSVWriter.cell) + texts.sorted()
    if labels.count == 1 { return .leftOut(.constant(labels[0])) }
    if let firstText {
      // Numbers of which hardly any comes again, with some text in between, have bad cells rather than labels.
      let most = hasNumber ? count / 2 : count - 1
      guard labels.count <= min(most, GuessedSchema.mostLabels) else {
        if hasNumber { return .leftOut(.cell(firstText.cell, line: firstText.line)) }
        return .leftOut(texts.count == count ? .allDifferent : .tooManyLabels(most: GuessedSchema.mostLabels))
      }
    } else if labels.count > GuessedSchema.mostNumbers || 2 * labels.count > count {
      // Numbers of which hardly any comes again were measured.
      return .kind(.continuous)
    }
    return .kind(labels.count == 2 ? .binary(labels) : .category(labels))
  }
}
