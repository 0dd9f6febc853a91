/// A field with several labels, diffused towards a distribution pi over them.
///
///     let species = Category("species", of: ["Adelie", "Chinstrap", "Gentoo"])
///     let island = Category("island", of: Island.self)     // an enumeration
public struct Category<Value: Hashable & Sendable>: Field, KernelTerm {
  /// What the field is called; unique in its kernel.
  public let name: String
  /// The values that a cell can have, in the order of the numbers 0, 1, 2, ... that stand for them.
  public let values: [Value]
  /// How each value is written.
  public let labels: [String]
  let shares: ClassShares

  init(_ name: String, _ values: [Value], labels: [String], shares: ClassShares) {
    self.name = name
    self.values = values
    self.labels = labels
    self.shares = shares
  }

  /// - Parameters:
  ///   - name: unique in its kernel.
  ///   - labels: two or more, no two the same (else a fault of the definition).
  ///   - shares: of each label in pi.
  public init(_ name: String, of labels: [String], shares: ClassShares = .fromData) where Value == String {
    self.init(name, labels, labels: labels, shares: shares)
  }

  /// The cases of an enumeration, written as their names.
  ///
  /// - Parameters:
  ///   - name: unique in its kernel.
  ///   - type: the enumeration.
  ///   - shares: of each case in pi.
  public init(_ name: String, of type: Value.Type, shares: ClassShares = .fromData) where Value: CaseIterable {
    let values = Array(type.allCases)
    self.init(name, values, labels: values.map { "\($0)" }, shares: shares)
  }

  /// The cases of an enumeration, written as their raw values.
  ///
  /// - Parameters:
  ///   - name: unique in its kernel.
  ///   - type: the enumeration.
  ///   - shares: of each case in pi.
  public init(_ name: String, of type: Value.Type, shares: ClassShares = .fromData)
  where Value: CaseIterable & RawRepresentable<String> {
    let values = Array(type.allCases)
    self.init(name, values, labels: values.map(\.rawValue), shares: shares)
  }

  /// The field as a column of a table.
  public var column: Column { Column(name, .category(labels)) }
  /// The field as a kernel.
  public var definition: KernelDefinition {
    KernelDefinition(column, CategoricalKernel(classes: labels.count, shares: shares))
  }

  /// The value that 0, 1, 2, ... stands for; nil for another number.
  public func value(of number: Double) -> Value? {
    guard number == number.rounded(), number >= 0, number < Double(values.count) else { return nil }
    return values[Int(number)]
  }
  /// The number, 0, 1, 2, ..., that stands for a value; nil for one that the field does not have.
  public func number(of value: Value) -> Double? { values.firstIndex(of: value).map(Double.init) }
}
