/// Gives a record's cells to the properties of their names.
struct RowDecoder: Decoder {
  let codingPath: [any CodingKey] = []
  let userInfo: [CodingUserInfoKey: Any] = [:]
  let record: Record
  let row: Int

  /// What no cell can give; it becomes a `DataError` where the column is known.
  fileprivate struct NoSuchValue: Error {}

  func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedDecodingContainer<Key> {
    KeyedDecodingContainer(Cells(decoder: self))
  }
  func unkeyedContainer() throws -> any UnkeyedDecodingContainer { throw noNames }
  func singleValueContainer() -> any SingleValueDecodingContainer { Wrapped(decoder: self) }

  private var noNames: DecodingError {
    DecodingError.dataCorrupted(
      .init(
        codingPath: [], debugDescription: "a row has names: decode a structure whose properties are named as columns"))
  }

  /// The cells of a row.
  private struct Cells<Key: CodingKey>: KeyedDecodingContainerProtocol {
    let codingPath: [any CodingKey] = []
    let decoder: RowDecoder

    var allKeys: [Key] { decoder.record.schema.names.compactMap(Key.init(stringValue:)) }
    func contains(_ key: Key) -> Bool { decoder.record.schema.index(of: key.stringValue) != nil }
    func decodeNil(forKey key: Key) throws -> Bool {
      _ = try place(key)
      return decoder.record[key.stringValue] == nil
    }
    func decode<T: Decodable>(_ type: T.Type, forKey key: Key) throws -> T {
      let place = try place(key)
      let cell = decoder.record[place.name ?? ""]
      do {
        return try CellDecoder(cell: cell).decode(type)
      } catch let error where error is NoSuchValue || error is DecodingError {
        throw DataError.wrongType(row: decoder.row, column: place, cell: cell?.quoted, type: "\(type)")
      }
    }

    private func place(_ key: Key) throws(DataError) -> ColumnPlace {
      let name = key.stringValue
      guard let index = decoder.record.schema.index(of: name) else { throw .absentField(name: name, row: decoder.row) }
      return ColumnPlace(index, name: name)
    }

    func nestedContainer<Nested: CodingKey>(
      keyedBy type: Nested.Type, forKey key: Key
    ) throws -> KeyedDecodingContainer<Nested> { throw try structure(key) }
    func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer { throw try structure(key) }
    private func structure(_ key: Key) throws -> DataError {
      .wrongType(
        row: decoder.row, column: try place(key), cell: decoder.record[key.stringValue]?.quoted, type: "structure")
    }
    // A superclass's properties are columns like a class's own.
    func superDecoder() -> any Decoder { decoder }
    func superDecoder(forKey key: Key) -> any Decoder { decoder }
  }

  /// A row that is another one's wrapping.
  private struct Wrapped: SingleValueDecodingContainer {
    let codingPath: [any CodingKey] = []
    let decoder: RowDecoder

    func decodeNil() -> Bool { false }
    func decode<T: Decodable>(_ type: T.Type) throws -> T {
      // A number alone has no name, and would come back here for ever.
      if CellDecoder.isScalar(type) { throw decoder.noNames }
      return try T(from: decoder)
    }
  }
}

/// Gives a cell to a property.
private struct CellDecoder: Decoder, SingleValueDecodingContainer {
  let codingPath: [any CodingKey] = []
  let userInfo: [CodingUserInfoKey: Any] = [:]
  /// Nil for a missing one.
  let cell: Cell?

  static func isScalar(_ type: any Decodable.Type) -> Bool {
    type == String.self || type == Bool.self || type is any BinaryInteger.Type || type is any BinaryFloatingPoint.Type
  }

  func container<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
    guard case .label(let label) = cell else { throw RowDecoder.NoSuchValue() }
    return KeyedDecodingContainer(Cases(label: label))
  }
  func unkeyedContainer() throws -> any UnkeyedDecodingContainer { throw RowDecoder.NoSuchValue() }
  func singleValueContainer() -> any SingleValueDecodingContainer { self }

  func decodeNil() -> Bool { cell == nil }
  func decode<T: Decodable>(_ type: T.Type) throws -> T {
    guard CellDecoder.isScalar(type) else { return try T(from: self) }
    guard let value = scalar(type) as? T else { throw RowDecoder.NoSuchValue() }
    return value
  }

  private func scalar(_ type: any Decodable.Type) -> Any? {
    switch (cell, type) {
    case (.label(let label), is String.Type): label
    case (.label(let label), is Bool.Type): Bool(label)
    case (.label(let label), let type as any BinaryInteger.Type): Double(label).flatMap { exactly($0, type) }
    case (.number(let number), let type as any BinaryInteger.Type): exactly(number, type)
    case (.label(let label), let type as any BinaryFloatingPoint.Type): Double(label).map { nearest($0, type) }
    case (.number(let number), let type as any BinaryFloatingPoint.Type): nearest(number, type)
    default: nil
    }
  }
  private func exactly<Number: BinaryInteger>(_ number: Double, _ type: Number.Type) -> Any? { Number(exactly: number) }
  private func nearest<Number: BinaryFloatingPoint>(_ number: Double, _ type: Number.Type) -> Any { Number(number) }

  /// An enumeration without raw values decodes a case from a key that holds nothing.
  private struct Cases<Key: CodingKey>: KeyedDecodingContainerProtocol {
    let codingPath: [any CodingKey] = []
    /// Nil inside the case.
    let label: String?

    var allKeys: [Key] { label.flatMap(Key.init(stringValue:)).map { [$0] } ?? [] }
    func contains(_ key: Key) -> Bool { key.stringValue == label }
    func decodeNil(forKey key: Key) throws -> Bool { throw RowDecoder.NoSuchValue() }
    func decode<T: Decodable>(_ type: T.Type, forKey key: Key) throws -> T { throw RowDecoder.NoSuchValue() }
    func nestedContainer<Nested: CodingKey>(
      keyedBy type: Nested.Type, forKey key: Key
    ) throws -> KeyedDecodingContainer<Nested> {
      guard contains(key) else { throw RowDecoder.NoSuchValue() }
      return KeyedDecodingContainer(Cases<Nested>(label: nil))
    }
    func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
      throw RowDecoder.NoSuchValue()
    }
    func superDecoder() throws -> any Decoder { throw RowDecoder.NoSuchValue() }
    func superDecoder(forKey key: Key) throws -> any Decoder { throw RowDecoder.NoSuchValue() }
  }
}
