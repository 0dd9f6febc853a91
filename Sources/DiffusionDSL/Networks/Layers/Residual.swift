/// x + f(x), f the layers inside, whose output has the shape of their input (else a fault of the definition).
public struct Residual: NetworkLayer {
  public static let typeName = "residual"
  /// f, from the first to the last.
  public let inside: [Placed<AnyLayer>]

  /// - Parameter layers: f, from the first to the last.
  public init(@LayerBuilder _ layers: () -> [Placed<AnyLayer>]) { inside = layers().nestedSafely }

  // The key that files have.
  private enum CodingKeys: String, CodingKey {
    case inside = "_0"
  }

  public var sourceText: String { sourceBlock(name, inside.map(\.value.sourceText)) }

  public func output(of input: Formula, in network: LayerContext) -> Formula {
    let output = network.output(of: inside, for: input)
    if output.shape == input.shape { return input + output }
    let isFlat = input.shape.axes.count == 1 && output.shape.axes.count == 1
    return network.fault(
      isFlat
        ? "Residual adds its input, \(input.shape.count) wide, to what its layers give, \(output.shape.count) wide; "
          + "make the last layer inside \(input.shape.count) wide"
        : "Residual adds its input, of shape \(input.shape), to what its layers give, of shape \(output.shape); "
          + "make the last layer inside give the input's shape", input)
  }
}
