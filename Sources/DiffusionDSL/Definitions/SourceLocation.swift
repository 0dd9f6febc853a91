/// Where in the user's source a part of a definition stands.
public struct SourceLocation: Hashable, Sendable, CustomStringConvertible {
  /// Module and file, as `#fileID` gives them.
  public let fileID: String
  /// The line, counted from 1.
  public let line: UInt

  /// A place, as `#fileID` and `#line` give it.
  public init(fileID: String, line: UInt) {
    self.fileID = fileID
    self.line = line
  }

  /// `Module/File.swift:line`.
  public var description: String { "\(fileID):\(line)" }
}

/// A part of a definition and where it stands.
///
/// Definitions are compared and stored by what they say, not by where they say it.
public struct Placed<Value: Codable & Hashable & Sendable>: Codable, Hashable, Sendable {
  /// The part itself.
  public let value: Value
  /// Nil in a definition that was read from a file.
  public let location: SourceLocation?

  /// A part and where it stands.
  public init(_ value: Value, at location: SourceLocation? = nil) {
    self.value = value
    self.location = location
  }

  /// Whether the parts are equal, wherever they stand.
  public static func == (left: Placed, right: Placed) -> Bool { left.value == right.value }

  /// The hash of the part alone.
  public func hash(into hasher: inout Hasher) { hasher.combine(value) }

  /// The part as it was stored, without a location.
  ///
  /// - Throws: what decoding the part throws.
  public init(from decoder: any Decoder) throws {
    self.init(try decoder.singleValueContainer().decode(Value.self))
  }

  /// Stores the part alone.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(value)
  }
}
