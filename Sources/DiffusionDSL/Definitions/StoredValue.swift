/// A value of a file as it stands there, of no type in particular: what is to be written again by a program that cannot
/// read it.
enum StoredValue: Codable, Hashable, Sendable {
  case null
  case boolean(Bool)
  // Whole numbers apart, since a Double has not all of them.
  case integer(Int64)
  case natural(UInt64)
  case number(Double)
  case text(String)
  case list([StoredValue])
  case entries([String: StoredValue])

  init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if container.decodeNil() {
      self = .null
    } else if let value = try? container.decode(Bool.self) {
      self = .boolean(value)
    } else if let value = try? container.decode(Int64.self) {
      self = .integer(value)
    } else if let value = try? container.decode(UInt64.self) {
      self = .natural(value)
    } else if let value = try? container.decode(String.self) {
      // Before numbers: files have infinities as text, which a decoder also gives as a number.
      self = .text(value)
    } else if let value = try? container.decode(Double.self) {
      self = .number(value)
    } else if let value = try? container.decode([StoredValue].self) {
      self = .list(value)
    } else {
      self = .entries(try container.decode([String: StoredValue].self))
    }
  }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    switch self {
    case .null: try container.encodeNil()
    case .boolean(let value): try container.encode(value)
    case .integer(let value): try container.encode(value)
    case .natural(let value): try container.encode(value)
    case .number(let value): try container.encode(value)
    case .text(let value): try container.encode(value)
    case .list(let value): try container.encode(value)
    case .entries(let value): try container.encode(value)
    }
  }
}
