import DiffusionDSL
import Distributions
import Foundation

/// A density of pictures to compare with: of each pixel given those above and to its left, by a mixture of Gaussian scale
/// mixtures.
///
/// Pictures are scaled by one mean and one deviation, as a model of them is, and have noise of variance beta_1 added: with
/// the paper's last step K is that of such pictures, so only a baseline of the same compares with it. Pixels without a
/// whole neighbourhood are left out, which favours the baseline: a model has to draw them too.
public struct PictureBaseline: Sendable {
  /// The pixels that are looked at.
  let neighbourhood: PixelNeighbourhood
  /// How it is fitted.
  public let settings: ScaleMixture.Settings
  /// Pixels fitted to, and scored, at most.
  public let fitted: Int, scored: Int

  /// - Parameters:
  ///   - channels: numbers of a pixel.
  ///   - isQuick: whether a rough fit will do.
  public init(channels: Int, isQuick: Bool = false) {
    var settings = ScaleMixture.Settings()
    if isQuick { (settings.components, settings.iterations) = (4, 5) }
    self.init(
      channels: channels, settings: settings, fitted: isQuick ? 4_000 : 60_000, scored: isQuick ? 4_000 : 40_000)
  }

  init(channels: Int, settings: ScaleMixture.Settings, fitted: Int, scored: Int) {
    neighbourhood = PixelNeighbourhood(channels: channels)
    self.settings = settings
    (self.fitted, self.scored) = (fitted, scored)
  }

  /// Fits pictures.
  ///
  /// - Parameters:
  ///   - pictures: to fit.
  ///   - scaling: theirs.
  ///   - floor: the variance of the added noise, in units of the scaled pictures'; from 0 to below 1.
  ///   - threads: how many work at a time; the result does not depend on it.
  ///   - progress: told the share that is done.
  /// - Throws: `CancellationError` when the task is cancelled; `UnfittableRows` for pictures that are too few, too small or
  ///   unlike.
  public func fit(
    _ pictures: ImageSet, scaling: PictureScaling, floor: Double, seed: UInt64, threads: Int,
    progress: (Double) -> Void = { _ in }
  ) async throws -> FittedPictureBaseline {
    guard pictures.channels == neighbourhood.channels, floor >= 0, floor < 1 else { throw UnfittableRows() }
    var stream = RandomStream(seed: seed, purpose: "picture baseline")
    let rows = neighbourhood.rows(of: pictures, count: fitted, scaling, floor, &stream).rows
    guard rows.count > 10 * neighbourhood.columns else { throw UnfittableRows() }
    let mixture = try await ScaleMixture(
      Panels(rows), settings: settings, seed: seed, threads: threads, progress: progress)
    return FittedPictureBaseline(
      mixture: mixture, neighbourhood: neighbourhood, scaling: scaling, floor: floor, scored: scored)
  }
}
