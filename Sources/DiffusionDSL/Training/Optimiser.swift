import Foundation

/// How a learning rate changes over training.
public struct LearningRate: Codable, Hashable, Sendable, ExpressibleByFloatLiteral, ExpressibleByIntegerLiteral {
  enum Shape: Codable, Hashable, Sendable {
    case constant
    /// Down to `final` times the first rate over `period` steps; nil means all of training.
    case cosine(final: Double, period: Int?)
    case steps(factor: Double, every: Int)
  }

  /// The rate that training starts with.
  public let initial: Double
  let shape: Shape
  let warmup: Int

  /// The same rate at every step.
  public init(floatLiteral value: Double) { self.init(initial: value, shape: .constant, warmup: 0) }
  /// The same rate at every step.
  public init(integerLiteral value: Int) { self.init(floatLiteral: Double(value)) }

  init(initial: Double, shape: Shape, warmup: Int) {
    self.initial = initial
    self.shape = shape
    self.warmup = warmup
  }

  /// The same rate at every step.
  ///
  /// - Parameter rate: positive, or training throws `TrainingError.invalidOptions`; so for all rates.
  public static func constant(_ rate: Double) -> LearningRate { .init(initial: rate, shape: .constant, warmup: 0) }

  /// Half a cosine from `rate` down to `rate * final`.
  ///
  /// - Parameters:
  ///   - rate: the rate at the start.
  ///   - final: the rate at the end as a fraction of that at the start; from then on it stays.
  ///   - period: how many steps the descent takes; nil means all of training.
  ///   - warmup: over so many first steps the rate grows from 0.
  public static func cosine(_ rate: Double, final: Double = 0, period: Int? = nil, warmup: Int = 0) -> LearningRate {
    .init(initial: rate, shape: .cosine(final: final, period: period), warmup: warmup)
  }

  /// `rate`, multiplied by `factor` after every so many steps.
  public static func steps(_ rate: Double, factor: Double, every: Int) -> LearningRate {
    .init(initial: rate, shape: .steps(factor: factor, every: every), warmup: 0)
  }

  var faults: [String] {
    var faults: [String] = []
    // A larger one could carry parameters past what Float holds in one step.
    if !(initial > 0 && initial <= 1e12) {
      faults.append("the learning rate is \(initial); give a positive number, at most 1e12")
    }
    if warmup < 0 { faults.append("warmup is \(warmup); give 0 or more steps") }
    switch shape {
    case .constant: break
    case .cosine(let final, let period):
      if !(final >= 0 && final <= 1) {
        faults.append("final is \(final); give the last rate as a part of the first, from 0 to 1")
      }
      if let period, period < 1 { faults.append("period is \(period); give 1 step or more") }
    case .steps(let factor, let every):
      if !(factor > 0 && factor <= 1) { faults.append("factor is \(factor); give a number above 0 and at most 1") }
      if every < 1 { faults.append("every is \(every); give 1 step or more") }
    }
    return faults
  }

  /// The rate at a step, counted from 0, of so many.
  func rate(at step: Int, of total: Int) -> Double {
    let grown = warmup > 0 ? min(1, Double(step + 1) / Double(warmup)) : 1
    switch shape {
    case .constant: return initial * grown
    case .cosine(let final, let period):
      let progress = min(1, Double(step) / Double(max(1, period ?? total)))
      return initial * grown * (final + (1 - final) * 0.5 * (1 + Foundation.cos(Double.pi * progress)))
    case .steps(let factor, let every):
      return initial * grown * Foundation.pow(factor, Double(step / max(1, every)))
    }
  }
}

/// How parameters follow their gradient (Docs/Mathematics.md, section 9).
///
/// Values out of range are reported together by `TrainingError.invalidOptions` when training begins.
///
/// A per-step parameter's slice that a minibatch does not touch keeps its value and its moments: its bias corrections
/// count its own updates.
public struct Optimiser: Codable, Hashable, Sendable {
  enum Kind: Codable, Hashable, Sendable {
    case adam(beta1: Double, beta2: Double, epsilon: Double)
    case rmsprop(decay: Double, momentum: Double, epsilon: Double)
    case gradientDescent(momentum: Double)
  }

  let kind: Kind
  /// The learning rate and how it changes.
  public let rate: LearningRate

  /// Adam (Kingma, Ba 2015, algorithm 1, with bias corrections).
  ///
  /// - Parameters:
  ///   - rate: the learning rate.
  ///   - beta1: the decay of the gradient's running mean, from 0 to below 1.
  ///   - beta2: the decay of its square's running mean, from 0 to below 1.
  ///   - epsilon: added to the root of the latter.
  public static func adam(
    rate: LearningRate = 1e-3, beta1: Double = 0.9, beta2: Double = 0.999, epsilon: Double = 1e-8
  ) -> Optimiser {
    Optimiser(kind: .adam(beta1: beta1, beta2: beta2, epsilon: epsilon), rate: rate)
  }

  /// RMSprop (Tieleman, Hinton 2012), with an optional momentum.
  ///
  /// - Parameters:
  ///   - rate: the learning rate.
  ///   - decay: of the running mean of the gradient's square, from 0 to below 1.
  ///   - momentum: from 0 to below 1.
  ///   - epsilon: added to the root of that mean.
  public static func rmsprop(
    rate: LearningRate = 1e-3, decay: Double = 0.99, momentum: Double = 0, epsilon: Double = 1e-8
  ) -> Optimiser {
    Optimiser(kind: .rmsprop(decay: decay, momentum: momentum, epsilon: epsilon), rate: rate)
  }

  /// Stochastic gradient descent with momentum: m <- momentum m + gradient, parameter <- parameter - rate m.
  ///
  /// - Parameters:
  ///   - rate: the learning rate.
  ///   - momentum: from 0 to below 1.
  public static func sgd(rate: LearningRate = 1e-2, momentum: Double = 0.9) -> Optimiser {
    Optimiser(kind: .gradientDescent(momentum: momentum), rate: rate)
  }

  var faults: [String] {
    var faults = rate.faults
    func decay(_ name: String, _ value: Double) {
      if !(value >= 0 && value < 1) { faults.append("\(name) is \(value); give a number from 0 to below 1") }
    }
    func positive(_ name: String, _ value: Double) {
      // A parameter whose gradient is 0 would be divided 0 by 0; below this, epsilon is 0 in Float.
      if !(value >= 1e-30 && value.isFinite) {
        faults.append("\(name) is \(value); give a number from 1e-30, say 1e-8")
      }
    }
    switch kind {
    case .adam(let beta1, let beta2, let epsilon):
      decay("beta1", beta1)
      decay("beta2", beta2)
      positive("epsilon", epsilon)
    case .rmsprop(let value, let momentum, let epsilon):
      decay("the decay of RMSprop", value)
      decay("the momentum", momentum)
      positive("epsilon", epsilon)
    case .gradientDescent(let momentum): decay("the momentum", momentum)
    }
    return faults
  }
}
