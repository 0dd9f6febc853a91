import Foundation

/// How a learning rate changes over training.
///
///     .adam(rate: .cosine(5e-3, final: 0.01, warmup: 100))
///
/// A number literal is the same rate at every step.
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
  ///   - warmup: the number of first steps over which the rate grows evenly from 0.
  public static func cosine(_ rate: Double, final: Double = 0, period: Int? = nil, warmup: Int = 0) -> LearningRate {
    .init(initial: rate, shape: .cosine(final: final, period: period), warmup: warmup)
  }

  /// `rate`, multiplied by `factor` (above 0, at most 1) after each `every` steps (1 or more).
  public static func steps(_ rate: Double, factor: Double, every: Int) -> LearningRate {
    .init(initial: rate, shape: .steps(factor: factor, every: every), warmup: 0)
  }

  /// What is wrong with its numbers, one sentence each, for `Optimiser.faults`; empty for a rate that can be used.
  public var faults: [String] {
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

  /// The rate as it would be written in Swift.
  public var sourceText: String {
    switch shape {
    case .constant: return "\(initial)"
    case .cosine(let final, let period):
      let length = period.map { ", period: \($0)" } ?? ""
      return ".cosine(\(initial), final: \(final)\(length)\(warmup > 0 ? ", warmup: \(warmup)" : ""))"
    case .steps(let factor, let every): return ".steps(\(initial), factor: \(factor), every: \(every))"
    }
  }

  /// The rate at a step of a training.
  ///
  /// - Parameters:
  ///   - step: updates done before, from 0.
  ///   - total: updates of the whole training.
  public func rate(at step: Int, of total: Int) -> Double {
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
