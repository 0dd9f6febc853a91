import ArgumentParser
import DiffusionIO
import ProgramSupport

/// How a CSV file is written, where that is not to be found from the file itself.
struct TableOptions: ParsableArguments, Sendable {
  @Option(
    parsing: .unconditional,
    help: .init("What parts cells: a character, or comma, semicolon, tab or bar (default: found).", valueName: "mark"),
    transform: { try TableOptions.delimiter($0) })
  var delimiter: CSVDelimiter?

  @Option(
    parsing: .unconditional,
    help: .init("What stands before fractions, '.' or ',' (default: found).", valueName: "mark"),
    transform: { try TableOptions.decimal($0) })
  var decimal: DecimalMark?

  @Option(help: "How letters are stored (default: utf8, or by a byte order mark).")
  var encoding: TextEncoding?

  @Flag(help: "The first line has the columns' names, though all of them are numbers.")
  var header = false

  @Option(help: "Which cells are numbers; loose takes 1,234.50, 5% and $5 too.")
  var numbers = CSVFormat.NumberReading.strict

  @Option(
    parsing: .unconditionalSingleValue,
    help: .init(
      "What missing cells hold beside the usual: spellings parted by commas, of all columns or of one; numbers with a "
        + "point.",
      valueName: "[field=]text,..."), transform: { try MissingChoice($0) })
  var missing: [MissingChoice] = []

  var format: CSVFormat {
    CSVFormat(
      delimiter: delimiter, decimal: decimal, encoding: encoding, hasHeader: header, numbers: numbers,
      missing: missing.reduce(into: MissingSpellings()) { $0.add($1) })
  }

  /// - Throws: `WrongUsage` for options of CSV where there is no CSV.
  func checkUnused(for what: String) throws(WrongUsage) {
    guard format == CSVFormat() else {
      throw WrongUsage(
        "--delimiter, --decimal, --encoding, --header, --numbers and --missing are for CSV, and \(what): leave them out"
      )
    }
  }

  private static func delimiter(_ text: String) throws -> CSVDelimiter {
    switch text {
    case "comma": return .comma
    case "semicolon": return .semicolon
    case "tab", "\\t": return .tab
    case "bar": return .bar
    default:
      guard text.count == 1, let delimiter = text.first.flatMap({ CSVDelimiter($0) }) else {
        throw ValidationError(
          "'\(text)' cannot part cells: give comma, semicolon, tab, bar, or one character that no number and no name has"
        )
      }
      return delimiter
    }
  }

  private static func decimal(_ text: String) throws -> DecimalMark {
    guard text.count == 1, let mark = text.first.flatMap({ DecimalMark(rawValue: $0) }) else {
      throw ValidationError("--decimal '\(text)' is not possible: give '.' or ','")
    }
    return mark
  }
}

extension TextEncoding: ExpressibleByArgument {}
extension CSVFormat.NumberReading: ExpressibleByArgument {}

/// What `--missing` names: `-999,.` for all columns, `age=-999` for one.
struct MissingChoice: Equatable, Sendable {
  /// Nil: all.
  let field: String?
  let spellings: [String]

  /// - Throws: `ValidationError`.
  init(_ text: String) throws {
    let assignment = text.contains("=") ? try Assignment(text, example: "FIELD=TEXT, such as age=-999") : nil
    field = assignment?.field
    spellings = (assignment?.value ?? text).split(separator: ",").map { Assignment.plain($0) }.filter { !$0.isEmpty }
    if spellings.isEmpty { throw ValidationError("it names nothing: write what missing cells hold, such as -999") }
  }
}

extension MissingSpellings {
  fileprivate mutating func add(_ choice: MissingChoice) {
    if let field = choice.field {
      ofColumns[field, default: []] += choice.spellings
    } else {
      everywhere += choice.spellings
    }
  }
}
