import Foundation

/// A mistake in a definition that its types could not show.
public struct DefinitionFault: Hashable, Sendable, CustomStringConvertible {
  /// The line of the definition, where it is known.
  public let location: SourceLocation?
  /// One sentence that carries the offending value and names the remedy.
  public let message: String

  /// A fault with its sentence and, where it is known, its line.
  public init(_ message: String, at location: SourceLocation? = nil) {
    self.message = message
    self.location = location
  }

  /// `file:line: message`, or the message alone.
  public var description: String { location.map { "\($0): \(message)" } ?? message }
}

/// Sizes beyond these are mistakes: no memory holds what they ask for, or no integer counts it.
enum SizeLimit {
  /// Dimensions of a state, units of a layer, pixels of an image.
  static let extent = 1 << 24
  static let steps = 1_000_000
  /// Numbers of all parameters together: training keeps about ten of each in memory and sums gradients in 16 groups.
  static let parameters = 1 << 26
  /// Numbers of one table that a definition asks for.
  static let table = 1 << 26
  /// Rows that a kernel regression keeps: each is met by every x_t.
  static let regressionRows = 100_000
  /// Draws of noise for each row and step.
  static let draws = 100_000
  /// Height and width of a convolution's kernel, in pixels.
  static let kernel = 255
  /// Layers inside layers. A definition that nests deeper could not be stored: JSON is read to a certain depth only.
  static let nesting = 64
}

/// All mistakes of a definition together.
public struct DefinitionError: Error, Hashable, Sendable, CustomStringConvertible {
  /// In the order of the definition: kernel, schedule, reverse function.
  public let faults: [DefinitionFault]

  /// An error of one fault or more.
  public init(_ faults: [DefinitionFault]) {
    self.faults = faults
  }

  /// The faults, one a line.
  public var description: String { faults.map(\.description).joined(separator: "\n") }
}

extension DefinitionError: LocalizedError {
  /// The description, which `localizedDescription` then gives.
  public var errorDescription: String? { description }
}
