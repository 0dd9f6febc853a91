/// A column of a table as a value: its name and what its cells are.
public struct Column: Codable, Hashable, Sendable {
  /// What a cell is.
  public enum Kind: Codable, Hashable, Sendable {
    /// A finite number, in the data's units.
    case continuous
    /// One of two labels; the first stands for the number 0, the second for 1.
    case binary([String])
    /// One of so many labels, which stand for 0, 1, 2, ...
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

extension Cell: ExpressibleByFloatLiteral, ExpressibleByIntegerLiteral, ExpressibleByStringLiteral {
  public init(floatLiteral value: Double) { self = .number(value) }
  public init(integerLiteral value: Int) { self = .number(Double(value)) }
  public init(stringLiteral value: String) { self = .label(value) }
}
