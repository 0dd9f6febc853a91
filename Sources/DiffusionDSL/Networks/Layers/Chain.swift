/// Layers one behind the other, as one layer; as wide as the last of them.
public struct Chain: NetworkLayer {
  public static let typeName = "chain"
  /// From the first to the last.
  public let inside: [Placed<AnyLayer>]

  /// - Parameter layers: from the first to the last.
  public init(@LayerBuilder _ layers: () -> [Placed<AnyLayer>]) { inside = layers().nestedSafely }

  // The key that files have.
  private enum CodingKeys: String, CodingKey {
    case inside = "_0"
  }

  public var sourceText: String { sourceBlock(name, inside.map(\.value.sourceText)) }

  public func output(of input: Formula, in network: LayerContext) -> Formula {
    network.output(of: inside, for: input)
  }
}
