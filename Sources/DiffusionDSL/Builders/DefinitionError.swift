/// A mistake in a definition that its types could not show.
public struct DefinitionFault: Hashable, Sendable, CustomStringConvertible {
  /// The line of the definition, where it is known.
  public let location: SourceLocation?
  /// One sentence that carries the offending value and names the remedy.
  public let message: String

  public init(_ message: String, at location: SourceLocation? = nil) {
    self.message = message
    self.location = location
  }

  public var description: String { location.map { "\($0): \(message)" } ?? message }
}

/// All mistakes of a definition together.
public struct DefinitionError: Error, Hashable, Sendable, CustomStringConvertible {
  public let faults: [DefinitionFault]

  public init(_ faults: [DefinitionFault]) {
    self.faults = faults
  }

  public var description: String { faults.map(\.description).joined(separator: "\n") }
}
