/// Takes the values of a row's properties that are columns of a schema.
///
/// JSON would not do: it has no key for a nil, so a missing cell would look like a property that is not there.
final class RowEncoder: Encoder {
  let codingPath: [any CodingKey] = []
  let userInfo: [CodingUserInfoKey: Any] = [:]
  private let schema: Schema
  private var values: [CellEncoder.Value?]

  init(_ schema: Schema) {
    self.schema = schema
    values = Array(repeating: nil, count: schema.columns.count)
  }

  /// The row's numbers.
  ///
  /// - Throws: `DataError` for a column without a value or with one that it cannot have.
  func numbers(row: Int) throws(DataError) -> [Double] {
    var numbers: [Double] = []
    for (index, column) in schema.columns.enumerated() {
      switch values[index] {
      case nil: throw .absentField(name: column.name, row: row)
      case .missing: numbers.append(.nan)
      case .structure:
        throw .wrongCell(row: row, column: ColumnPlace(index, name: column.name), cell: "a value of several parts")
      case .cell(let cell):
        guard let number = column.number(of: cell) else { throw column.fault(cell, row: row, index: index) }
        numbers.append(number)
      }
    }
    return numbers
  }

  fileprivate func put<Key: CodingKey>(_ key: Key, _ value: @autoclosure () throws -> CellEncoder.Value) rethrows {
    guard let index = schema.index(of: key.stringValue) else { return }
    values[index] = try value()
  }

  func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
    KeyedEncodingContainer(Properties(encoder: self))
  }
  // A row that has no names has no columns either.
  func unkeyedContainer() -> any UnkeyedEncodingContainer { Discarded() }
  func singleValueContainer() -> any SingleValueEncodingContainer { Wrapped(encoder: self) }

  /// The properties of a row.
  private struct Properties<Key: CodingKey>: KeyedEncodingContainerProtocol {
    let codingPath: [any CodingKey] = []
    let encoder: RowEncoder

    func encodeNil(forKey key: Key) { encoder.put(key, .missing) }
    func encode<T: Encodable>(_ value: T, forKey key: Key) throws { try encoder.put(key, CellEncoder.value(of: value)) }

    // Each of these would otherwise leave out a nil.
    private func put(_ value: (some Encodable)?, _ key: Key) throws {
      try encoder.put(key, value.map { try CellEncoder.value(of: $0) } ?? .missing)
    }
    func encodeIfPresent<T: Encodable>(_ value: T?, forKey key: Key) throws { try put(value, key) }
    func encodeIfPresent(_ value: Bool?, forKey key: Key) throws { try put(value, key) }
    func encodeIfPresent(_ value: String?, forKey key: Key) throws { try put(value, key) }
    func encodeIfPresent(_ value: Double?, forKey key: Key) throws { try put(value, key) }
    func encodeIfPresent(_ value: Float?, forKey key: Key) throws { try put(value, key) }
    func encodeIfPresent(_ value: Int?, forKey key: Key) throws { try put(value, key) }
    func encodeIfPresent(_ value: Int8?, forKey key: Key) throws { try put(value, key) }
    func encodeIfPresent(_ value: Int16?, forKey key: Key) throws { try put(value, key) }
    func encodeIfPresent(_ value: Int32?, forKey key: Key) throws { try put(value, key) }
    func encodeIfPresent(_ value: Int64?, forKey key: Key) throws { try put(value, key) }
    func encodeIfPresent(_ value: UInt?, forKey key: Key) throws { try put(value, key) }
    func encodeIfPresent(_ value: UInt8?, forKey key: Key) throws { try put(value, key) }
    func encodeIfPresent(_ value: UInt16?, forKey key: Key) throws { try put(value, key) }
    func encodeIfPresent(_ value: UInt32?, forKey key: Key) throws { try put(value, key) }
    func encodeIfPresent(_ value: UInt64?, forKey key: Key) throws { try put(value, key) }

    func nestedContainer<Nested: CodingKey>(
      keyedBy type: Nested.Type, forKey key: Key
    ) -> KeyedEncodingContainer<Nested> {
      encoder.put(key, .structure)
      return Discarded().container(keyedBy: type)
    }
    func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer {
      encoder.put(key, .structure)
      return Discarded()
    }
    // A superclass's properties are columns like a class's own.
    func superEncoder() -> any Encoder { encoder }
    func superEncoder(forKey key: Key) -> any Encoder { encoder }
  }

  /// A row that is another one's wrapping.
  private struct Wrapped: SingleValueEncodingContainer {
    let codingPath: [any CodingKey] = []
    let encoder: RowEncoder

    func encodeNil() {}
    func encode<T: Encodable>(_ value: T) throws {
      // A number alone has no name, and would come back here for ever.
      if CellEncoder.cell(of: value) == nil { try value.encode(to: encoder) }
    }
  }
}

/// Takes the value of one property.
final class CellEncoder: Encoder {
  /// What a property's value is to a cell.
  enum Value {
    case missing
    case cell(Cell)
    /// More than a cell can hold.
    case structure
  }

  let codingPath: [any CodingKey] = []
  let userInfo: [CodingUserInfoKey: Any] = [:]
  private var value = Value.structure

  static func value(of value: some Encodable) throws -> Value {
    if let cell = cell(of: value) { return .cell(cell) }
    let encoder = CellEncoder()
    try value.encode(to: encoder)
    return encoder.value
  }

  /// A number, text or truth value; nil for what has to be encoded to be known.
  fileprivate static func cell(of value: some Encodable) -> Cell? {
    switch value {
    case let value as String: .label(value)
    case let value as Bool: .label("\(value)")
    case let value as any BinaryInteger: .number(Double(value))
    case let value as any BinaryFloatingPoint: .number(Double(value))
    default: nil
    }
  }

  func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
    KeyedEncodingContainer(Cases(encoder: self))
  }
  func unkeyedContainer() -> any UnkeyedEncodingContainer { Discarded() }
  func singleValueContainer() -> any SingleValueEncodingContainer { Single(encoder: self) }

  private struct Single: SingleValueEncodingContainer {
    let codingPath: [any CodingKey] = []
    let encoder: CellEncoder

    func encodeNil() { encoder.value = .missing }
    func encode<T: Encodable>(_ value: T) throws { encoder.value = try CellEncoder.value(of: value) }
  }

  /// An enumeration without raw values encodes a case as a key that holds nothing.
  private struct Cases<Key: CodingKey>: KeyedEncodingContainerProtocol {
    let codingPath: [any CodingKey] = []
    let encoder: CellEncoder

    func encodeNil(forKey key: Key) { encoder.value = .structure }
    func encode<T: Encodable>(_ value: T, forKey key: Key) { encoder.value = .structure }
    func nestedContainer<Nested: CodingKey>(
      keyedBy type: Nested.Type, forKey key: Key
    ) -> KeyedEncodingContainer<Nested> {
      encoder.value = .cell(.label(key.stringValue))
      // An associated value is a key of the nested container.
      return KeyedEncodingContainer(Cases<Nested>(encoder: encoder))
    }
    func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer {
      encoder.value = .structure
      return Discarded()
    }
    func superEncoder() -> any Encoder { Discarded() }
    func superEncoder(forKey key: Key) -> any Encoder { Discarded() }
  }
}

/// Takes what no column wants.
private struct Discarded: Encoder, UnkeyedEncodingContainer, SingleValueEncodingContainer {
  let codingPath: [any CodingKey] = []
  let userInfo: [CodingUserInfoKey: Any] = [:]
  let count = 0

  func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
    KeyedEncodingContainer(DiscardedKeys())
  }
  func unkeyedContainer() -> any UnkeyedEncodingContainer { self }
  func singleValueContainer() -> any SingleValueEncodingContainer { self }
  func encodeNil() {}
  func encode<T: Encodable>(_ value: T) {}
  func nestedContainer<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
    container(keyedBy: type)
  }
  func nestedUnkeyedContainer() -> any UnkeyedEncodingContainer { self }
  func superEncoder() -> any Encoder { self }
}

private struct DiscardedKeys<Key: CodingKey>: KeyedEncodingContainerProtocol {
  let codingPath: [any CodingKey] = []

  func encodeNil(forKey key: Key) {}
  func encode<T: Encodable>(_ value: T, forKey key: Key) {}
  func nestedContainer<Nested: CodingKey>(
    keyedBy type: Nested.Type, forKey key: Key
  ) -> KeyedEncodingContainer<Nested> { Discarded().container(keyedBy: type) }
  func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer { Discarded() }
  func superEncoder() -> any Encoder { Discarded() }
  func superEncoder(forKey key: Key) -> any Encoder { Discarded() }
}
