import DiffusionDSL
import ProgramSupport

/// A condition that does not fit the model's fields.
struct ConditionError: BadData, Equatable {
  let description: String

  init(_ description: String) { self.description = description }
}

extension ConditionText {
  /// The condition as factors of a posterior of rows of a schema.
  ///
  /// - Throws: `ConditionError` for a field that is not there, a label that its field does not have, a value that is no
  ///   number, and a comparison that its field's kind does not take.
  func terms(_ schema: Schema) throws(ConditionError) -> [any PosteriorTerm] {
    switch content {
    case .comparison(let left, let comparison, let right):
      // The field may stand on either side; a number on the left is not a field.
      let isReversed = schema.index(of: left) == nil && (schema.index(of: right) != nil || Double(left) != nil)
      if isReversed {
        return [try term(FieldValues(right, schema), comparison.mirrored, left)]
      }
      return [try term(FieldValues(left, schema), comparison, right)]
    case .between(let lower, let first, let field, let second, let upper):
      let values = try FieldValues(field, schema)
      return [try term(values, first.mirrored, lower), try term(values, second, upper)]
    case .range(let field, let lower, let upper):
      let values = try FieldValues(field, schema)
      let (least, most) = (try values.number(lower), try values.number(upper))
      guard least < most else {
        throw ConditionError("'\(text)' is empty: give the lesser number first.")
      }
      return [(least...most).contains(try values.continuous())]
    case .oneOf(let field, let labels):
      return [Weights(field, try FieldValues(field, schema).weights(labels, otherwise: false))]
    }
  }

  private func term(
    _ field: FieldValues, _ comparison: Comparison, _ value: String
  ) throws(ConditionError) -> any PosteriorTerm {
    switch comparison {
    case .equal: return Observe(field.name, equals: try field.cell(value))
    case .unequal: return Weights(field.name, try field.weights([value], otherwise: true))
    case .less, .lessOrEqual: return try field.continuous() < field.number(value)
    case .greater, .greaterOrEqual: return try field.continuous() > field.number(value)
    }
  }
}

/// A field of a model and what its values are.
struct FieldValues {
  let column: Column
  var name: String { column.name }

  /// - Throws: `ConditionError` for a field that is not there.
  init(_ name: String, _ schema: Schema) throws(ConditionError) {
    guard let index = schema.index(of: name) else {
      throw ConditionError("there is no field '\(name)': the model has \(schema.names.joined(separator: ", ")).")
    }
    column = schema.columns[index]
  }

  /// A continuous field, which has an order.
  func continuous() throws(ConditionError) -> Continuous {
    if let labels = column.labels {
      throw ConditionError(
        "field '\(name)' has labels (\(labels.joined(separator: ", "))), which have no order: write ==, != or in.")
    }
    return Continuous(name)
  }

  func number(_ text: String) throws(ConditionError) -> Double {
    _ = try continuous()
    guard let number = Double(text), number.isFinite else {
      throw ConditionError("field '\(name)' is a number, and '\(text)' is none: give a finite number.")
    }
    return number
  }

  /// The cell for a number or a label.
  func cell(_ text: String) throws(ConditionError) -> Cell {
    column.labels == nil ? .number(try number(text)) : .label(try label(text))
  }

  /// The label that is written so, or that is the same number.
  private func label(_ text: String) throws(ConditionError) -> String {
    let labels = column.labels ?? []
    if labels.contains(text) { return text }
    if let value = Double(text), let place = column.number(of: .number(value)), let index = Int(exactly: place) {
      return labels[index]
    }
    throw ConditionError("field '\(name)' has no label '\(text)': its labels are \(labels.joined(separator: ", ")).")
  }

  /// 1 for some labels and 0 for the others, or the other way around.
  func weights(_ texts: [String], otherwise isOthers: Bool) throws(ConditionError) -> [String: Double] {
    guard let labels = column.labels else {
      throw ConditionError(
        "field '\(name)' is a number, which '!=' and lists say nothing of: write <, > or 'in 35...45', with three dots."
      )
    }
    var named: Set<String> = []
    for text in texts { named.insert(try label(text)) }
    return Dictionary(uniqueKeysWithValues: labels.map { ($0, named.contains($0) != isOthers ? 1 : 0) })
  }
}
