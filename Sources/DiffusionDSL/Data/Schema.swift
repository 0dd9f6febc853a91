/// The columns of a table, in order: what a row of a model's data is, by name.
///
/// A definition has one, `Diffusion.schema`; parts of its kernel that are no named fields have columns x0, x1, ..., by
/// their place in the row.
public struct Schema: Codable, Hashable, Sendable {
  /// From the first number of a row to the last.
  public let columns: [Column]

  /// A schema of columns.
  public init(_ columns: [Column]) {
    self.columns = columns
  }

  /// A schema of fields, in their order.
  public init(_ fields: any Field...) {
    self.init(fields.map(\.column))
  }

  /// The place of a column in a row; nil where there is none of the name.
  public func index(of name: String) -> Int? { columns.firstIndex { $0.name == name } }

  /// The columns' names.
  public var names: [String] { columns.map(\.name) }

  /// What a number of a row means; nil for a missing cell (NaN), or a number that stands for no label.
  public func cell(_ number: Double, column: Int) -> Cell? {
    columns.indices.contains(column) ? columns[column].cell(number) : nil
  }

  /// Whether rows can be of it.
  ///
  /// - Throws: `DataError.noColumns`, `.repeatedField`.
  func check() throws(DataError) {
    if columns.isEmpty { throw .noColumns }
    var seen: Set<String> = []
    for column in columns where !seen.insert(column.name).inserted { throw .repeatedField(name: column.name, row: nil) }
  }
}

extension Schema: CustomStringConvertible {
  /// Its columns, each on a line of its own; the first ones where there are many.
  public var description: String {
    (columns.prefix(20).map(\.description)
      + (columns.count > 20 ? ["and \((columns.count - 20).counted("more column"))"] : [])).joined(separator: "\n")
  }
}
