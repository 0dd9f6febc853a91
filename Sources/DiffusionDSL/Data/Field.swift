/// A named column of a row, such as `Continuous`, `Binary` and `Category`, which are parts of a `ProductKernel` too.
///
/// Rows are read and written by their fields: `row[bill]`, `row[species]`.
public protocol Field<Value>: Sendable {
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
