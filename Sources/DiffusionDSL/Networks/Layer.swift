/// What a unit does with its input.
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
    case .identity, .sigmoid: 1
    case .tanh: 1.6
    case .softplus, .relu, .leakyReLU, .silu: 1.4
    }
  }
}

/// A layer as a value: what stands in a definition and in a saved model.
public indirect enum Layer: Codable, Hashable, Sendable {
  case dense(units: Int, activation: Activation)
  case radialBasis(units: Int)
  case parallel([Placed<Layer>])
  case chain([Placed<Layer>])
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
}

/// A layer that stands in a network.
public protocol NetworkLayer: Sendable {
  var layer: Layer { get }
}

/// activation(W x + b), with `units` outputs.
public struct Dense: NetworkLayer, Hashable {
  public let layer: Layer

  public init(_ units: Int, activation: Activation = .identity) {
    layer = .dense(units: units, activation: activation)
  }
}

/// Normalised radial basis functions: exp(-s_j |x - c_j|^2), divided by their sum over j.
///
/// Centres c_j and scales s_j are learned. Sohl-Dickstein et al. 2015, appendix D.1.1.
public struct RadialBasis: NetworkLayer, Hashable {
  public let layer: Layer

  public init(units: Int) { layer = .radialBasis(units: units) }
}

/// Layers side by side over one input; their outputs are concatenated.
public struct Parallel: NetworkLayer, Hashable {
  public let layer: Layer

  public init(@LayerBuilder _ layers: () -> [Placed<Layer>]) { layer = .parallel(layers()) }
}

/// Layers one behind the other, as one layer.
public struct Chain: NetworkLayer, Hashable {
  public let layer: Layer

  public init(@LayerBuilder _ layers: () -> [Placed<Layer>]) { layer = .chain(layers()) }
}

/// x + f(x), f the layers inside, whose output is as wide as their input.
public struct Residual: NetworkLayer, Hashable {
  public let layer: Layer

  public init(@LayerBuilder _ layers: () -> [Placed<Layer>]) { layer = .residual(layers()) }
}
