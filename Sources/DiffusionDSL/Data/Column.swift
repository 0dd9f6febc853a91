/// A column of a table as a value: its name and what its cells are.
public struct Column: Codable, Hashable, Sendable {
  /// What a cell is.
  public enum Kind: Codable, Hashable, Sendable {
    /// A finite number, in the data's units.
    case continuous
    /// One of two labels; the first stands for the number 0, the second for 1.
    case binary([String])
    /// One of several labels, which stand for 0, 1, 2, ... in their order.
    case category([String])
  }

  /// What the column is called; unique in its schema.
  public let name: String
  /// What its cells are.
  public let kind: Kind

  /// A column with its name and kind.
  public init(_ name: String, _ kind: Kind) {
    self.name = name
    self.kind = kind
  }

  /// The labels of a binary or categorical column; nil for a continuous one.
  public var labels: [String]? {
    switch kind {
    case .continuous: nil
    case .binary(let labels), .category(let labels): labels
    }
  }
}

extension Column {
  /// What a number of a row means; nil for a missing cell (NaN), or a number that stands for no label.
  public func cell(_ number: Double) -> Cell? {
    guard !number.isNaN else { return nil }
    guard let labels else { return .number(number) }
    guard number == number.rounded(), number >= 0, number < Double(labels.count) else { return nil }
    return .label(labels[Int(number)])
  }

  /// The number of a row that stands for a cell; nil where none does.
  ///
  /// A continuous column takes finite numbers and no text. The others take their labels, and a number for the label
  /// that is written so: 2007 for `2007`.
  public func number(of cell: Cell) -> Double? {
    switch (cell, labels) {
    case (.number(let number), nil): return number.isFinite ? number : nil
    case (.label, nil): return nil
    case (.label(let label), let labels?): return labels.firstIndex(of: label).map(Double.init)
    case (.number(let number), let labels?):
      guard number.isFinite else { return nil }
      let index = labels.firstIndex(of: cell.text) ?? labels.firstIndex { Double($0) == number }
      return index.map(Double.init)
    }
  }

  /// Why no number stands for a cell.
  func fault(_ cell: Cell, row: Int, index: Int) -> DataError {
    let place = ColumnPlace(index, name: name)
    switch (cell, labels) {
    case (.number(let number), _) where !number.isFinite:
      return .notFinite(row: row, column: place, value: "\(number)")
    case (_, let labels?): return .unknownLabel(row: row, column: place, label: cell.text, labels: labels)
    case (_, nil): return .wrongCell(row: row, column: place, cell: cell.quoted)
    }
  }
}

extension Column: CustomStringConvertible {
  /// Its name and what its cells are: `bill: a number`, `sex: female or male`, `species: one of Adelie, Gentoo`.
  public var description: String {
    switch kind {
    case .continuous: "\(name): a number"
    case .binary(let labels): "\(name): \(labels.joined(separator: " or "))"
    case .category(let labels): "\(name): one of \(labels.listed())"
    }
  }
}

/// A cell of a row, as text or as a number.
public enum Cell: Hashable, Sendable {
  /// The number of a continuous column, in the data's units.
  case number(Double)
  /// The label of a binary or categorical column.
  case label(String)
}

extension Cell: CustomStringConvertible {
  /// The number or the label, as it is written.
  public var description: String {
    switch self {
    case .number(let value): "\(value)"
    case .label(let label): label
    }
  }
}

extension Cell {
  /// The cell as a label: a whole number without its fraction.
  var text: String {
    let text = description
    if case .number = self, text.hasSuffix(".0") { return String(text.dropLast(2)) }
    return text
  }

  /// The cell in a message.
  var quoted: String { if case .label(let label) = self { "'\(label)'" } else { description } }
}

extension Cell: ExpressibleByFloatLiteral, ExpressibleByIntegerLiteral, ExpressibleByStringLiteral {
  /// A number.
  public init(floatLiteral value: Double) { self = .number(value) }
  /// A whole number.
  public init(integerLiteral value: Int) { self = .number(Double(value)) }
  /// A label.
  public init(stringLiteral value: String) { self = .label(value) }
}
