/// A named column of a row, and the kernel that diffuses it: a part of a `ProductKernel`.
///
/// Rows are read and written by their fields: `row[bill]`, `row[species]`.
public protocol Field<Value>: KernelTerm {
  /// What a cell holds.
  associatedtype Value: Sendable
  /// What the field is called; unique in its kernel.
  var name: String { get }
  /// The field as a column of a table.
  var column: Column { get }
  /// What a number of a row means; nil where it means nothing.
  func value(of number: Double) -> Value?
  /// The number of a row that stands for a value; nil where none does.
  func number(of value: Value) -> Double?
}

extension Field {
  /// A value as a cell; what is none of the field's values, as the label that it is written as.
  func cell(of value: Value) -> Cell { number(of: value).flatMap { column.cell($0) } ?? .label("\(value)") }
}

/// A number, diffused towards a normal distribution.
///
///     let bill = Continuous("bill")
public struct Continuous: Field, ContinuousKernel {
  /// What the field is called; unique in its kernel.
  public let name: String
  /// The mean and standard deviation of pi in the data's units; nil: those of the data that the model is trained on.
  public let unit: Unit?

  /// The mean and standard deviation of pi, in the data's units.
  public struct Unit: Codable, Hashable, Sendable {
    /// Finite.
    public let mean: Double
    /// The standard deviation, positive.
    public let scale: Double
  }

  /// A number whose mean and scale are taken from the data that the model is trained on.
  public init(_ name: String) {
    self.name = name
    unit = nil
  }

  /// A number that is brought to (x - mean) / scale, whatever the data.
  ///
  /// - Parameters:
  ///   - name: unique in its kernel.
  ///   - mean: finite, in the data's units.
  ///   - scale: positive, in the data's units (else a fault of the definition).
  public init(_ name: String, mean: Double, scale: Double) {
    self.name = name
    unit = Unit(mean: mean, scale: scale)
  }

  /// The field as a column of a table.
  public var column: Column { Column(name, .continuous) }
  public var definition: KernelDefinition {
    KernelDefinition(column, GaussianKernel(dimensions: 1), unit: unit)
  }

  /// The number itself; nil for NaN, which is a missing cell.
  public func value(of number: Double) -> Double? { number.isNaN ? nil : number }
  /// The number itself.
  public func number(of value: Double) -> Double? { value }
}

/// One of two labels, diffused towards a coin's toss.
///
///     let sex = Binary("sex", "female", "male")
public struct Binary: Field {
  /// What the field is called; unique in its kernel.
  public let name: String
  /// The label that stands for 0, then the one that stands for 1.
  public let labels: [String]
  let mean: BitMean

  /// - Parameters:
  ///   - name: unique in its kernel.
  ///   - zero: the label that the number 0 stands for.
  ///   - one: the label that the number 1 stands for; another one.
  ///   - mean: the chance of `one` in pi.
  public init(_ name: String, _ zero: String = "false", _ one: String = "true", mean: BitMean = .fromData) {
    self.name = name
    labels = [zero, one]
    self.mean = mean
  }

  /// The field as a column of a table.
  public var column: Column { Column(name, .binary(labels)) }
  public var definition: KernelDefinition {
    KernelDefinition(column, BinomialKernel(bits: 1, mean: mean))
  }

  /// The label that 0 or 1 stands for; nil for another number.
  public func value(of number: Double) -> String? { number == 0 ? labels[0] : number == 1 ? labels[1] : nil }
  /// The number, 0 or 1, that stands for a label; nil for another text.
  public func number(of value: String) -> Double? { labels.firstIndex(of: value).map(Double.init) }
}

/// One of several labels, diffused towards a draw from pi.
///
///     let species = Category("species", of: ["Adelie", "Chinstrap", "Gentoo"])
///     let island = Category("island", of: Island.self)     // an enumeration
public struct Category<Value: Hashable & Sendable>: Field {
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
