import Foundation

/// Adam (Kingma, Ba 2015, algorithm 1, with bias corrections): steps along the gradient's running mean, divided by the
/// root of its square's running mean.
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

  // Files keep the rate beside these.
  private enum CodingKeys: CodingKey { case beta1, beta2, epsilon }

  /// - Parameters:
  ///   - rate: the learning rate.
  ///   - beta1: the decay of the gradient's running mean, from 0 to below 1.
  ///   - beta2: the decay of its square's running mean, from 0 to below 1.
  ///   - epsilon: added to the root of the latter.
  public init(rate: LearningRate = 1e-3, beta1: Double = 0.9, beta2: Double = 0.999, epsilon: Double = 1e-8) {
    self.rate = rate
    self.beta1 = beta1
    self.beta2 = beta2
    self.epsilon = epsilon
  }

  /// The optimiser as it would be written in Swift.
  public var sourceText: String {
    "Adam(rate: \(rate.sourceText), beta1: \(beta1), beta2: \(beta2), epsilon: \(epsilon))"
  }

  /// What is wrong with its numbers.
  public var faults: [String] {
    rate.faults + OptimiserFault.decay("beta1", beta1) + OptimiserFault.decay("beta2", beta2)
      + OptimiserFault.epsilon(epsilon)
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

  /// m += (1 - beta1) (g - m), v += (1 - beta2) (g^2 - v), and the parameter -= rate ratio m / (sqrt(v) + second
  /// epsilon).
  public func update(_ range: ParameterRange, rate: Double, coefficients: Coefficients) {
    range.update(
      .adam,
      .init(
        rate: rate * coefficients.ratio, gradient: range.scale, epsilon: epsilon * coefficients.second,
        decayFirst: beta1, decaySecond: beta2))
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
  public static func adam(
    rate: LearningRate = 1e-3, beta1: Double = 0.9, beta2: Double = 0.999, epsilon: Double = 1e-8
  ) -> Adam {
    Adam(rate: rate, beta1: beta1, beta2: beta2, epsilon: epsilon)
  }
}
