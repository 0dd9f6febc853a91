/// Stochastic gradient descent with momentum: m <- momentum m + gradient, parameter <- parameter - rate m.
///
///     try await model.fit(to: rows, using: .sgd(rate: 1e-2), steps: 20_000, seed: 1)
public struct GradientDescent: ElementwiseOptimiser {
  /// `gradientDescent`.
  public static let typeName = "gradientDescent"
  /// The momentum. The second stays 0: files of format 4 have it, and its readers ask for it.
  public static let moments = ["first_moment", "second_moment"]

  /// The learning rate and how it changes.
  public var rate: LearningRate = 1e-2
  /// From 0 to below 1.
  public var momentum: Double

  // Files keep the rate beside it.
  private enum CodingKeys: CodingKey { case momentum }

  /// - Parameters:
  ///   - rate: the learning rate.
  ///   - momentum: from 0 to below 1.
  public init(rate: LearningRate = 1e-2, momentum: Double = 0.9) {
    self.rate = rate
    self.momentum = momentum
  }

  /// The optimiser as it would be written in Swift.
  public var sourceText: String { "GradientDescent(rate: \(rate.sourceText), momentum: \(momentum))" }

  /// What is wrong with its numbers.
  public var faults: [String] { rate.faults + OptimiserFault.decay("the momentum", momentum) }

  /// Nothing depends on the count of updates.
  public func coefficients(updates: Int) {}

  /// m <- momentum m + gradient, parameter <- parameter - rate m.
  public func update(_ range: ParameterRange, rate: Double, coefficients: Void) {
    range.update(.momentum, .init(rate: rate, gradient: range.scale, decayFirst: momentum))
  }
}

extension Optimiser where Self == GradientDescent {
  /// Stochastic gradient descent with momentum: m <- momentum m + gradient, parameter <- parameter - rate m.
  ///
  /// - Parameters:
  ///   - rate: the learning rate.
  ///   - momentum: from 0 to below 1.
  public static func sgd(rate: LearningRate = 1e-2, momentum: Double = 0.9) -> GradientDescent {
    GradientDescent(rate: rate, momentum: momentum)
  }
}
