import ArgumentParser

/// A condition on one field as it is written: `species == Adelie`, `35 <= bill <= 45`, `island in Biscoe,Dream`.
///
/// Names and labels stand as they are, or, where they hold operators, commas or blanks at their ends, in single or
/// double quotes.
struct ConditionText: Equatable, Sendable {
  enum Comparison: String, CaseIterable, Sendable {
    case equal = "=="
    case unequal = "!="
    case lessOrEqual = "<="
    case greaterOrEqual = ">="
    case less = "<"
    case greater = ">"

    /// The same comparison with its sides exchanged.
    var mirrored: Comparison {
      switch self {
      case .equal, .unequal: self
      case .less: .greater
      case .lessOrEqual: .greaterOrEqual
      case .greater: .less
      case .greaterOrEqual: .lessOrEqual
      }
    }
  }

  enum Content: Equatable, Sendable {
    case comparison(String, Comparison, String)
    /// lower and upper with their comparisons, read from the left: `35 <= bill < 45`.
    case between(lower: String, Comparison, field: String, Comparison, upper: String)
    case oneOf(String, [String])
    case range(String, lower: String, upper: String)
  }

  let text: String
  let content: Content

  /// - Throws: `ValidationError` that says what is wrong with it.
  init(_ text: String) throws {
    self.text = text
    let tokens = try ConditionToken.all(of: text)
    func fail(_ problem: String) -> ValidationError {
      ValidationError(
        "\(problem); write a condition such as 'species == Adelie', 'bill > 40', '35 <= bill <= 45', "
          + "'bill in 35...45' or 'island in Biscoe,Dream'")
    }
    if tokens.isEmpty { throw fail("it is empty") }
    if tokens.count == 3, case .words(let field) = tokens[0], case .comparison(let comparison) = tokens[1],
      case .words(let value) = tokens[2]
    {
      content = .comparison(field, comparison, value)
    } else if tokens.count == 5, case .words(let left) = tokens[0], case .comparison(let first) = tokens[1],
      case .words(let field) = tokens[2], case .comparison(let second) = tokens[3], case .words(let right) = tokens[4]
    {
      let rising: [Comparison] = [.less, .lessOrEqual]
      if rising.contains(first), rising.contains(second) {
        content = .between(lower: left, first, field: field, second, upper: right)
      } else if rising.contains(first.mirrored), rising.contains(second.mirrored) {
        content = .between(lower: right, second.mirrored, field: field, first.mirrored, upper: left)
      } else {
        throw fail("the two comparisons do not point the same way")
      }
    } else if tokens.count == 5, case .words(let field) = tokens[0], tokens[1] == .isIn,
      case .words(let lower) = tokens[2], tokens[3] == .range, case .words(let upper) = tokens[4]
    {
      content = .range(field, lower: lower, upper: upper)
    } else if tokens.count > 2, case .words(let field) = tokens[0], tokens[1] == .isIn {
      guard let values = ConditionText.list(tokens[2...]) else {
        throw fail("what is behind 'in' is no list of values between commas")
      }
      content = .oneOf(field, values)
    } else {
      let hasComparison = tokens.contains { if case .comparison = $0 { true } else { $0 == .isIn } }
      throw fail(hasComparison ? "it is no field, comparison and value" : "it has no comparison")
    }
  }

  /// Values between single commas; nil where it is something else.
  private static func list(_ tokens: ArraySlice<ConditionToken>) -> [String]? {
    var values: [String] = []
    for (index, token) in tokens.enumerated() {
      switch token {
      case .words(let value) where index.isMultiple(of: 2): values.append(value)
      case .comma where !index.isMultiple(of: 2): continue
      default: return nil
      }
    }
    return tokens.count.isMultiple(of: 2) ? nil : values
  }
}

/// A piece of a condition.
enum ConditionToken: Equatable {
  /// A name, a label or a number; what stood between blanks is joined by single ones.
  case words(String)
  case comparison(ConditionText.Comparison)
  case isIn
  case comma
  case range

  /// - Throws: `ValidationError` for a quote that never closes, `=` alone and for what joins conditions.
  static func all(of text: String) throws -> [ConditionToken] {
    var tokens: [ConditionToken] = []
    var words: [String] = []
    var isQuoted = false
    func finish() {
      if isQuoted || !words.isEmpty { tokens.append(.words(words.joined(separator: " "))) }
      (words, isQuoted) = ([], false)
    }
    var rest = text[...]
    while let first = rest.first {
      if first.isWhitespace {
        rest = rest.dropFirst()
        continue
      }
      if first == "'" || first == "\"" {
        guard let end = rest.dropFirst().firstIndex(of: first) else {
          throw ValidationError("a quote (\(first)) never closes")
        }
        words.append(String(rest[rest.index(after: rest.startIndex)..<end]))
        isQuoted = true
        rest = rest[rest.index(after: end)...]
        continue
      }
      if let comparison = ConditionText.Comparison.allCases.first(where: { rest.hasPrefix($0.rawValue) }) {
        finish()
        tokens.append(.comparison(comparison))
        rest = rest.dropFirst(comparison.rawValue.count)
        continue
      }
      if rest.hasPrefix("...") {
        finish()
        tokens.append(.range)
        rest = rest.dropFirst(3)
        continue
      }
      if first == "," {
        finish()
        tokens.append(.comma)
        rest = rest.dropFirst()
        continue
      }
      if first == "=" { throw ValidationError("'=' is no comparison: write '=='") }
      if rest.hasPrefix("&&") || rest.hasPrefix("||") {
        throw ValidationError("'\(rest.prefix(2))' cannot join conditions: give each its own --where; all of them hold")
      }
      let word = word(at: rest)
      rest = rest.dropFirst(word.count)
      if word == "in", !words.isEmpty || isQuoted, !tokens.contains(.isIn) {
        finish()
        tokens.append(.isIn)
      } else {
        words.append(word)
      }
    }
    finish()
    return tokens
  }

  /// The text up to a blank or an operator; at least one character.
  private static func word(at rest: Substring) -> String {
    var end = rest.index(after: rest.startIndex)
    while end < rest.endIndex {
      let tail = rest[end...]
      let isEnd =
        rest[end].isWhitespace || "=<>,".contains(rest[end]) || tail.hasPrefix("!=") || tail.hasPrefix("...")
        || tail.hasPrefix("&&") || tail.hasPrefix("||")
      if isEnd { break }
      end = rest.index(after: end)
    }
    return String(rest[..<end])
  }
}

/// `FIELD=VALUE`: the value of --observe and, with two numbers, of --near.
struct Assignment: Equatable, Sendable {
  let field: String
  let value: String

  /// - Throws: `ValidationError`.
  init(_ text: String, example: String = "FIELD=VALUE, such as x0=0.3") throws {
    // A quoted name may hold '='.
    var split = text.firstIndex(of: "=")
    if let quote = text.first, quote == "'" || quote == "\"", let end = text.dropFirst().firstIndex(of: quote) {
      split = text[end...].firstIndex(of: "=")
    }
    guard let split else { throw ValidationError("it has no '='; write \(example)") }
    field = Assignment.plain(text[..<split])
    value = Assignment.plain(text[text.index(after: split)...])
    if field.isEmpty || value.isEmpty {
      throw ValidationError("there is nothing on one side of '='; write \(example)")
    }
  }

  /// Without blanks at its ends, and without quotes around it.
  static func plain(_ text: Substring) -> String {
    let text = text.trimmingPrefix { $0.isWhitespace }.reversed().drop { $0.isWhitespace }.reversed()
    let plain = String(text)
    guard plain.count >= 2, let quote = plain.first, quote == "'" || quote == "\"", plain.last == quote else {
      return plain
    }
    return String(plain.dropFirst().dropLast())
  }
}

/// `FIELD=VALUE,DEVIATION`: a normal factor.
struct Nearness: Equatable, Sendable {
  let field: String
  let value: Double
  let deviation: Double

  /// - Throws: `ValidationError`.
  init(_ text: String) throws {
    let assignment = try Assignment(text)
    let numbers = assignment.value.split(separator: ",", omittingEmptySubsequences: false).map {
      Double(Assignment.plain($0))
    }
    guard numbers.count == 2, let value = numbers[0], let deviation = numbers[1], value.isFinite else {
      throw ValidationError("it is no FIELD=VALUE,DEVIATION with two numbers, such as x1=0.5,0.1")
    }
    guard deviation > 0, deviation.isFinite else {
      throw ValidationError("the standard deviation \(deviation) is not possible: give a positive number")
    }
    (field, self.value, self.deviation) = (assignment.field, value, deviation)
  }
}
