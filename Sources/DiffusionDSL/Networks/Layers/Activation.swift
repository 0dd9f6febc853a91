/// What a unit does with its input: identity, sigmoid 1/(1 + e^-x), tanh, softplus log(1 + e^x), relu max(x, 0), leaky
/// relu (slope 0.01 below 0), silu x sigmoid(x).
public enum Activation: String, Codable, CaseIterable, Hashable, Sendable {
  /// In the order of the list above.
  case identity, sigmoid, tanh, softplus, relu, leakyReLU, silu

  /// The activation of each number of a formula.
  public func callAsFunction(_ x: Formula) -> Formula {
    switch self {
    case .identity: x
    case .sigmoid: Formulas.sigmoid(x)
    case .tanh: Formulas.tanh(x)
    case .softplus: Formulas.softplus(x)
    case .relu: Formulas.relu(x)
    case .leakyReLU: Formulas.leakyReLU(x)
    case .silu: Formulas.silu(x)
    }
  }

  /// The factor on 1 / sqrt(inputs), the standard deviation that weights begin with, that keeps the signal's size
  /// through a layer.
  public var gain: Double {
    switch self {
    case .identity: 1
    // Its slope is a quarter of tanh's.
    case .sigmoid: 4
    case .tanh: 1.6
    case .softplus, .relu, .leakyReLU, .silu: 1.4
    }
  }
}
