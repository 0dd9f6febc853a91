/// What a unit does with its input: identity, sigmoid 1/(1 + e^-x), tanh, softplus log(1 + e^x), relu max(x, 0), leaky
/// relu (slope 0.01 below 0), silu x sigmoid(x).
public enum Activation: String, Codable, CaseIterable, Hashable, Sendable {
  case identity, sigmoid, tanh, softplus, relu, leakyReLU, silu

  func callAsFunction(_ x: Formula) -> Formula {
    switch self {
    case .identity: x
    case .sigmoid: Expressions.sigmoid(x)
    case .tanh: Expressions.tanh(x)
    case .softplus: Expressions.softplus(x)
    case .relu: Expressions.relu(x)
    case .leakyReLU: Expressions.leakyReLU(x)
    case .silu: Expressions.silu(x)
    }
  }

  /// The factor on 1 / sqrt(inputs) that keeps the signal's size through a layer.
  var gain: Double {
    switch self {
    case .identity: 1
    // Its slope is a quarter of tanh's.
    case .sigmoid: 4
    case .tanh: 1.6
    case .softplus, .relu, .leakyReLU, .silu: 1.4
    }
  }
}

/// A layer as a value: what stands in a definition and in a saved model.
public indirect enum Layer: Codable, Hashable, Sendable {
  /// See `Dense`.
  case dense(units: Int, activation: Activation)
  /// See `RadialBasis`.
  case radialBasis(units: Int)
  /// See `Parallel`.
  case parallel([Placed<Layer>])
  /// See `Chain`.
  case chain([Placed<Layer>])
  /// See `Residual`.
  case residual([Placed<Layer>])

  var name: String {
    switch self {
    case .dense: "Dense"
    case .radialBasis: "RadialBasis"
    case .parallel: "Parallel"
    case .chain: "Chain"
    case .residual: "Residual"
    }
  }

  /// The layers inside.
  var inside: [Placed<Layer>] {
    switch self {
    case .dense, .radialBasis: []
    case .parallel(let layers), .chain(let layers), .residual(let layers): layers
    }
  }

  /// A layer around others. What nests too deep already, which is a fault of the definition, is not put deeper still:
  /// the end of a value takes as much stack as it is deep.
  static func around(_ layers: [Placed<Layer>], _ make: ([Placed<Layer>]) -> Layer) -> Layer {
    var level = layers
    for _ in 0..<SizeLimit.nesting where !level.isEmpty { level = level.flatMap { $0.value.inside } }
    return level.isEmpty ? make(layers) : layers.first?.value ?? make(layers)
  }
}

/// A layer that stands in a network.
public protocol NetworkLayer: Sendable {
  /// The layer as a value.
  var layer: Layer { get }
}

/// activation(W x + b): W of shape [units x inputs], b and the output of shape [units].
///
/// The parameters are named `weight` and `bias` behind the layer's place, for instance `network.1.weight`.
public struct Dense: NetworkLayer, Hashable {
  /// The layer as a value.
  public let layer: Layer

  /// - Parameters:
  ///   - units: how many outputs, 1 or more (else a fault of the definition).
  ///   - activation: what is done with each of them.
  public init(_ units: Int, activation: Activation = .identity) {
    layer = .dense(units: units, activation: activation)
  }
}

/// Normalised radial basis functions: exp(-e^{s_j} |x - c_j|^2), divided by their sum over j; output [units].
///
/// Centres c_j, parameter `centres` of shape [units x inputs], and log scales s_j, parameter `logScales` of shape
/// [units], are learned. As the first layer its centres start at rows of the data. Sohl-Dickstein et al. 2015, appendix
/// D.1.1.
public struct RadialBasis: NetworkLayer, Hashable {
  /// The layer as a value.
  public let layer: Layer

  /// - Parameter units: how many functions, 1 or more (else a fault of the definition).
  public init(units: Int) { layer = .radialBasis(units: units) }
}

/// Layers side by side over one input; their outputs are concatenated, so its width is the sum of theirs.
///
/// Each line inside is a branch; a branch of several layers is a `Chain`.
public struct Parallel: NetworkLayer, Hashable {
  /// The layer as a value.
  public let layer: Layer

  /// - Parameter layers: the branches, one or more.
  public init(@LayerBuilder _ layers: () -> [Placed<Layer>]) { layer = .around(layers(), Layer.parallel) }
}

/// Layers one behind the other, as one layer; as wide as the last of them.
public struct Chain: NetworkLayer, Hashable {
  /// The layer as a value.
  public let layer: Layer

  /// - Parameter layers: from the first to the last.
  public init(@LayerBuilder _ layers: () -> [Placed<Layer>]) { layer = .around(layers(), Layer.chain) }
}

/// x + f(x), f the layers inside, whose output is as wide as their input (else a fault of the definition).
public struct Residual: NetworkLayer, Hashable {
  /// The layer as a value.
  public let layer: Layer

  /// - Parameter layers: f, from the first to the last.
  public init(@LayerBuilder _ layers: () -> [Placed<Layer>]) { layer = .around(layers(), Layer.residual) }
}
