/// A layer of any type as a value, as it stands in a definition and in a saved model.
public struct AnyLayer: Sendable {
  /// The layer itself.
  public let layer: any NetworkLayer

  /// How many layers stand inside each other at most, this one counted.
  private let depth: Int

  /// A layer as a part of a definition.
  ///
  /// Where the layers inside nest too deep already, which is a fault of the definition, this is the deepest of them,
  /// which keeps the fault. Wrapping it further could overflow the stack, since destroying a value takes stack in
  /// proportion to its depth.
  public init(_ layer: some NetworkLayer) {
    if let deepest = layer.inside.map(\.value).max(by: { $0.depth < $1.depth }) {
      if deepest.depth > SizeLimit.nesting {
        self = deepest
        return
      }
      depth = deepest.depth + 1
    } else {
      depth = 1
    }
    self.layer = layer
  }

  /// The layer as it would be written.
  public var sourceText: String { layer.sourceText }
}

extension AnyLayer: Codable, Hashable {
  /// The layers of the library.
  private static let library: [any NetworkLayer.Type] = [
    Dense.self, RadialBasis.self, Convolution.self, MultiScaleConvolution.self, PerPixel.self, DensePerPixel.self,
    Parallel.self, Chain.self, Residual.self,
  ]

  /// - Throws: `DecodingError`, for a type that is neither the library's nor in the decoder's `DefinitionTypes` with
  ///   its name.
  public init(from decoder: any Decoder) throws {
    let others = decoder.definitionTypes.compactMap { $0 as? any NetworkLayer.Type }
    let type = try PartCoding.type(in: decoder, among: AnyLayer.library + others, kind: "layer") { $0.typeName }
    let layer: any NetworkLayer = try PartCoding.decode(type, from: decoder)
    self.init(layer)
  }

  /// What is wrong with the name of the layer's type; nil where nothing is.
  var faultOfName: String? { PartCoding.fault(ofNameOf: layer, library: AnyLayer.library) }

  public func encode(to encoder: any Encoder) throws { try PartCoding.encode(layer, to: encoder) }

  /// Whether both are of one type and equal.
  public static func == (left: AnyLayer, right: AnyLayer) -> Bool { left.layer.isEqual(to: right.layer) }

  public func hash(into hasher: inout Hasher) { hasher.combine(layer) }
}
