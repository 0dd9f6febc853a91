/// A delta function on some columns, multiplied in exactly: what is known.
///
///     Observe(0, equals: 0.3)
///     Observe(species, equals: "Adelie")
///     Observe(mask: isKnown, equals: pixels)
///
/// The evidence of a continuous column is a density in the data's units, that of a bit or category a probability.
public struct Observe: PosteriorTerm {
  /// The term as a factor.
  public let factor: PosteriorFactor

  private init(_ kind: PosteriorFactor.Kind) { factor = PosteriorFactor(kind: kind, location: nil) }

  private init(_ columns: [(ColumnName, Cell)], lengths: [Int] = []) {
    self.init(.columns(columns.map { ($0, .equals($1)) }, lengths: lengths))
  }

  /// One column by its place, counted from 0.
  ///
  /// - Parameters:
  ///   - column: its place.
  ///   - value: in the data's units; the number that stands for the value of a bit or category.
  public init(_ column: Int, equals value: Double) { self.init([(.index(column), .number(value))]) }

  /// Some columns by their places.
  ///
  /// - Parameters:
  ///   - columns: their places.
  ///   - values: in the data's units, as many as columns (others are a fault of the posterior).
  public init(_ columns: [Int], equals values: [Double]) {
    factor =
      PosteriorFactor.fault(columns, values)
      ?? PosteriorFactor(
        kind: .columns(zip(columns, values).map { (.index($0), .equals(.number($1))) }), location: nil)
  }

  /// A renamed initialiser: `init(_:equals:)`.
  @available(*, deprecated, renamed: "init(_:equals:)")
  public init(_ columns: [Int], equal values: [Double]) { self.init(columns, equals: values) }

  /// The columns for which the mask is true.
  ///
  /// - Parameters:
  ///   - mask: one for each column of a row (others are a fault of the posterior).
  ///   - row: a row in the data's units; its other numbers do not matter.
  public init(mask: [Bool], equals row: [Double]) {
    let columns = mask.indices.filter { mask[$0] }
    self.init(
      columns.filter { $0 < row.count }.map { (.index($0), .number(row[$0])) }, lengths: [mask.count, row.count])
  }

  /// A field.
  public init<F: Field>(_ field: F, equals value: F.Value) {
    self.init([(.field(field.name), field.cell(of: value))])
  }

  /// A field by its name.
  ///
  ///     Observe("bill", equals: 40.1)
  ///     Observe("bill", equals: measured)      // let measured: Double, or a String for a label
  public init(_ field: String, equals value: Cell) { self.init([(.field(field), value)]) }

  /// A continuous field by its name, in the data's units. Also the label that is written so: 2007 for `2007`.
  @_disfavoredOverload
  public init(_ field: String, equals value: Double) { self.init(field, equals: .number(value)) }

  /// A bit or category by its name.
  @_disfavoredOverload
  public init(_ field: String, equals label: String) { self.init(field, equals: .label(label)) }

  /// A field by its name; the same as by the name alone.
  public init(_ field: Named, equals value: Cell) { self.init(field.name, equals: value) }

  /// A continuous field by its name, in the data's units.
  @_disfavoredOverload
  public init(_ field: Named, equals value: Double) { self.init(field.name, equals: .number(value)) }

  /// A bit or category by its name.
  @_disfavoredOverload
  public init(_ field: Named, equals label: String) { self.init(field.name, equals: .label(label)) }

  /// All known fields of a row; nothing is observed of its missing ones. A fault of the record is a fault of the
  /// posterior.
  public init(_ record: Record) {
    if let fault = record.fault {
      self.init(.fault(.invalidRecord(fault)))
      return
    }
    self.init(
      record.schema.columns.enumerated().compactMap { index, column in
        record.schema.cell(record.numbers[index], column: index).map { (.field(column.name), $0) }
      })
  }
}
