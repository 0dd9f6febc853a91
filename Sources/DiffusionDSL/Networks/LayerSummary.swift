import Formulas

/// What a layer or readout of a network gives, and what it takes: `TrainedDiffusion.layers`.
public struct LayerSummary: Hashable, Sendable, CustomStringConvertible {
  /// Where it stands, which begins its parameters' names: `network.1` for the first layer, `network.1.2` for the second
  /// inside it, `readout`.
  public let place: String
  /// The type's name: `Dense`.
  public let name: String
  /// How many layers it stands inside of; 0 for those of the network itself and for the readout.
  public let depth: Int
  /// The extent of what it gives for one row: [n], or [channels, height, width].
  public let outputShape: [Int]
  /// How many numbers its parameters have, those of layers inside it included.
  public let parameterCount: Int
  /// Multiply-adds of matrix products, convolutions and squared distances for one row and one time step, those of layers
  /// inside it included. A convolution's taps beside the image count as others.
  public let multiplyAdds: Int

  /// One line: `network.1 Dense [16], 48 parameters, 32 multiply-adds`.
  public var description: String {
    "\(place) \(name) \(outputShape), \(parameterCount.counted("parameter")), \(multiplyAdds.counted("multiply-add"))"
  }
}
