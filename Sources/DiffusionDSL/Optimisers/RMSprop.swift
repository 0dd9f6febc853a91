/// RMSprop (Tieleman, Hinton 2012), with an optional momentum: steps along the gradient divided by the root of its
/// square's running mean.
///
///     try await model.fit(to: rows, using: .rmsprop(rate: 1e-3, momentum: 0.5), steps: 20_000, seed: 1)
public struct RMSprop: ElementwiseOptimiser {
  /// `rmsprop`.
  public static let typeName = "rmsprop"
  /// The momentum and the running mean of the gradient's square.
  public static let moments = ["first_moment", "second_moment"]

  /// The learning rate and how it changes.
  public var rate: LearningRate = 1e-3
  /// The decay of the running mean of the gradient's square, from 0 to below 1.
  public var decay: Double
  /// From 0 to below 1.
  public var momentum: Double
  /// Added to the root of that mean.
  public var epsilon: Double

  // Files keep the rate beside these.
  private enum CodingKeys: CodingKey { case decay, momentum, epsilon }

  /// - Parameters:
  ///   - rate: the learning rate.
  ///   - decay: of the running mean of the gradient's square, from 0 to below 1.
  ///   - momentum: from 0 to below 1.
  ///   - epsilon: added to the root of that mean.
  public init(rate: LearningRate = 1e-3, decay: Double = 0.99, momentum: Double = 0, epsilon: Double = 1e-8) {
    self.rate = rate
    self.decay = decay
    self.momentum = momentum
    self.epsilon = epsilon
  }

  /// The optimiser as it would be written in Swift.
  public var sourceText: String {
    "RMSprop(rate: \(rate.sourceText), decay: \(decay), momentum: \(momentum), epsilon: \(epsilon))"
  }

  /// What is wrong with its numbers.
  public var faults: [String] {
    rate.faults + OptimiserFault.decay("the decay of RMSprop", decay) + OptimiserFault.decay("the momentum", momentum)
      + OptimiserFault.epsilon(epsilon)
  }

  /// Nothing depends on the count of updates.
  public func coefficients(updates: Int) {}

  /// v += (1 - decay) (g^2 - v), m <- momentum m + g / (sqrt(v) + epsilon), and the parameter -= rate m.
  public func update(_ range: ParameterRange, rate: Double, coefficients: Void) {
    range.update(
      .rmsprop,
      .init(rate: rate, gradient: range.scale, epsilon: epsilon, decayFirst: momentum, decaySecond: decay))
  }
}

extension Optimiser where Self == RMSprop {
  /// RMSprop (Tieleman, Hinton 2012), with an optional momentum.
  ///
  /// - Parameters:
  ///   - rate: the learning rate.
  ///   - decay: of the running mean of the gradient's square, from 0 to below 1.
  ///   - momentum: from 0 to below 1.
  ///   - epsilon: added to the root of that mean.
  public static func rmsprop(
    rate: LearningRate = 1e-3, decay: Double = 0.99, momentum: Double = 0, epsilon: Double = 1e-8
  ) -> RMSprop {
    RMSprop(rate: rate, decay: decay, momentum: momentum, epsilon: epsilon)
  }
}
