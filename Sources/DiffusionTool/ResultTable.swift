import DiffusionDSL
import DiffusionIO
import Foundation

/// A table of results: named columns of equal length.
struct ResultTable: Sendable {
  enum Cells: Sendable {
    case numbers([Double])
    /// Places of labels; NaN for a missing cell.
    case labels([Double], of: [String])
    /// Texts of a file's columns that the model does not have.
    case texts([CSVWriter.Text])
  }

  struct Column: Sendable {
    var name: String
    var cells: Cells
    /// How cells are written in the file that they come from; nil for those that come from the model.
    var written: [CSVWriter.Text?] = []
  }

  var columns: [Column]
  /// How CSV is written.
  var format = CSVFormat.standard

  /// The rows of a model.
  init(_ table: Table) {
    columns = table.schema.columns.map { column in
      let numbers = table.numbers(of: column.name) ?? []
      return Column(name: column.name, cells: column.labels.map { .labels(numbers, of: $0) } ?? .numbers(numbers))
    }
  }

  init(_ columns: KeyValuePairs<String, [Double]>) {
    self.columns = columns.map { Column(name: $0, cells: .numbers($1)) }
  }

  init(columns: [Column], format: CSVFormat = .standard) {
    (self.columns, self.format) = (columns, format)
  }

  var count: Int { columns.first.map(\.count) ?? 0 }

  /// - Throws: `CSVError`.
  func csv() throws -> Data {
    try CSVWriter.data(
      columns: columns.map(\.name),
      cells: (0..<count).lazy.map { row in columns.map { $0.text(row, format.decimal ?? .point) } },
      delimiter: format.delimiter ?? .comma)
  }

  /// The columns that have numbers, labels as their places: an array of two axes, or of one for one column.
  ///
  /// - Throws: `NPYError`.
  func npy() throws -> Data {
    let numeric = columns.compactMap(\.numbers)
    let values = (0..<count).flatMap { row in numeric.map { $0[row] } }
    let shape = columns.count == 1 ? [count] : [count, numeric.count]
    return try NPYArray(values: values, shape: shape).data()
  }

  /// `columns`: the names; `rows`: a list for each row, of numbers, texts and, for what is missing, null.
  func object(_ beside: [String: JSONValue]) -> JSONValue {
    var object = beside
    object["columns"] = .list(columns.map { .text($0.name) })
    object["rows"] = .list((0..<count).map { row in .list(columns.map { $0.value(row) }) })
    return .object(object)
  }
}

extension ResultTable.Column {
  var count: Int {
    switch cells {
    case .numbers(let numbers), .labels(let numbers, _): numbers.count
    case .texts(let texts): texts.count
    }
  }

  var numbers: [Double]? {
    switch cells {
    case .numbers(let numbers), .labels(let numbers, _): numbers
    case .texts: nil
    }
  }

  func text(_ row: Int, _ decimal: DecimalMark) -> CSVWriter.Text {
    if row < written.count, let text = written[row] { return text }
    if case .texts(let texts) = cells { return texts[row] }
    switch value(row) {
    // The logarithm of an impossible row is -inf, which is a result and not a missing cell.
    case .number(let number):
      return CSVWriter.Text(number.isInfinite ? (number < 0 ? "-inf" : "inf") : CSVWriter.cell(number, decimal))
    // A number may be a label too.
    case .text(let text): return CSVWriter.Text(Double(text).map { _ in decimal.written(text) } ?? text)
    default: return CSVWriter.Text("NA")
    }
  }

  func value(_ row: Int) -> JSONValue {
    switch cells {
    case .numbers(let numbers): return numbers[row].isNaN ? .missing : .number(numbers[row])
    case .labels(let numbers, let labels):
      guard let place = Int(exactly: numbers[row]), labels.indices.contains(place) else { return .missing }
      return .text(labels[place])
    case .texts(let texts): return .text(texts[row].content)
    }
  }
}

/// A value of a JSON object.
enum JSONValue: Encodable, Sendable {
  case number(Double)
  case integer(Int)
  case text(String)
  case truth(Bool)
  case missing
  case list([JSONValue])
  case object([String: JSONValue])

  /// A number; missing where there is none.
  init(_ number: Double?) {
    if let number, !number.isNaN { self = .number(number) } else { self = .missing }
  }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    switch self {
    case .number(let number): try container.encode(number)
    case .integer(let integer): try container.encode(integer)
    case .text(let text): try container.encode(text)
    case .truth(let truth): try container.encode(truth)
    case .missing: try container.encodeNil()
    case .list(let values): try container.encode(values)
    case .object(let values): try container.encode(values)
    }
  }
}
