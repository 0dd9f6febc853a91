// Comparisons of fields, written as Swift reads; several are a conjunction, as any factors are.

/// A comparison of a field as a factor: 1 where it holds, 0 elsewhere.
public struct FieldCondition: PosteriorTerm {
  public let factor: PosteriorFactor

  fileprivate init(_ field: String, _ constraint: ColumnConstraint) {
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
        let table = try CombinedFactors.table(constraint, labels, place)
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

extension Continuous {
  /// A number at which the field has a delta function; see `Observe`.
  public static func == (field: Continuous, value: Double) -> FieldCondition {
    FieldCondition(field.name, .equals(.number(value)))
  }
  public static func > (field: Continuous, value: Double) -> FieldCondition {
    FieldCondition(field.name, .interval(lower: value, upper: .infinity))
  }
  public static func >= (field: Continuous, value: Double) -> FieldCondition { field > value }
  public static func < (field: Continuous, value: Double) -> FieldCondition {
    FieldCondition(field.name, .interval(lower: -.infinity, upper: value))
  }
  public static func <= (field: Continuous, value: Double) -> FieldCondition { field < value }
  public static func > (value: Double, field: Continuous) -> FieldCondition { field < value }
  public static func >= (value: Double, field: Continuous) -> FieldCondition { field < value }
  public static func < (value: Double, field: Continuous) -> FieldCondition { field > value }
  public static func <= (value: Double, field: Continuous) -> FieldCondition { field > value }
}

extension ClosedRange<Double> {
  /// A continuous field in an interval: `(35...45).contains(bill)`.
  public func contains(_ field: Continuous) -> FieldCondition {
    FieldCondition(field.name, .interval(lower: lowerBound, upper: upperBound))
  }
}

extension Range<Double> {
  /// A continuous field in an interval: `(35..<45).contains(bill)`.
  public func contains(_ field: Continuous) -> FieldCondition {
    FieldCondition(field.name, .interval(lower: lowerBound, upper: upperBound))
  }
}

extension PartialRangeFrom<Double> {
  /// A continuous field above a number: `(35...).contains(bill)`.
  public func contains(_ field: Continuous) -> FieldCondition { field >= lowerBound }
}

extension PartialRangeThrough<Double> {
  /// A continuous field below a number: `(...45).contains(bill)`.
  public func contains(_ field: Continuous) -> FieldCondition { field <= upperBound }
}

extension PartialRangeUpTo<Double> {
  /// A continuous field below a number: `(..<45).contains(bill)`.
  public func contains(_ field: Continuous) -> FieldCondition { field < upperBound }
}

extension Binary {
  public static func == (field: Binary, label: String) -> FieldCondition {
    FieldCondition(field.name, .equals(.label(label)))
  }
  public static func != (field: Binary, label: String) -> FieldCondition {
    FieldCondition(field.name, .labels([label: 0], others: 1))
  }
}

extension Category {
  public static func == (field: Category, value: Value) -> FieldCondition {
    FieldCondition(field.name, .equals(field.cell(of: value)))
  }
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

// MARK: - What cannot be said

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
