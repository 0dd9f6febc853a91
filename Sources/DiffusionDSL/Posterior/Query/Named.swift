/// A field by its name alone, to be compared with a value.
///
///     trained.posterior {
///       Named("species") == "Adelie"
///       Named("bill") > 40
///       (2007...2009).contains(Named("year"))
///     }
///
/// Whether the model has such a field, and such a value in it, is known when the query runs; comparisons of a field's
/// own value, `let bill = Continuous("bill")`, are checked by the compiler.
public struct Named: Sendable {
  /// What the field is called.
  public let name: String

  /// - Parameter name: what the field is called.
  public init(_ name: String) { self.name = name }
}

extension Named {
  /// One of the field's labels.
  public static func == (field: Named, label: String) -> FieldCondition {
    FieldCondition(field.name, .equals(.label(label)))
  }
  /// Any other of the field's labels.
  public static func != (field: Named, label: String) -> FieldCondition {
    FieldCondition(field.name, .labels([label: 0], others: 1))
  }
}

extension Named: NumberField {}

extension [String] {
  /// A field with one of some labels, by its name: `["Adelie", "Gentoo"].contains(Named("species"))`.
  public func contains(_ field: Named) -> FieldCondition {
    FieldCondition(field.name, .labels(Dictionary(map { ($0, 1) }, uniquingKeysWith: { first, _ in first }), others: 0))
  }
}
