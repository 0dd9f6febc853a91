import Foundation

/// Adam (Kingma, Ba 2015, algorithm 1, with bias corrections): steps along the gradient's running mean, divided by the
/// root of its square's running mean. With a weight decay it is AdamW (Loshchilov, Hutter 2019, "Decoupled weight decay
/// regularization", algorithm 2): few rows are then learned by heart less.
///
///     try await model.fit(to: rows, using: .adam(rate: .cosine(5e-3)), steps: 20_000, seed: 1)
public struct Adam: ElementwiseOptimiser {
  /// `adam`.
  public static let typeName = "adam"
  /// The running means of the gradient and of its square.
  public static let moments = ["first_moment", "second_moment"]

  /// The learning rate and how it changes.
  public var rate: LearningRate = 1e-3
  /// The decay of the gradient's running mean, from 0 to below 1.
  public var beta1: Double
  /// The decay of its square's running mean, from 0 to below 1.
  public var beta2: Double
  /// Added to the root of the latter.
  public var epsilon: Double
  /// Each step takes this times the learning rate of every parameter that it updates away, 0 or more: of biases and of a
  /// learned schedule's too.
  public var weightDecay: Double

  /// - Parameters:
  ///   - rate: the learning rate.
  ///   - beta1: the decay of the gradient's running mean, from 0 to below 1.
  ///   - beta2: the decay of its square's running mean, from 0 to below 1.
  ///   - epsilon: added to the root of the latter.
  ///   - weightDecay: times the learning rate, the share of a parameter that a step takes away, 0 or more.
  public init(
    rate: LearningRate = 1e-3, beta1: Double = 0.9, beta2: Double = 0.999, epsilon: Double = 1e-8,
    weightDecay: Double = 0
  ) {
    self.rate = rate
    self.beta1 = beta1
    self.beta2 = beta2
    self.epsilon = epsilon
    self.weightDecay = weightDecay
  }

  /// The optimiser as it would be written in Swift.
  public var sourceText: String {
    let decay = weightDecay == 0 ? "" : ", weightDecay: \(weightDecay)"
    return "Adam(rate: \(rate.sourceText), beta1: \(beta1), beta2: \(beta2), epsilon: \(epsilon)\(decay))"
  }

  /// What is wrong with its numbers.
  public var faults: [String] {
    rate.faults + OptimiserFault.decay("beta1", beta1) + OptimiserFault.decay("beta2", beta2)
      + OptimiserFault.epsilon(epsilon) + OptimiserFault.weightDecay(weightDecay, rate: rate.initial)
  }

  /// Corrections for moments that began at 0, after k updates.
  public struct Coefficients: Sendable {
    /// sqrt(1 - beta2^k)
    let second: Double
    /// sqrt(1 - beta2^k) / (1 - beta1^k)
    let ratio: Double
  }

  /// Both bias corrections after k updates.
  public func coefficients(updates k: Int) -> Coefficients {
    let second = (1 - pow(beta2, Double(k))).squareRoot()
    return Coefficients(second: second, ratio: second / (1 - pow(beta1, Double(k))))
  }

  /// m += (1 - beta1) (g - m), v += (1 - beta2) (g^2 - v), and the parameter -= rate (weightDecay parameter + ratio
  /// m / (sqrt(v) + second epsilon)).
  public func update(_ range: ParameterRange, rate: Double, coefficients: Coefficients) {
    range.update(
      .adam,
      .init(
        rate: rate * coefficients.ratio, gradient: range.scale, epsilon: epsilon * coefficients.second,
        decayFirst: beta1, decaySecond: beta2, shrinkage: rate * weightDecay))
  }
}

extension Adam {
  // Files keep the rate beside these; a weight decay only where there is one, which came later than the rest.
  private enum CodingKeys: CodingKey { case beta1, beta2, epsilon, weightDecay }

  /// A stored optimiser.
  ///
  /// - Throws: `DecodingError`.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    self.init(
      beta1: try container.decode(Double.self, forKey: .beta1),
      beta2: try container.decode(Double.self, forKey: .beta2),
      epsilon: try container.decode(Double.self, forKey: .epsilon),
      weightDecay: try container.decodeIfPresent(Double.self, forKey: .weightDecay) ?? 0)
  }

  /// Stores all but the rate.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(beta1, forKey: .beta1)
    try container.encode(beta2, forKey: .beta2)
    try container.encode(epsilon, forKey: .epsilon)
    if weightDecay != 0 { try container.encode(weightDecay, forKey: .weightDecay) }
  }
}

extension Optimiser where Self == Adam {
  /// Adam (Kingma, Ba 2015, algorithm 1, with bias corrections).
  ///
  /// - Parameters:
  ///   - rate: the learning rate.
  ///   - beta1: the decay of the gradient's running mean, from 0 to below 1.
  ///   - beta2: the decay of its square's running mean, from 0 to below 1.
  ///   - epsilon: added to the root of the latter.
  ///   - weightDecay: times the learning rate, the share of a parameter that a step takes away, 0 or more.
  public static func adam(
    rate: LearningRate = 1e-3, beta1: Double = 0.9, beta2: Double = 0.999, epsilon: Double = 1e-8,
    weightDecay: Double = 0
  ) -> Adam {
    Adam(rate: rate, beta1: beta1, beta2: beta2, epsilon: epsilon, weightDecay: weightDecay)
  }
}
