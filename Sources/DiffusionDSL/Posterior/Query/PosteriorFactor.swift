import Formulas

/// A factor r(x) that a model is multiplied by: Sohl-Dickstein et al. 2015, section 2.5.
///
/// `Observe`, `Near`, `Weights`, `Factor`, comparisons of fields and other models are factors; a posterior is a model
/// and a list of them.
public struct PosteriorFactor: Sendable {
  enum Kind: Sendable {
    /// A closed form for each of some columns; and how long rows or masks were that it was made of.
    case columns([(column: ColumnName, constraint: ColumnConstraint)], lengths: [Int] = [])
    /// log r(x), any formula.
    case formula(@Sendable (FactorInput) -> Formula)
    /// Another model's density, estimated with `trajectories` of them for each particle (eq. 9).
    case model(TrainedDiffusion, trajectories: Int)
    /// What is wrong with how it was made.
    case fault(PosteriorError)
  }

  let kind: Kind
  let location: SourceLocation?
}

extension PosteriorFactor: CustomStringConvertible {
  /// What messages call it, with the line where it stands: `the factor at Program/main.swift:12`.
  public var description: String { location.map { "the factor at \($0)" } ?? "a factor" }
}

/// A column by its place in a row or by its field's name.
enum ColumnName: Hashable, Sendable {
  case index(Int)
  case field(String)
}

/// What a factor says of one column, in the data's units.
enum ColumnConstraint: Sendable {
  /// A delta function.
  case equals(Cell)
  /// N(x; mean, deviation^2).
  case normal(mean: Double, deviation: Double)
  /// 1 in an interval, 0 outside.
  case interval(lower: Double, upper: Double)
  /// r of each value of a bit or category, in the order of the numbers that stand for them.
  case table([Double])
  /// r of labels; of others 1 or 0.
  case labels([String: Double], others: Double)
}

extension ColumnConstraint {
  /// r of each label of a bit or category.
  ///
  /// - Throws: `PosteriorError.outsideSupport`, `.invalidWeights`.
  func weights(of labels: [String], _ place: ColumnPlace) throws(PosteriorError) -> [Double] {
    func support(_ value: String) -> PosteriorError {
      .outsideSupport(column: place, value: value, support: "one of \(labels.joined(separator: ", "))")
    }
    var table: [Double]
    switch self {
    case .equals(.label(let label)):
      guard let own = labels.firstIndex(of: label) else { throw support("'\(label)'") }
      table = labels.indices.map { $0 == own ? 1 : 0 }
    case .equals(.number(let number)):
      guard let own = Int(exactly: number), labels.indices.contains(own) else { throw support("\(number)") }
      table = labels.indices.map { $0 == own ? 1 : 0 }
    case .table(let weights): table = weights
    case .labels(let weights, let others):
      for label in weights.keys.sorted() where !labels.contains(label) { throw support("'\(label)'") }
      table = labels.map { weights[$0] ?? others }
    case .normal, .interval: throw support("near or between numbers")
    }
    guard table.count == labels.count, table.allSatisfy({ $0 >= 0 && $0.isFinite }) else {
      throw .invalidWeights(column: place, weights: table, values: labels.count)
    }
    return table
  }
}

/// What stands in a `posterior { ... }`, and what a model is multiplied by.
public protocol PosteriorTerm: Sendable {
  /// The term as a factor.
  var factor: PosteriorFactor { get }
}

extension PosteriorFactor: PosteriorTerm {
  /// The factor itself.
  public var factor: PosteriorFactor { self }

  func at(_ location: SourceLocation) -> PosteriorFactor {
    PosteriorFactor(kind: kind, location: self.location ?? location)
  }

  /// What is wrong with values for columns; nil where nothing is.
  static func fault(_ columns: [Int], _ values: [Double]) -> PosteriorFactor? {
    columns.count == values.count
      ? nil
      : PosteriorFactor(kind: .fault(.wrongCount(columns: columns.count, values: values.count)), location: nil)
  }
}

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
  public init(_ field: String, equals value: Cell) { self.init([(.field(field), value)]) }

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

/// A normal distribution around a value: a measurement with noise, or denoising. Normalised, so that its evidence is a
/// density in the data's units.
///
///     Near(bill, to: 40, standardDeviation: 1)
///     Near(0, to: 0.3, standardDeviation: 0.1)
///     Near(to: row, standardDeviation: 0.5)
public struct Near: PosteriorTerm {
  /// The term as a factor.
  public let factor: PosteriorFactor

  /// One column by its place.
  ///
  /// - Parameters:
  ///   - column: its place.
  ///   - value: in the data's units.
  ///   - standardDeviation: positive, in the data's units.
  public init(_ column: Int, to value: Double, standardDeviation: Double) {
    factor = PosteriorFactor(
      kind: .columns([(.index(column), .normal(mean: value, deviation: standardDeviation))]), location: nil)
  }

  /// Some columns by their places, each with the same noise.
  ///
  /// - Parameters:
  ///   - columns: their places.
  ///   - values: in the data's units, as many as columns (others are a fault of the posterior).
  ///   - standardDeviation: positive, in the data's units.
  public init(_ columns: [Int], to values: [Double], standardDeviation: Double) {
    factor =
      PosteriorFactor.fault(columns, values)
      ?? PosteriorFactor(
        kind: .columns(
          zip(columns, values).map { (.index($0), .normal(mean: $1, deviation: standardDeviation)) }), location: nil)
  }

  /// The columns for which the mask is true, each with the same noise.
  ///
  /// - Parameters:
  ///   - mask: one for each column of a row (others are a fault of the posterior).
  ///   - row: a row in the data's units; its other numbers do not matter.
  ///   - standardDeviation: positive, in the data's units.
  public init(mask: [Bool], to row: [Double], standardDeviation: Double) {
    factor = PosteriorFactor(
      kind: .columns(
        mask.indices.filter { mask[$0] && $0 < row.count }.map {
          (.index($0), .normal(mean: row[$0], deviation: standardDeviation))
        }, lengths: [mask.count, row.count]), location: nil)
  }

  /// All columns, each with the same noise.
  ///
  /// - Parameters:
  ///   - row: a row in the data's units.
  ///   - standardDeviation: positive, in the data's units.
  public init(to row: [Double], standardDeviation: Double) {
    factor = PosteriorFactor(
      kind: .columns(
        row.enumerated().map { (.index($0.offset), .normal(mean: $0.element, deviation: standardDeviation)) },
        lengths: [row.count]),
      location: nil)
  }

  /// A continuous field.
  ///
  /// - Parameters:
  ///   - field: the field.
  ///   - value: in the data's units.
  ///   - standardDeviation: positive, in the data's units.
  public init(_ field: Continuous, to value: Double, standardDeviation: Double) {
    self.init(field.name, to: value, standardDeviation: standardDeviation)
  }

  /// A continuous field by its name.
  ///
  /// - Parameters:
  ///   - field: its name.
  ///   - value: in the data's units.
  ///   - standardDeviation: positive, in the data's units.
  public init(_ field: String, to value: Double, standardDeviation: Double) {
    factor = PosteriorFactor(
      kind: .columns([(.field(field), .normal(mean: value, deviation: standardDeviation))]), location: nil)
  }
}

extension Near {
  /// A renamed initialiser: `init(_:to:standardDeviation:)`.
  @available(*, deprecated, renamed: "init(_:to:standardDeviation:)")
  public init(_ column: Int, _ value: Double, standardDeviation: Double) {
    self.init(column, to: value, standardDeviation: standardDeviation)
  }

  /// A renamed initialiser: `init(_:to:standardDeviation:)`.
  @available(*, deprecated, renamed: "init(_:to:standardDeviation:)")
  public init(_ columns: [Int], _ values: [Double], standardDeviation: Double) {
    self.init(columns, to: values, standardDeviation: standardDeviation)
  }

  /// A renamed initialiser: `init(mask:to:standardDeviation:)`.
  @available(*, deprecated, renamed: "init(mask:to:standardDeviation:)")
  public init(mask: [Bool], _ row: [Double], standardDeviation: Double) {
    self.init(mask: mask, to: row, standardDeviation: standardDeviation)
  }

  /// A renamed initialiser: `init(to:standardDeviation:)`.
  @available(*, deprecated, renamed: "init(to:standardDeviation:)")
  public init(_ row: [Double], standardDeviation: Double) {
    self.init(to: row, standardDeviation: standardDeviation)
  }

  /// A renamed initialiser: `init(_:to:standardDeviation:)`.
  @available(*, deprecated, renamed: "init(_:to:standardDeviation:)")
  public init(_ field: Continuous, _ value: Double, standardDeviation: Double) {
    self.init(field, to: value, standardDeviation: standardDeviation)
  }

  /// A renamed initialiser: `init(_:to:standardDeviation:)`.
  @available(*, deprecated, renamed: "init(_:to:standardDeviation:)")
  public init(_ field: String, _ value: Double, standardDeviation: Double) {
    self.init(field, to: value, standardDeviation: standardDeviation)
  }
}

/// A table r(x_i) over the values of a bit or category.
///
///     Weights(3, [0.2, 0.8])
///     Weights(species, ["Adelie": 2, "Gentoo": 1])
public struct Weights: PosteriorTerm {
  /// The term as a factor.
  public let factor: PosteriorFactor

  /// - Parameters:
  ///   - column: its place.
  ///   - weights: one for each value, 0 or more, in the order of the numbers that stand for them.
  public init(_ column: Int, _ weights: [Double]) {
    factor = PosteriorFactor(kind: .columns([(.index(column), .table(weights))]), location: nil)
  }

  /// - Parameters:
  ///   - field: a bit or category.
  ///   - weights: of labels, 0 or more; a label that is not named has weight 0.
  public init<F: Field>(_ field: F, _ weights: [F.Value: Double]) where F.Value: Hashable {
    self.init(
      field.name, Dictionary(weights.map { (field.cell(of: $0).description, $1) }, uniquingKeysWith: { $1 }))
  }

  /// - Parameters:
  ///   - field: a bit or category.
  ///   - weights: of labels, 0 or more; a label that is not named has weight 0.
  public init(_ field: String, _ weights: [String: Double]) {
    factor = PosteriorFactor(kind: .columns([(.field(field), .labels(weights, others: 0))]), location: nil)
  }
}

/// log r(x) as any smooth formula of a row.
///
///     Factor { x in -square(x[1] - 0.5) / (2 * 0.1 * 0.1) }
///     Factor { row in -row[bill] * 0.1 }
///
/// It cannot branch on what it is given, which is a formula: `select(x[0] .> 1, a, b)` does, with `.>` and `.<` for
/// conditions. Where r is 0, log r is -infinity or any number below -1e6.
public struct Factor: PosteriorTerm {
  /// The term as a factor.
  public let factor: PosteriorFactor

  /// - Parameters:
  ///   - fileID: where it stands, for messages.
  ///   - line: the same.
  ///   - logDensity: log r(x), a scalar, given a row in the data's units.
  public init(
    fileID: String = #fileID, line: UInt = #line, _ logDensity: @escaping @Sendable (_ x: FactorInput) -> Formula
  ) {
    factor = PosteriorFactor(kind: .formula(logDensity), location: SourceLocation(fileID: fileID, line: line))
  }

  @_disfavoredOverload
  @available(
    *, unavailable,
    message: "a factor is log r(x), a formula, and no Bool: write select(row[field] .> 40, 0, -1e30) for a condition"
  )
  public init(_ condition: @escaping @Sendable (_ x: FactorInput) -> Bool) { self.init { _ in 0 } }
}

/// A row as a factor sees it: formulas in the data's units.
public struct FactorInput: Sendable {
  let columns: [Formula]
  let schema: Schema

  /// The column at a place, counted from 0: a scalar, or, for a category, the probabilities of its values.
  public subscript(column: Int) -> Formula {
    columns.indices.contains(column)
      ? columns[column]
      : .fault("there is no column \(column) in a row of \(columns.count)")
  }

  /// A field: a scalar, or, for a category, the probabilities of its values.
  public subscript<F: Field>(field: F) -> Formula { self[field.name] }

  /// A field by its name: a scalar, or, for a category, the probabilities of its values.
  public subscript(field: String) -> Formula {
    schema.index(of: field).map { columns[$0] }
      ?? .fault("there is no field '\(field)'; the model has \(schema.names.joined(separator: ", "))")
  }

  /// All numbers as one vector; a category has one for each of its values.
  public var all: Formula { concatenate(columns) }
}

extension Formula {
  /// A formula that carries a fault.
  static func fault(_ message: String) -> Formula { .faulty(message, shape: [1]) }
}
