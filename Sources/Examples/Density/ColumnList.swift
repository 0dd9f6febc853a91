import ArgumentParser
import DiffusionIO
import Foundation

/// The value of `--columns`: names between commas, quoted as in CSV where they contain some.
enum ColumnList {
  /// - Throws: `ValidationError` for quotes that do not match and for empty names.
  static func names(_ text: String) throws -> [String] {
    let parts = text.split(separator: ",", omittingEmptySubsequences: false)
      .map { $0.trimmingCharacters(in: .whitespaces) }
    // Quotes inside a name that does not begin with one are the name's own.
    let names = parts.contains { $0.hasPrefix("\"") } ? try quoted(text) : parts
    if names.contains("") {
      throw ValidationError("--columns has an empty name: separate names by single commas")
    }
    return names
  }

  private static func quoted(_ text: String) throws -> [String] {
    var names: [String] = []
    do {
      try CSVReader(data: Data(text.utf8), name: "--columns").forEachRecord { record in
        names = (0..<record.count).map { record.text($0) }
      }
    } catch is CSVError {
      throw ValidationError(
        "--columns \(text) is not possible: put a name that contains commas in quotes as in CSV, '\"a, b\",c', "
          + "and write a quote inside quotes as two")
    }
    return names
  }
}
