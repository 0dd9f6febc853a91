/// How parts of definitions are stored: an object of one key, the name of the part's type, with the part as its value.
enum PartCoding {
  /// The name of a type as a key.
  struct Name: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }

    init(_ name: String) { stringValue = name }
    init?(stringValue: String) { self.init(stringValue) }
    init?(intValue: Int) { nil }
  }

  /// Stores a part under its type's name.
  static func encode<Part: DefinitionPart>(_ part: Part, to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Name.self)
    try container.encode(part, forKey: Name(Part.typeName))
  }

  /// Reads the part that stands under a type's name.
  static func decode<Part: DefinitionPart>(_ type: Part.Type, from decoder: any Decoder) throws -> Part {
    try decoder.container(keyedBy: Name.self).decode(type, forKey: Name(type.typeName))
  }

  /// The type whose name a stored part stands under.
  ///
  /// - Parameters:
  ///   - types: those that can be read; of two with one name the first.
  ///   - kind: what messages call the part: "layer".
  ///   - name: of a type.
  /// - Throws: `DecodingError` that names a type which is not among them.
  static func type<Kind>(
    in decoder: any Decoder, among types: [Kind], kind: String, name: (Kind) -> String
  ) throws -> Kind {
    let keys = try decoder.container(keyedBy: Name.self).allKeys.map(\.stringValue).sorted()
    if let type = types.first(where: { keys.contains(name($0)) }) { return type }
    let found = keys.first.map { "of an unknown type, '\($0)': hand that type to the loader (DefinitionTypes)" }
    throw DecodingError.dataCorrupted(
      .init(
        codingPath: decoder.codingPath,
        debugDescription: "a \(kind) is \(found ?? "empty: it has to name its type")"))
  }
}
