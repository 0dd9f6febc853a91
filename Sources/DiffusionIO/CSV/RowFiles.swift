import DiffusionDSL
import Foundation

extension Rows {
  /// Writes the rows as a CSV file, all digits of each number.
  ///
  ///     try trained.sample(1_000, seed: 1).write(csv: url, schema: trained.definition.schema)
  ///
  /// - Parameters:
  ///   - url: The file, which appears whole or not at all.
  ///   - schema: The columns' names, and the labels that bits and classes are written as; nil: numbers in columns x0,
  ///     x1, ...
  /// - Throws: `CSVError.unwritable`; `DataError` for rows that are not the schema's, or no rows.
  public func write(csv url: URL, schema: Schema? = nil) throws {
    let schema = schema ?? Schema((0..<dimensions).map { Column("x\($0)", .continuous) })
    try Table(self, schema: schema).write(csv: url)
  }

  /// Reads rows from a CSV file with a header: complete ones, as a model's samples are.
  ///
  /// - Parameters:
  ///   - url: The file.
  ///   - schema: The columns to read, by their names; nil: all columns with nothing but numbers, in the file's order.
  ///   - format: How the file is written, as far as that is not to be found.
  /// - Throws: `CSVError` for what is no CSV file of such columns, `DataError.missingCell` for a missing cell.
  public init(contentsOf url: URL, schema: Schema? = nil, format: CSVFormat = CSVFormat()) throws {
    let schema =
      try schema ?? Schema(NumericTable(contentsOf: url, format: format).columns.map { Column($0, .continuous) })
    try self.init(Table(contentsOf: url, schema: schema, format: format))
  }
}
