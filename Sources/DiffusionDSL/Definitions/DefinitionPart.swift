/// A part of a definition that carries its behaviour: a kernel, a schedule, a layer.
///
/// A definition compares parts as values, stores each under its type's name, and asks each how it would be written.
/// Types of your own are parts like those of the library; a loader is told of them (`DefinitionTypes`).
public protocol DefinitionPart: Codable, Hashable, Sendable {
  /// What files call the type, for instance `dense`. Among types of one kind (layers, say) it is unique, and files that
  /// were written with it need it to stay.
  static var typeName: String { get }

  /// The part as it would be written in Swift, on one line or several.
  var sourceText: String { get }
}

extension DefinitionPart {
  /// Whether another part is of the same type and equal.
  func isEqual(to other: any DefinitionPart) -> Bool { AnyHashable(self) == AnyHashable(other) }
}

/// Source text of parts inside another: `Chain {`, the parts' lines two spaces in, `}`.
///
/// - Parameters:
///   - opening: what stands before the brace.
///   - parts: the source text of each part inside.
public func sourceBlock(_ opening: String, _ parts: [String]) -> String {
  let inside = parts.flatMap { $0.split(separator: "\n", omittingEmptySubsequences: false) }.map { "  \($0)" }
  return (["\(opening) {"] + inside + ["}"]).joined(separator: "\n")
}
