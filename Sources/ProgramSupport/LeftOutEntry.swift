import DiffusionIO

/// A column that was left out of a model, as `--json` prints it: `{"column": ..., "reason": ...}`.
public struct LeftOutEntry: Encodable, Sendable {
  public var column: String
  public var reason: String

  public init(_ column: LeftOutColumn) {
    self.column = column.name
    reason = column.reason.description
  }
}
