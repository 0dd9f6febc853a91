/// A stored part of a type that neither the library has nor the decoder was told of.
struct UnknownPartType: Error, CustomStringConvertible {
  /// What messages call the part: "layer".
  let kind: String
  /// The type's name in the file.
  let name: String

  var description: String {
    "a \(kind) is of an unknown type, '\(name)': hand that type to the loader (DefinitionTypes)"
  }
}

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
    let unknown = keys.first.map { UnknownPartType(kind: kind, name: $0) }
    throw DecodingError.dataCorrupted(
      .init(
        codingPath: decoder.codingPath,
        debugDescription: unknown?.description ?? "a \(kind) is empty: it has to name its type",
        underlyingError: unknown))
  }

  /// What is wrong with the name of a part's type: it is that of another type, which would be read in its place; nil
  /// where nothing is.
  static func fault(ofNameOf part: any DefinitionPart, library: [any DefinitionPart.Type]) -> String? {
    let own = Swift.type(of: part)
    return library.first { $0.typeName == own.typeName && ObjectIdentifier($0) != ObjectIdentifier(own) }.map {
      "\(own) has the typeName '\(own.typeName)', which files have for \($0): give it another"
    }
  }
}
