import DiffusionIO

/// A column that was left out of a model, as `--json` prints it: `{"column": ..., "reason": ...}`.
public struct LeftOutEntry: Encodable, Sendable {
  /// The column's name; empty where it has none.
  public var column: String
  /// Why it was left out, on one line.
  public var reason: String

  /// The entry for a column.
  public init(_ column: LeftOutColumn) {
    self.column = column.name
    reason = column.reason.description
  }
}
