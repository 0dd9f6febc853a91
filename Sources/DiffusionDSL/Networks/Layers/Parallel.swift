import Formulas

/// Layers side by side over one input; their outputs are concatenated, so its width is the sum of theirs. Images of one
/// height and width are joined along their channels.
///
/// Each line inside is a branch; a branch of several layers is a `Chain`.
public struct Parallel: NetworkLayer {
  public static let typeName = "parallel"
  /// The branches.
  public let inside: [Placed<AnyLayer>]

  /// - Parameter layers: the branches, one or more.
  public init(@LayerBuilder _ layers: () -> [Placed<AnyLayer>]) { inside = layers() }

  // The key that files have.
  private enum CodingKeys: String, CodingKey {
    case inside = "_0"
  }

  public var sourceText: String { sourceBlock(name, inside.map(\.value.sourceText)) }

  public func output(of input: Formula, in network: LayerContext) -> Formula {
    guard !inside.isEmpty else { return network.fault("Parallel is empty; give it a layer or more", input) }
    let outputs = inside.enumerated().map { index, branch in
      network.output(of: [branch], for: input, branch: index + 1)
    }
    guard let first = outputs.first, outputs.allSatisfy({ $0.shape.axes.dropFirst() == first.shape.axes.dropFirst() })
    else {
      let shapes = outputs.map { "\($0.shape)" }.joined(separator: ", ")
      return network.fault(
        "Parallel joins outputs of the shapes \(shapes); make all of them vectors, or images of one height and width",
        concatenate(outputs.map(\.flattened)))
    }
    return concatenate(outputs)
  }
}
