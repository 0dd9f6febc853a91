/// A layer of any type as a value, as it stands in a definition and in a saved model.
public struct AnyLayer: Sendable {
  /// The layer itself.
  public let layer: any NetworkLayer

  /// A layer as a part of a definition.
  public init(_ layer: some NetworkLayer) { self.layer = layer }

  /// The layer as it would be written.
  public var sourceText: String { layer.sourceText }
}

extension AnyLayer: Codable, Hashable {
  /// The layers of the library.
  private static let library: [any NetworkLayer.Type] = [
    Dense.self, RadialBasis.self, Parallel.self, Chain.self, Residual.self,
  ]

  /// - Throws: `DecodingError`, for a type that is neither the library's nor in the decoder's `DefinitionTypes` with its
  ///   name.
  public init(from decoder: any Decoder) throws {
    let others = decoder.definitionTypes.compactMap { $0 as? any NetworkLayer.Type }
    let type = try PartCoding.type(in: decoder, among: AnyLayer.library + others, kind: "layer") { $0.typeName }
    layer = try PartCoding.decode(type, from: decoder)
  }

  public func encode(to encoder: any Encoder) throws { try PartCoding.encode(layer, to: encoder) }

  /// Whether both are of one type and equal.
  public static func == (left: AnyLayer, right: AnyLayer) -> Bool { left.layer.isEqual(to: right.layer) }

  public func hash(into hasher: inout Hasher) { hasher.combine(layer) }
}

extension [Placed<AnyLayer>] {
  /// The same layers; where they nest too deep already, which is a fault of the definition, only those inside the first.
  ///
  /// A layer around them is then not put deeper still: the end of a value takes as much stack as it is deep.
  var nestedSafely: [Placed<AnyLayer>] {
    var level = self
    for _ in 0..<SizeLimit.nesting where !level.isEmpty { level = level.flatMap { $0.value.layer.inside } }
    return level.isEmpty ? self : first?.value.layer.inside ?? self
  }
}
