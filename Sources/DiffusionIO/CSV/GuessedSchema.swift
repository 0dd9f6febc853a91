import DiffusionDSL
import Foundation

/// What the columns of a CSV file seem to be, for `Table(contentsOf:schema:)`.
///
/// Numbers are a continuous column, unless there are only a few that come again and again, or they are codes (`LabelSet`);
/// two texts or such numbers are a binary column, some more a category. Labels are sorted, so the order of the rows does
/// not matter. Whole numbers that are all different and too close for that to be chance are a key where the name says so
/// (`order_id`), and left out, as dates are and texts that all differ.
public struct GuessedSchema: Equatable, Sendable {
  /// The columns that can be used, in the file's order.
  public var schema: Schema
  /// The file's other columns, in its order, and why each was left out.
  public var leftOut: [LeftOutColumn]
  /// What columns lack, those left out too, and what seems to stand for a missing cell, in the file's order.
  public var notes: [ColumnNote] = []

  /// A category of text has no more labels.
  static let mostLabels = 20
  /// A column of more distinct numbers is continuous.
  static let mostNumbers = 8
  /// A category that is chosen has no more labels: each is an output of the network.
  public static let mostChosen = 1_000

  /// What else means a missing cell, by column: with this the file is read as it was guessed.
  public var missing: MissingSpellings {
    var missing = MissingSpellings()
    for note in notes {
      if case .guessedMissing(let spelling, _) = note.content {
        missing.ofColumns[note.column, default: []].append(spelling)
      }
    }
    return missing
  }

  /// A guess with its parts.
  public init(schema: Schema, leftOut: [LeftOutColumn] = []) {
    self.schema = schema
    self.leftOut = leftOut
  }

  /// Guesses from all rows of a CSV file with a header.
  ///
  /// - Throws: `CSVError`: for what is no CSV file, `.noRows`, and `.noUsableColumn` where all columns are left out.
  public init(contentsOf url: URL, format: CSVFormat = CSVFormat()) throws {
    try self.init(reading: CSVReader(contentsOf: url, format: format))
  }

  /// Guesses from CSV text in memory; `name` is what errors call it.
  ///
  /// - Throws: `CSVError`.
  public init(data: Data, name: String, format: CSVFormat = CSVFormat()) throws {
    try self.init(reading: CSVReader(data: data, name: name, format: format))
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
        let names = try CSVHeader(record, reader)
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
      let guess = name.isEmpty ? .leftOut(.unnamed(column: position + 1)) : evidence[position].guess(name)
      switch guess {
      case .kind(let kind):
        columns.append(Column(name, kind))
        notes += evidence[position].notes(of: kind).map { ColumnNote(column: name, content: $0) }
      case .leftOut(let reason):
        leftOut.append(LeftOutColumn(name: name, reason: reason, hasNumber: evidence[position].hasNumber))
        notes += evidence[position].notes(of: nil).map { ColumnNote(column: name, content: $0) }
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
  private var labels = LabelSet(most: GuessedSchema.mostChosen)
  private var numberCount = 0
  /// The first text, and the line its record starts on.
  private var firstText: (cell: String, line: Int)?
  private var textCount = 0
  /// All cells, as long as none has come again.
  private var different: Set<String>? = []
  private var missingCount = 0
  /// The lowest and the highest number.
  private var lowest = Extreme(sign: -1), highest = Extreme(sign: 1)
  /// The first text that is a number in a notation of its own; nil once there is another text.
  private var notation: (cell: String, line: Int)?
  private var hasOtherText = false
  private var dates = 0
  /// How many cells hold a lone point, as some programs write what is missing.
  private var points = 0
  /// Spellings of what is missing, in quotes: labels beside texts, missing among numbers.
  private var quotedMissing = 0
  private var quotedSpellings: Set<String> = []

  /// Whether some cell is a number, and no code.
  var hasNumber: Bool { numberCount > 0 && !labels.areCodes }

  mutating func add(_ record: borrowing CSVRecord, _ position: Int) {
    if record.isMissing(position) {
      missingCount += 1
      return
    }
    let (text, number) = (record.text(position), record.number(position))
    if number == nil, text == "." {
      points += 1
      return
    }
    if record.isMissing(position, evenInQuotes: true) {
      quotedMissing += 1
      quotedSpellings.insert(text)
      return
    }
    count += 1
    labels.add(text, number, line: record.line)
    // Measured numbers differ, and say nothing by that.
    if let number, textCount == 0, number != number.rounded() { different = nil }
    if different?.insert(text).inserted == false { different = nil }
    if let number {
      numberCount += 1
      lowest.add(number)
      highest.add(number)
    } else {
      addText(text, record, position)
    }
  }

  private mutating func addText(_ text: String, _ record: borrowing CSVRecord, _ position: Int) {
    if firstText == nil { firstText = (text, record.line) }
    textCount += 1
    if DateText.matches(text) { dates += 1 }
    if hasOtherText { return }
    if !record.isLooseNumber(position) {
      (hasOtherText, notation) = (true, nil)
    } else if notation == nil {
      notation = (text, record.line)
    }
  }

  /// Whether lone points and what is spelt as missing in quotes are missing cells: among numbers; beside texts they are
  /// labels.
  private var hasNumbersAlone: Bool { numberCount > 0 && textCount == 0 }

  /// What is to be said of a column that is used, or, without a kind, left out.
  func notes(of kind: Column.Kind?) -> [ColumnNote.Content] {
    let points = hasNumbersAlone ? points : 0
    let missing = missingCount + points + (hasNumbersAlone ? quotedMissing : 0)
    let all = count + missingCount + self.points + quotedMissing
    var notes: [ColumnNote.Content] = missing > 0 ? [.missingCells(missing, of: all)] : []
    if points > 0 { notes.append(.guessedMissing(".", count: points)) }
    if kind == .continuous {
      for (extreme, other) in [(lowest, highest), (highest, lowest)] where extreme.isSuspicious(beside: other) {
        notes.append(.suspectedMissing(extreme.number, count: extreme.count))
      }
    }
    return notes
  }

  /// Whether whole numbers are all different though there are not many to choose from: as drawn at random from so few some
  /// would be the same, but for one time in e^10.
  private var countsRows: Bool {
    guard different != nil, textCount == 0, count > 0 else { return false }
    return highest.number - lowest.number + 1 < Double(count) * Double(count) / 20
  }

  /// - Parameter name: the column's; a year differs from row to row as well as a key does.
  func guess(_ name: String) -> Guess {
    var (labels, count) = (labels, count)
    if !hasNumbersAlone {
      if points > 0 { labels.add(".", nil, line: 0) }
      for spelling in quotedSpellings { labels.add(spelling, nil, line: 0) }
      count += points + quotedMissing
    }
    if count == 0 { return .leftOut(.onlyMissingCells) }
    if labels.count == 1 { return .leftOut(.constant(labels.labels[0])) }
    if textCount > 0 || labels.areCodes {
      // Numbers of which hardly any comes again, with some text in between, have bad cells rather than labels.
      let most = hasNumber ? count / 2 : count - 1
      guard labels.count <= min(most, GuessedSchema.mostLabels) else { return .leftOut(reasonAgainst(labels)) }
    } else if KeyName.matches(name), countsRows {
      return .leftOut(.key)
    } else if labels.count > GuessedSchema.mostNumbers || 2 * labels.count > count {
      // Numbers of which hardly any comes again were measured.
      return .kind(.continuous)
    }
    let names = labels.labels
    return .kind(names.count == 2 ? .binary(names) : .category(names))
  }

  /// Why a column of so many labels is left out.
  private func reasonAgainst(_ labels: LabelSet) -> LeftOutColumn.Reason {
    if let notation { return .notation(notation.cell, line: notation.line) }
    if let firstText {
      if dates == textCount, numberCount == 0 { return .dates(firstText.cell) }
      if hasNumber { return .cell(firstText.cell, line: firstText.line) }
    }
    if different != nil, points <= 1, quotedMissing == 0 { return .allDifferent }
    if labels.areCodes, textCount == 0, let code = labels.firstCode { return .codes(code.cell, line: code.line) }
    return .tooManyLabels(labels.count, most: GuessedSchema.mostLabels)
  }
}

/// Names that columns of keys have.
private enum KeyName {
  private static let words: Set<String> = [
    "id", "key", "index", "idx", "no", "nr", "num", "number", "row", "rows", "record", "pk", "guid", "uuid",
  ]

  /// Whether a word of the name says that the column is a key: `order_id`, `orderId`, `Row number`.
  static func matches(_ name: String) -> Bool {
    var (words, word) = ([String](), "")
    var previous: Character?
    for character in name {
      let isBoundary = character.isUppercase && previous?.isLowercase == true
      if !character.isLetter || isBoundary {
        words.append(word)
        word = ""
      }
      if character.isLetter { word += character.lowercased() }
      previous = character
    }
    return (words + [word]).contains { KeyName.words.contains($0) }
  }
}

/// Dates as programs write them.
private enum DateText {
  /// Whether a text begins with a date: 2024-01-31, 31.01.2024, 1/31/24, with a time of day behind it or not.
  static func matches(_ text: String) -> Bool {
    let day = text.prefix { $0.isASCII && ($0.isNumber || "-./".contains($0)) }
    let rest = text[day.endIndex...]
    guard rest.isEmpty || rest.first == "T" || rest.first == " ",
      let separator = day.first(where: { !$0.isNumber })
    else { return false }
    let parts = day.split(separator: separator, omittingEmptySubsequences: false)
    guard parts.count == 3, parts.allSatisfy({ !$0.isEmpty && $0.allSatisfy(\.isNumber) }) else { return false }
    let sizes = parts.map(\.count)
    return sizes[1] <= 2 && (sizes[0] == 4 && sizes[2] <= 2 || sizes[0] <= 2 && (sizes[2] == 2 || sizes[2] == 4))
  }
}

/// The lowest or highest number of a column, how often it comes, and the next one.
private struct Extreme {
  /// 1 for the highest, -1 for the lowest.
  let sign: Double
  private(set) var number = Double.nan
  private(set) var count = 0
  private var next = Double.nan

  init(sign: Double) { self.sign = sign }

  mutating func add(_ new: Double) {
    if count == 0 || sign * new > sign * number {
      (next, number, count) = (number, new, 1)
    } else if new == number {
      count += 1
    } else if next.isNaN || sign * new > sign * next {
      next = new
    }
  }

  /// Whether the number comes several times and lies farther from all others than these from each other, as -999 does
  /// where it stands for a missing cell. 0 is taken for a number.
  ///
  /// - Parameter other: the other end.
  func isSuspicious(beside other: Extreme) -> Bool {
    number != 0 && count >= 3 && abs(number - next) > abs(next - other.number)
  }
}
