internal import CGSL

/// What GSL reports instead of a result: its status code, what was asked with which value, and what to do about it.
public struct GSLError: Error, Hashable, Sendable, CustomStringConvertible {
  /// GSL's status code (`gsl_errno.h`).
  public let status: Int
  /// What was asked for.
  public let operation: String
  /// The value that caused it, as text.
  public let value: String
  /// What to do about it.
  public let remedy: String

  /// GSL's own words for the status code.
  public var text: String { String(cString: gsl_strerror(Int32(truncatingIfNeeded: status))) }

  /// One sentence with all of these.
  public var description: String { "\(operation) of \(value): \(text) (GSL status \(status)); \(remedy)." }
}
