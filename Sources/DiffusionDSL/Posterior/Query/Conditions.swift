// Comparisons of fields, written as Swift's own; several are a conjunction, as any factors are.

/// A comparison of a field with a value, as a factor: 1 where it holds, 0 elsewhere.
///
///     bill > 40                               // let bill = Continuous("bill")
///     Named("bill") > 40                      // the same by its name
///     (35...45).contains(bill)                // between two numbers
///     species == "Adelie"
///     ["Adelie", "Gentoo"].contains(species)
public struct FieldCondition: PosteriorTerm {
  /// The term as a factor.
  public let factor: PosteriorFactor

  init(_ field: String, _ constraint: ColumnConstraint) {
    factor = PosteriorFactor(kind: .columns([(.field(field), constraint)]), location: nil)
  }
}

extension FieldCondition {
  /// The condition as questions to numbers of a row, by their columns.
  ///
  /// - Throws: `PosteriorError.unknownField`, `.outsideSupport`.
  func tests(_ schema: Schema) throws(PosteriorError) -> [(column: Int, holds: @Sendable (Double) -> Bool)] {
    guard case .columns(let constraints, _) = factor.kind else { return [] }
    var tests: [(column: Int, holds: @Sendable (Double) -> Bool)] = []
    for case (.field(let name), let constraint) in constraints {
      let index = try schema.place(of: name)
      let column = schema.columns[index]
      let place = ColumnPlace(index, name: name)
      if let labels = column.labels {
        let table = try constraint.weights(of: labels, place)
        tests.append((index, { Int(exactly: $0).map { table.indices.contains($0) && table[$0] > 0 } == true }))
        continue
      }
      switch constraint {
      case .equals(.number(let value)): tests.append((index, { $0 == value }))
      case .interval(let lower, let upper): tests.append((index, { $0 > lower && $0 < upper }))
      default:
        throw .outsideSupport(column: place, value: "one of some labels", support: "a number, for it is continuous")
      }
    }
    return tests
  }
}

/// A field that is compared with numbers: a `Continuous` one, or one that is `Named`.
public protocol NumberField: Sendable {
  /// What the field is called.
  var name: String { get }
}

extension Continuous: NumberField {}

extension NumberField {
  /// A number at which a continuous field has a delta function (see `Observe`), or the label that is written so.
  public static func == (field: Self, value: Double) -> FieldCondition {
    FieldCondition(field.name, .equals(.number(value)))
  }
  /// The field above a number.
  public static func > (field: Self, value: Double) -> FieldCondition {
    FieldCondition(field.name, .interval(lower: value, upper: .infinity))
  }
  /// The field above a number, which has no probability of its own.
  public static func >= (field: Self, value: Double) -> FieldCondition { field > value }
  /// The field below a number.
  public static func < (field: Self, value: Double) -> FieldCondition {
    FieldCondition(field.name, .interval(lower: -.infinity, upper: value))
  }
  /// The field below a number, which has no probability of its own.
  public static func <= (field: Self, value: Double) -> FieldCondition { field < value }
  /// The field below a number.
  public static func > (value: Double, field: Self) -> FieldCondition { field < value }
  /// The field below a number, which has no probability of its own.
  public static func >= (value: Double, field: Self) -> FieldCondition { field < value }
  /// The field above a number.
  public static func < (value: Double, field: Self) -> FieldCondition { field > value }
  /// The field above a number, which has no probability of its own.
  public static func <= (value: Double, field: Self) -> FieldCondition { field > value }
}

extension ClosedRange<Double> {
  /// A continuous field in an interval: `(35...45).contains(bill)`.
  public func contains(_ field: some NumberField) -> FieldCondition {
    FieldCondition(field.name, .interval(lower: lowerBound, upper: upperBound))
  }
}

extension Range<Double> {
  /// A continuous field in an interval: `(35..<45).contains(bill)`.
  public func contains(_ field: some NumberField) -> FieldCondition {
    FieldCondition(field.name, .interval(lower: lowerBound, upper: upperBound))
  }
}

extension PartialRangeFrom<Double> {
  /// A continuous field above a number: `(35...).contains(bill)`.
  public func contains(_ field: some NumberField) -> FieldCondition { field >= lowerBound }
}

extension PartialRangeThrough<Double> {
  /// A continuous field below a number: `(...45).contains(bill)`.
  public func contains(_ field: some NumberField) -> FieldCondition { field <= upperBound }
}

extension PartialRangeUpTo<Double> {
  /// A continuous field below a number: `(..<45).contains(bill)`.
  public func contains(_ field: some NumberField) -> FieldCondition { field < upperBound }
}

extension Binary {
  /// One of the field's two labels.
  public static func == (field: Binary, label: String) -> FieldCondition {
    FieldCondition(field.name, .equals(.label(label)))
  }
  /// The other one of the field's two labels.
  public static func != (field: Binary, label: String) -> FieldCondition {
    FieldCondition(field.name, .labels([label: 0], others: 1))
  }
}

extension Category {
  /// One of the field's values.
  public static func == (field: Category, value: Value) -> FieldCondition {
    FieldCondition(field.name, .equals(field.cell(of: value)))
  }
  /// Any other of the field's values.
  public static func != (field: Category, value: Value) -> FieldCondition {
    FieldCondition(field.name, .labels([field.cell(of: value).description: 0], others: 1))
  }
}

extension [String] {
  /// A field with one of some labels: `["Adelie", "Gentoo"].contains(species)`.
  public func contains(_ field: Category<String>) -> FieldCondition {
    FieldCondition(field.name, .labels(Dictionary(map { ($0, 1) }, uniquingKeysWith: { first, _ in first }), others: 0))
  }
}

// MARK: - Comparisons that are not supported

extension Category where Value: CaseIterable {
  @available(
    *, unavailable,
    message: "the field's values are cases of an enumeration: write field == .case, or Named(name) == label"
  )
  public static func == (field: Category, label: String) -> FieldCondition { FieldCondition("", .table([])) }
  @available(
    *, unavailable,
    message: "the field's values are cases of an enumeration: write field != .case, or Named(name) != label"
  )
  public static func != (field: Category, label: String) -> FieldCondition { FieldCondition("", .table([])) }
}

@available(
  *, unavailable, message: "two fields cannot be compared: write Factor { row in ... } with row[field] of both"
)
public func == (left: some Field, right: some Field) -> FieldCondition { FieldCondition("", .table([])) }
@available(
  *, unavailable, message: "two fields cannot be compared: write Factor { row in ... } with row[field] of both"
)
public func != (left: some Field, right: some Field) -> FieldCondition { FieldCondition("", .table([])) }
@available(
  *, unavailable, message: "two fields cannot be compared: write Factor { row in ... } with row[field] of both"
)
public func > (left: some Field, right: some Field) -> FieldCondition { FieldCondition("", .table([])) }
@available(
  *, unavailable, message: "two fields cannot be compared: write Factor { row in ... } with row[field] of both"
)
public func < (left: some Field, right: some Field) -> FieldCondition { FieldCondition("", .table([])) }
@available(
  *, unavailable, message: "two fields cannot be compared: write Factor { row in ... } with row[field] of both"
)
public func >= (left: some Field, right: some Field) -> FieldCondition { FieldCondition("", .table([])) }
@available(
  *, unavailable, message: "two fields cannot be compared: write Factor { row in ... } with row[field] of both"
)
public func <= (left: some Field, right: some Field) -> FieldCondition { FieldCondition("", .table([])) }

extension Continuous {
  @available(*, unavailable, message: "a continuous field differs from any one number as good as surely: leave it out")
  public static func != (field: Continuous, value: Double) -> FieldCondition { FieldCondition("", .table([])) }
}

extension FieldCondition {
  @available(*, unavailable, message: "a condition compares once: write (1...2).contains(field) for 1 < field < 2")
  public static func < (condition: FieldCondition, value: Double) -> FieldCondition { condition }
  @available(*, unavailable, message: "a condition compares once: write (1...2).contains(field) for 1 < field < 2")
  public static func <= (condition: FieldCondition, value: Double) -> FieldCondition { condition }
  @available(*, unavailable, message: "a condition compares once: write (1...2).contains(field) for 1 < field < 2")
  public static func > (condition: FieldCondition, value: Double) -> FieldCondition { condition }
  @available(*, unavailable, message: "a condition compares once: write (1...2).contains(field) for 1 < field < 2")
  public static func >= (condition: FieldCondition, value: Double) -> FieldCondition { condition }
  @available(*, unavailable, message: "conditions in a posterior all hold: write each on a line of its own")
  public static func && (left: FieldCondition, right: FieldCondition) -> FieldCondition { left }
  @available(
    *, unavailable,
    message: """
      write Weights(field, [label: weight, ...]) for labels, or Factor { row in select(row[field] .> 40, 0, -1e30) } \
      with conditions of your own
      """
  )
  public static func || (left: FieldCondition, right: FieldCondition) -> FieldCondition { left }
  @available(*, unavailable, message: "write the opposite comparison, such as != or <=, instead of '!'")
  public static prefix func ! (condition: FieldCondition) -> FieldCondition { condition }
}
