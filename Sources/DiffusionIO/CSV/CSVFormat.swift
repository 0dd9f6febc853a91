/// How a CSV file is written. What is nil is found from the file's beginning, as a person would find it.
///
///     let table = try Table(contentsOf: url, schema: schema, format: CSVFormat(delimiter: .semicolon, decimal: .comma))
public struct CSVFormat: Hashable, Sendable {
  /// What stands between cells.
  public var delimiter: CSVDelimiter?
  /// What stands before a number's fraction.
  public var decimal: DecimalMark?
  /// How letters are stored; nil: UTF-8, or what a byte order mark says.
  public var encoding: TextEncoding?
  /// Whether the first line has the columns' names even where all of them are numbers, such as years. Names in quotes are
  /// names without this.
  public var hasHeader: Bool
  /// Which cells are numbers.
  public var numbers: NumberReading
  /// What missing cells hold beside nothing and `CSVRecord.missingSpellings`.
  public var missing: MissingSpellings

  /// Which cells are numbers.
  public enum NumberReading: String, CaseIterable, Sendable {
    /// Digits, a decimal mark, a sign and an exponent, and nothing else.
    case strict
    /// Also those with separated thousands, a sign of percent or of a currency (which is left out, so 5% is 5), a
    /// typographic minus, or in the parentheses that accountants write for a minus.
    case loose
  }

  /// A format; see the properties of the same names.
  public init(
    delimiter: CSVDelimiter? = nil, decimal: DecimalMark? = nil, encoding: TextEncoding? = nil, hasHeader: Bool = false,
    numbers: NumberReading = .strict, missing: MissingSpellings = MissingSpellings()
  ) {
    self.delimiter = delimiter
    self.decimal = decimal
    self.encoding = encoding
    self.hasHeader = hasHeader
    self.numbers = numbers
    self.missing = missing
  }

  /// What programs write and read that follow RFC 4180: commas between cells, points before fractions.
  public static let standard = CSVFormat(delimiter: .comma, decimal: .point)
}

/// What stands between the cells of a line.
public struct CSVDelimiter: Hashable, Sendable {
  /// One ASCII character.
  let byte: UInt8

  private init(ascii character: Unicode.Scalar) { byte = UInt8(ascii: character) }

  /// A comma.
  public static let comma = CSVDelimiter(ascii: ",")
  /// A semicolon.
  public static let semicolon = CSVDelimiter(ascii: ";")
  /// A tab.
  public static let tab = CSVDelimiter(ascii: "\t")
  /// A vertical bar.
  public static let bar = CSVDelimiter(ascii: "|")
  /// Those that are found, the usual one first.
  static let found = [comma, semicolon, tab, bar]

  /// - Parameter character: a punctuation mark of ASCII or a tab; nil for what stands in numbers, names or quotes.
  public init?(_ character: Character) {
    guard let byte = character.asciiValue, character == "\t" || character.isPunctuation || character.isSymbol,
      !"\"'.+-_#".contains(character)
    else { return nil }
    self.byte = byte
  }

  /// The character itself.
  public var character: Character { Character(Unicode.Scalar(byte)) }

  /// What messages call several of them: `commas`, `';'`.
  var plural: String {
    switch self {
    case .comma: "commas"
    case .semicolon: "semicolons"
    case .tab: "tabs"
    case .bar: "bars"
    default: "'\(character)'"
    }
  }
}

extension CSVDelimiter: CustomStringConvertible {
  /// What messages call several of them.
  public var description: String { plural }
}

/// What stands before a number's fraction.
public enum DecimalMark: Character, CaseIterable, Sendable {
  /// 1.5
  case point = "."
  /// 1,5
  case comma = ","

  var byte: UInt8 { self == .point ? UInt8(ascii: ".") : UInt8(ascii: ",") }

  /// A number that is written with a point, with this mark.
  public func written(_ number: String) -> String {
    self == .point ? number : String(number.map { $0 == "." ? rawValue : $0 })
  }
}

/// What missing cells hold, beside nothing and `CSVRecord.missingSpellings`.
///
/// These also count in quotes, and a number among them stands for all cells of that value: -999 for -999.0.
public struct MissingSpellings: Hashable, Sendable {
  /// In every column.
  public var everywhere: [String]
  /// In the columns of these names.
  public var ofColumns: [String: [String]]

  /// Spellings; see the properties of the same names.
  public init(everywhere: [String] = [], ofColumns: [String: [String]] = [:]) {
    self.everywhere = everywhere
    self.ofColumns = ofColumns
  }

  /// Those of each column of a header, by place; nil where no column has any.
  ///
  /// - Throws: `CSVError.unknownColumn` for a column that the header lacks.
  func spellings(of names: [String], _ format: CSVFormat, file: String) throws(CSVError) -> [[MissingSpelling]]? {
    if everywhere.isEmpty, ofColumns.isEmpty { return nil }
    if let name = ofColumns.keys.sorted().first(where: { !names.contains($0) }) {
      throw .unknownColumn(file: file, name: name, available: names.filter { !$0.isEmpty })
    }
    return names.map { name in
      (everywhere + (ofColumns[name] ?? [])).map { MissingSpelling($0, format) }
    }
  }
}

/// One spelling of a missing cell.
struct MissingSpelling: Hashable, Sendable {
  private let text: String
  private let number: Double?

  init(_ text: String, _ format: CSVFormat) {
    self.text = text.lowercased()
    let decimal = format.decimal ?? .point
    number = NumberText.strict(Array(text.utf8)[...], decimal) ?? NumberText.strict(Array(text.utf8)[...], .point)
  }

  func matches(_ cell: String, _ value: Double?) -> Bool {
    if let number, let value { return number == value }
    return cell.lowercased() == text
  }
}
