import DiffusionDSL
import Foundation

/// What a model of pictures scores on pictures that it did not learn from, beside the baseline at the same beta_1.
public struct PictureScore: Sendable {
  /// beta_1, in units of the pictures' variance.
  public let firstVariance: Double
  /// K of the scaled pictures, in bits a pixel, all its channels together.
  public let bits: Double
  /// Over pictures.
  public let standardError: Double
  /// K - L_null, in bits a pixel.
  public let overNull: Double
  /// Of levels, in bits a number; nil where pictures are no levels.
  public let bitsPerDim: Double?
  /// The baseline, fitted at the same beta_1.
  public let mixture: FittedPictureBaseline
  /// What it scores.
  public let baseline: FittedPictureBaseline.Score
  /// Of K less the baseline, over pictures, each of which both have scored.
  public let standardErrorOfGain: Double

  /// - Parameters:
  ///   - bound: of rows that are pictures.
  ///   - pixels: of a picture.
  ///   - mixture: at the model's beta_1.
  ///   - baseline: its score of the same pictures.
  public init(
    _ bound: LowerBound, pixels: Int, mixture: FittedPictureBaseline, baseline: FittedPictureBaseline.Score
  ) {
    let pixels = Double(pixels)
    firstVariance = mixture.floor
    self.mixture = mixture
    bits = bound.scaledBitsPerPixel ?? .nan
    standardError = bound.standardError / pixels
    overNull = bound.overNull / pixels
    bitsPerDim = bound.bitsPerDim
    self.baseline = baseline
    // Both vary from picture to picture in the same way. Units differ by a constant.
    standardErrorOfGain = Moments(of: zip(bound.rowBits, baseline.pictureBits).map { $0 / pixels - $1 }).standardError
  }
}

extension TrainedDiffusion {
  /// The same model without its first steps, so that beta_1 is as near to a variance as its steps allow; itself where its
  /// own is as large already.
  ///
  /// K depends on beta_1, so models compare at one.
  ///
  /// - Throws: `DefinitionError` for a chain that is shortened already.
  public func beginning(atVariance variance: Double) throws(DefinitionError) -> TrainedDiffusion {
    var logKept = 0.0
    let noises = betas.map { beta in
      logKept += log1p(-beta)
      return -expm1(logKept)
    }
    let first = noises.indices.min { abs(log(noises[$0] / variance)) < abs(log(noises[$1] / variance)) } ?? 0
    return first == 0 ? self : try strided(at: Array(first + 1...steps))
  }
}
