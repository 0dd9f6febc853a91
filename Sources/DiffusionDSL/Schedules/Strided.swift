import Foundation

/// Some of the steps of another schedule, in their order: a chain that goes from each to the next at once.
///
///     Strided(SignalToNoise(steps: 1_000, firstVariance: 1e-4), at: [1, 10, 100, 1_000])
///
/// States at a step are distributed as they are in the whole chain: abar at step k is that of the whole chain at `at[k]`.
/// A reverse function is that of the whole chain, asked at those steps; its mean and variance of x_{t-1} are taken back to
/// those of x_0 that they follow from, and these to the mean and variance of the state at the step before in this chain
/// (as Song, Meng, Ermon 2021, "Denoising diffusion implicit models", eq. 12 with eta = 1, where the variance is that of
/// the posterior). So a chain of few steps needs no training, and its bound tells what it costs
/// (`TrainedDiffusion.strided(steps:)`).
public struct Strided: GivenSchedule {
  public static let typeName = "strided"
  /// The whole chain's schedule.
  public let base: AnySchedule
  /// Steps of the whole chain, ascending to its last.
  public let at: [Int]

  /// - Parameters:
  ///   - base: the whole chain's schedule, one that is not learned.
  ///   - steps: steps of the whole chain, ascending; the last is its T. Where the first is k, beta_1 is 1 - abar_k of the
  ///     whole chain: one that is above 1 gives a chain with more noise in front of the data.
  public init(_ base: some GivenSchedule, at steps: [Int]) { self.init(AnySchedule(base), at: steps) }

  init(_ base: AnySchedule, at steps: [Int]) { (self.base, at) = (base, steps) }

  /// As many steps as there are in `at`.
  public var steps: Int { at.count }

  public var betas: [Double] {
    let whole = base.betas
    var before = 0
    return at.map { step in
      guard before < step, step <= whole.count else { return .nan }
      // 1 - the product of 1 - beta from one step to the next.
      let logKept = whole[before..<step].reduce(0) { $0 + log1p(-$1) }
      before = step
      return -expm1(logKept)
    }
  }

  public var faults: [String] {
    if base.schedule is Strided { return ["a Strided schedule of a Strided one: give the steps of the whole chain's"] }
    if !base.faults.isEmpty { return base.faults }
    if base.isLearned { return ["a Strided schedule needs one that is given, and this one is learned"] }
    guard let first = at.first, let last = at.last else { return [] }
    if first < 1 || last != base.steps || zip(at, at.dropFirst()).contains(where: { $0 >= $1 }) {
      return ["the steps of a Strided schedule ascend to \(base.steps), the last of the whole chain; give such"]
    }
    return []
  }

  public var sourceText: String { "Strided(\(base.sourceText), at: \(at))" }
}

extension AnySchedule {
  /// The schedule of the chain that a reverse function knows: the whole one, where this has some of its steps.
  var whole: AnySchedule { (schedule as? Strided)?.base ?? self }
}
