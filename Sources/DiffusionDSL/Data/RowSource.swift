/// What queries take rows from: arrays of numbers, of which some may be nil; a `Dataset`; a `Table`, whose columns are
/// found by their names; samples.
///
///     try trained.lowerBound(on: [[0.1, 2], [0.3, nil]])
///     try trained.lowerBound(on: table)
///
/// A type of one's own that holds rows conforms with one method:
///
///     extension Survey: RowSource {
///       func dataset(for schema: Schema) throws(DataError) -> Dataset { try table.dataset(for: schema) }
///     }
public protocol RowSource {
  /// The rows as a model of a schema takes them.
  ///
  /// Only a source that knows its columns' names looks at the schema. Whether rows are as wide as the model's and have
  /// values that its kernel is for, the query checks.
  ///
  /// - Parameter schema: that of a definition, `Diffusion.schema`.
  /// - Throws: `DataError` for what is no rows of numbers, or has none of the schema's columns.
  func dataset(for schema: Schema) throws(DataError) -> Dataset
}

/// A number that an array of rows can hold, or an optional one: nil is a missing cell.
///
/// Swift's numbers conform. A floating-point or whole number of one's own does so without a line:
///
///     extension Celsius: RowNumber {}
public protocol RowNumber {
  /// The number in a row; nil for a missing cell.
  var cell: Double? { get }
}

extension RowNumber where Self: BinaryFloatingPoint {
  /// The number as a Double.
  public var cell: Double? { Double(self) }
}

extension RowNumber where Self: BinaryInteger {
  /// The number as a Double.
  public var cell: Double? { Double(self) }
}

extension Double: RowNumber {}
extension Float: RowNumber {}
extension Int: RowNumber {}
extension Int8: RowNumber {}
extension Int16: RowNumber {}
extension Int32: RowNumber {}
extension Int64: RowNumber {}
extension UInt8: RowNumber {}
extension UInt16: RowNumber {}
extension UInt32: RowNumber {}

extension Optional: RowNumber where Wrapped: RowNumber {
  /// The number as a Double; nil for a missing cell.
  public var cell: Double? { flatMap(\.cell) }
}

extension Array: RowSource where Element: Collection, Element.Element: RowNumber {
  /// The rows, all of one length, nil for a missing cell.
  ///
  /// - Throws: `DataError` for no rows, ragged rows, or a number that is not finite.
  public func dataset(for schema: Schema) throws(DataError) -> Dataset { try Dataset(numbers: self) }
}

extension Dataset: RowSource {
  /// The dataset itself, whose columns have places and no names.
  public func dataset(for schema: Schema) -> Dataset { self }
}

extension Rows: RowSource {
  /// The rows, whose columns have places and no names.
  ///
  /// - Throws: `DataError` for no rows, or a number that is not finite.
  public func dataset(for schema: Schema) throws(DataError) -> Dataset { try Dataset(self) }
}

extension Table: RowSource {}
