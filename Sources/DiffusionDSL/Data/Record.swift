/// A row of a table as a value, read and written by its fields.
///
///     var record = Record(schema)
///     record[bill] = 40.1                  // by a field: Double?
///     record["sex"] = "male"               // by a name: Cell?
///     record[species] = nil                // missing
///
/// Nothing is thrown where a cell is written. A write that cannot be leaves the cell as it was and a `fault` in the
/// record, which whoever makes a table of it throws.
public struct Record: Sendable {
  /// The columns.
  public let schema: Schema
  /// One number a column: in the data's units, or the place of the label; NaN for a missing cell.
  public private(set) var numbers: [Double]
  private var faults: [Fault] = []

  private struct Fault: Hashable {
    let field: String
    let error: DataError
  }

  /// A row whose cells are all missing.
  public init(_ schema: Schema) {
    self.schema = schema
    numbers = Array(repeating: .nan, count: schema.columns.count)
  }

  /// A row of the cells that are given; the others are missing.
  ///
  ///     Record(schema, ["bill": 40.1, "sex": "male"])
  public init(_ schema: Schema, _ cells: KeyValuePairs<String, Cell?>) {
    self.init(schema)
    var seen: Set<String> = []
    for (name, cell) in cells {
      if seen.insert(name).inserted {
        write(cell, name)
      } else {
        faults.append(Fault(field: name, error: .repeatedField(name: name, row: 0)))
      }
    }
  }

  init(_ schema: Schema, numbers: [Double]) {
    self.schema = schema
    self.numbers = numbers
  }

  /// The first write that could not be and was not made good by another to the same field; nil where there is none.
  ///
  /// Its row is 0, until a table's makers throw it with the record's place.
  public var fault: DataError? { faults.first?.error }

  /// A field's value; nil for a missing cell, and where the record has no such field.
  public subscript<F: Field>(field: F) -> F.Value? {
    get {
      // By the label, for the schema may have the labels in another order.
      guard let cell = self[field.name], let number = field.column.number(of: cell) else { return nil }
      return field.value(of: number)
    }
    set {
      guard let newValue else { return write(nil, field.name) }
      // NaN is a mistake here, and no missing cell.
      let number = field.column.labels == nil ? field.number(of: newValue) : nil
      write(number.map { .number($0) } ?? field.cell(of: newValue), field.name)
    }
  }

  /// A cell by its column's name; nil for a missing one, and where the record has no such column.
  public subscript(name: String) -> Cell? {
    get { schema.index(of: name).flatMap { schema.cell(numbers[$0], column: $0) } }
    set { write(newValue, name) }
  }

  private mutating func write(_ cell: Cell?, _ name: String) {
    faults.removeAll { $0.field == name }
    guard let index = schema.index(of: name) else {
      let error = DataError.unknownField(row: 0, name: name, fields: schema.names)
      return faults.append(Fault(field: name, error: error))
    }
    let column = schema.columns[index]
    if let cell {
      guard let number = column.number(of: cell) else {
        return faults.append(Fault(field: name, error: column.fault(cell, row: 0, index: index)))
      }
      numbers[index] = number
    } else {
      numbers[index] = .nan
    }
  }
}

extension Record: Hashable {
  /// Whether the schemas are the same, the cells, of which a missing one is the same as another, and the faults.
  public static func == (left: Record, right: Record) -> Bool {
    left.schema == right.schema && left.faults == right.faults && MissingCells.areSame(left.numbers, right.numbers)
  }

  /// Equal values have equal hashes, missing cells among them.
  public func hash(into hasher: inout Hasher) {
    hasher.combine(schema)
    MissingCells.hash(numbers, into: &hasher)
  }
}

extension Record: CustomStringConvertible {
  /// The cells in the order of the columns: `bill: 40.1, sex: male, species: missing`.
  public var description: String {
    schema.columns.indices.map { index in
      "\(schema.columns[index].name): \(schema.cell(numbers[index], column: index)?.description ?? "missing")"
    }.joined(separator: ", ")
  }
}
