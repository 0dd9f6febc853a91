/// Where in the user's source a part of a definition stands.
public struct SourceLocation: Hashable, Sendable, CustomStringConvertible {
  /// Module and file, as `#fileID` gives them.
  public let fileID: String
  public let line: UInt

  public init(fileID: String, line: UInt) {
    self.fileID = fileID
    self.line = line
  }

  public var description: String { "\(fileID):\(line)" }
}

/// A part of a definition and where it stands.
///
/// Definitions are compared and stored by what they say, not by where they say it.
public struct Placed<Value: Codable & Hashable & Sendable>: Codable, Hashable, Sendable {
  public let value: Value
  /// Nil in a definition that was read from a file.
  public let location: SourceLocation?

  public init(_ value: Value, at location: SourceLocation? = nil) {
    self.value = value
    self.location = location
  }

  public static func == (left: Placed, right: Placed) -> Bool { left.value == right.value }

  public func hash(into hasher: inout Hasher) { hasher.combine(value) }

  public init(from decoder: any Decoder) throws {
    self.init(try decoder.singleValueContainer().decode(Value.self))
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(value)
  }
}
