/// A layer of a reverse network: its parameters, its mistakes and its formula.
///
/// A layer of your own is one type:
///
///     struct Gate: NetworkLayer {
///       static let typeName = "gate"
///       var inside: [Placed<AnyLayer>] { [] }
///       var sourceText: String { "Gate()" }
///
///       func output(of input: Formula, in network: LayerContext) -> Formula {
///         let weight = network.parameter("weight", shape: input.shape, .constant(0))
///         return input * sigmoid(weight)
///       }
///     }
///
/// Gradients follow from the formula. To load a saved model that uses the layer, pass its type in `DefinitionTypes`.
public protocol NetworkLayer: DefinitionPart {
  /// The layers inside this one, in order; none where it has none.
  var inside: [Placed<AnyLayer>] { get }

  /// The layer's output for one row, as a formula.
  ///
  /// - Parameters:
  ///   - input: what the layer before it gives, or x_t: numbers of shape [n], or an image's, [channels, height, width].
  ///   - network: registers parameters, applies the layers inside and takes faults.
  func output(of input: Formula, in network: LayerContext) -> Formula
}

extension NetworkLayer {
  /// What messages call it: the type's name.
  var name: String { "\(Self.self)" }
}
