/// A parameter that no distribution of its kind can have, or an argument that makes no sense for it.
public struct DistributionError: Error, Hashable, Sendable, CustomStringConvertible {
  /// What was being built or asked, for example `Normal`.
  public let subject: String
  /// The parameter's name.
  public let parameter: String
  /// The value that was given, as text.
  public let value: String
  /// What to do about it.
  public let remedy: String

  init(of subject: String, parameter: String, value: some Sendable, remedy: String) {
    self.subject = subject
    self.parameter = parameter
    self.value = "\(value)"
    self.remedy = remedy
  }

  /// One sentence with all of these.
  public var description: String { "\(subject): \(parameter) is \(value); \(remedy)." }
}
