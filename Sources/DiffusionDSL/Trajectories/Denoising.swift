import Distributions
import Foundation

extension TrainedDiffusion {
  /// Draws from p(x_0 | y) for rows y that are x_0 with normal noise of one standard deviation on every number. The data have
  /// to be scaled by one number, as `scaling: .whole` does.
  ///
  ///     let draws = try trained.denoised(noisyPictures, standardDeviation: 25, draws: 16, seed: 1)
  ///
  /// sqrt(abar_t) y is distributed as x_t is, at the step t whose noise is the measurement's: (1 - abar_t) / abar_t is the
  /// noise's variance, in units of the scaled data's. So the reverse chain from there draws from the posterior of
  /// `Near(to: y, standardDeviation:)`, without guidance and without weights (the forward process and its reversal:
  /// Sohl-Dickstein et al. 2015, eqs. 1 to 5). It is as exact as the reverse steps are, but for two things that make draws
  /// somewhat too wide: between two steps, the noise that y lacks for the noisier one is added, and the paper's last step
  /// adds noise of variance beta_1. The mean of many draws has the least mean squared error.
  ///
  /// A draw depends on the seed and its chain (`firstChain` + its row's index times `draws` + its own) alone.
  ///
  /// - Parameters:
  ///   - rows: y, complete rows in the data's units.
  ///   - standardDeviation: the noise's, in the data's units; positive.
  ///   - draws: of each row, 1 or more.
  ///   - seed: names the random numbers.
  ///   - firstChain: the chain of the first row's first draw, where rows are given in several calls.
  ///   - options: threads, precision and vector width.
  /// - Returns: for each row its draws, in the data's units.
  /// - Throws: `DataError` for rows that do not fit or are incomplete, and for an impossible number of draws;
  ///   `DefinitionError` for a kernel that is not Gaussian throughout, columns of different scales, noise that is not a
  ///   positive number or larger than the chain's own at t = T; `Cancelled` when the task is cancelled.
  public func denoised(
    _ rows: some RowSource, standardDeviation: Double, draws: Int = 1, seed: UInt64, firstChain: UInt64 = 0,
    options: ComputeOptions = .init()
  ) throws -> [Rows] {
    let data = try rows.dataset(for: definition.schema)
    try definition.kernel.check(data)
    try data.checkComplete(for: "denoising", definition.schema)
    try DataError.check("draws", draws, limit: model.mostChains / max(1, data.count))
    let (step, share, lacking) = try denoisingStep(standardDeviation)
    let width = data.dimensions
    var states: [Double] = []
    states.reserveCapacity(data.count * draws * width)
    let noise = NoiseSource(seed: seed, purpose: "denoising start")
    for index in 0..<data.count {
      let scaled = scaling.applied(to: data[index])
      for draw in 0..<draws {
        var stream = noise.stream(chain: firstChain &+ UInt64(index * draws + draw), step: UInt32(step))
        states += scaled.map { share * $0 + lacking * Double(stream.nextNormal()) }
      }
    }
    let all = try drawn(
      data.count * draws, from: ChainStart(step: step, states: states), seed: seed, firstChain: firstChain,
      isDeterministic: false, options: options)
    let size = draws * width
    return (0..<data.count).map {
      Rows(flat: Array(all.flat[$0 * size..<($0 + 1) * size]), dimensions: width)
    }
  }

  /// The first step with at least a measurement's noise; there, x_t is sqrt(abar_t) times the scaled measurement and normal
  /// noise of a standard deviation.
  private func denoisingStep(
    _ deviation: Double
  ) throws(DefinitionError) -> (step: Int, share: Double, lacking: Double) {
    func fault(_ text: String, at location: SourceLocation? = nil) -> DefinitionError {
      DefinitionError([DefinitionFault(text, at: location)])
    }
    guard model.isComposable else {
      throw fault(
        "rows with normal noise are those of a kernel that is Gaussian throughout: ask a posterior of the fields that "
          + "are measured", at: definition.kernelPart.location)
    }
    guard deviation > 0, deviation.isFinite else {
      throw fault("the noise's standard deviation is \(deviation): give a positive number")
    }
    guard let scale = scaling.scale.first, scaling.scale.allSatisfy({ abs($0 / scale - 1) <= 1e-9 }) else {
      throw fault(
        "columns have different scales, so the same noise is that of another step in each: train with scaling: .whole, "
          + "or ask posterior { Near(to: row, standardDeviation: \(deviation)) }")
    }
    let variance = (deviation / scale) * (deviation / scale)
    var logShare = 0.0
    for (index, beta) in betas.enumerated() {
      logShare += log1p(-beta)
      // (1 - abar) / abar, infinite where nothing is left of the data.
      guard expm1(-logShare) >= variance, variance.isFinite else { continue }
      let share = exp(logShare)
      return (index + 1, share.squareRoot(), max(0, 1 - share * (1 + variance)).squareRoot())
    }
    throw fault(
      "noise of \(deviation) is more than the chain has at its end: rows with so much of it tell nothing, so draw samples"
    )
  }
}
