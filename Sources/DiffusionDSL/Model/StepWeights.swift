import Foundation

/// How much the loss of each step counts in what training minimises.
///
/// The bound K adds the losses of all steps alike (``bound``, the default). Most of what it then tells a network of
/// pictures to learn is how to remove the last noise, which is most of their bits and little of what is seen. Weights
/// that count noisy steps more give better samples for the same training, and a bound that is somewhat worse:
///
///     TrainingOptions(stepWeights: .logistic(center: -1))
///
/// Whatever the weights, bounds that training and `lowerBound(on:)` report are the bound.
///
/// Weights are numbers above 0, scaled to a mean of 1 over the steps that are learned. They need a schedule that is
/// given: one that is learned follows from the bound alone.
public struct StepWeights: Sendable {
  /// A step, as a weight sees it.
  public struct Step: Sendable {
    /// t, from 1 to T.
    public let index: Int
    /// beta_t.
    public let beta: Double
    /// log(abar_t / (1 - abar_t)), the logarithm of the signal-to-noise ratio behind step t.
    public let logSignalToNoise: Double
    /// The same in front of it; infinite for the first step.
    public let previousLogSignalToNoise: Double
  }

  private enum Rule: Sendable {
    case alike
    case function(@Sendable (Step) -> Double)
    /// Those of a training that goes on: of each step, scaled.
    case given([Double])
  }

  private let rule: Rule

  /// Weights of your own.
  ///
  /// - Parameter weight: a number above 0 for a step, the same each time; only their ratios matter.
  public init(_ weight: @escaping @Sendable (_ step: Step) -> Double) { rule = .function(weight) }

  private init(_ rule: Rule) { self.rule = rule }

  /// The weights that a training began with, nil for all alike.
  init(given weights: [Double]?) { rule = weights.map { .given($0) } ?? .alike }

  /// All steps alike: training maximises the bound K.
  public static let bound = StepWeights(.alike)

  /// 1 / (1 + exp(lambda - center)), lambda the logarithm of a step's signal-to-noise ratio: noisier steps count alike,
  /// others the less the less noise they have (Kingma, Gao 2023, section 4.1; Hoogeboom et al. 2024, section 3.1, who
  /// multiply the error of the predicted noise by it, with steps even in lambda).
  ///
  /// - Parameter center: the log signal-to-noise ratio at which a step counts half; 0 is as much noise as signal.
  public static func logistic(center: Double) -> StepWeights {
    StepWeights { step in 1 / (1 + exp(step.logSignalToNoise - center)) }
  }

  /// The mean squared error of the predicted noise counts alike at all steps (the simple objective of Ho, Jain, Abbeel
  /// 2020, eq. 14), for Gaussian kernels with the variance `.posterior`; with a learned variance, the bound's terms are
  /// weighted by as much.
  ///
  /// Its effect depends on the schedule's steps; for one even in the log signal-to-noise ratio (`SignalToNoise`) it is
  /// the bound. It needs the paper's last step and a last beta below 1: a learned first step, and a step into pure noise,
  /// have no such error.
  public static let noiseError = StepWeights { step in
    // The bound multiplies that error by (SNR_{t-1} / SNR_t - 1) / 2 (Kingma et al. 2021, eq. 14).
    1 / expm1(step.previousLogSignalToNoise - step.logSignalToNoise)
  }

  /// The weights of all steps, [T], with a mean of 1 over the learned ones; those before these are 1. Nil: all alike.
  ///
  /// - Parameters:
  ///   - betas: beta_1 ... beta_T.
  ///   - first: the first step that is learned.
  func values(betas: [Double], first: Int) -> [Double]? {
    switch rule {
    case .alike: return nil
    case .given(let weights): return weights
    case .function(let function):
      var values = StepWeights.unscaled(function, betas: betas, first: first)
      let learned = values.indices.dropFirst(first - 1)
      // Divided by about the largest first, a power of two that rounds nothing: the sum of large numbers may be infinite.
      let most = learned.reduce(0) { max($0, values[$1]) }.binade
      for index in learned { values[index] /= most }
      let mean = learned.reduce(0) { $0 + values[$1] } / Double(max(1, learned.count))
      for index in learned { values[index] /= mean }
      return values
    }
  }

  /// What a function says of each step; 1 in front of the learned ones.
  private static func unscaled(
    _ function: (Step) -> Double, betas: [Double], first: Int
  ) -> [Double] {
    var logSignal = 0.0
    var previous = Double.infinity
    return betas.enumerated().map { index, beta in
      logSignal += log1p(-beta)
      let current = logSignal - log(-expm1(logSignal))
      defer { previous = current }
      guard index + 1 >= first else { return 1.0 }
      return function(
        Step(index: index + 1, beta: beta, logSignalToNoise: current, previousLogSignalToNoise: previous))
    }
  }

  /// The least weight of a step, where the mean is 1: in single precision, less is lost among the others.
  private static let least = 1e-12

  /// What is wrong with weights, in one sentence; nil for weights that can be used.
  func fault(for schedule: AnySchedule, first: Int) -> String? {
    let (betas, unscaled): ([Double], [Double])
    switch rule {
    case .alike: return nil
    case .given(let weights): (betas, unscaled) = (schedule.betas, weights)
    case .function(let function):
      betas = schedule.betas
      unscaled = StepWeights.unscaled(function, betas: betas, first: first)
    }
    guard !schedule.isLearned else {
      return "stepWeights other than .bound need a schedule that is given, since a learned one follows from the bound"
    }
    guard unscaled.count == schedule.steps else {
      return "stepWeights are \(unscaled.count) numbers for \(schedule.steps) steps"
    }
    if let index = unscaled.firstIndex(where: { !($0 > 0 && $0.isFinite) }) {
      return "stepWeights give step \(index + 1) the weight \(unscaled[index]): give finite numbers above 0"
    }
    guard let index = (values(betas: betas, first: first) ?? []).firstIndex(where: { !($0 >= StepWeights.least) })
    else {
      return nil
    }
    return "stepWeights give step \(index + 1) less than \(StepWeights.least) of the mean: give it more, or others less"
  }
}
