import DiffusionDSL
import DiffusionIO
import Distributions
import ExampleSupport
import Foundation

/// Pictures with noise of variance 1 (in units of the pictures'), and draws from their posterior: figure 3 of the paper.
struct Denoising: Sendable {
  /// The pictures, with noise; in levels, from b to b + 1 for byte b.
  let truth: [[Double]]
  let noisy: [[Double]]
  /// Draws for each picture, by the reverse chain from the step that has the same noise.
  let drawn: [Rows]
  /// Draws for each picture by the paper's way: every step of the whole chain is moved towards r(x) (eq. 23).
  let perturbed: [Rows]
  /// The noise's standard deviation, in levels.
  let deviation: Double
  let shape: ImageShape

  /// Draws.
  ///
  /// - Parameters:
  ///   - images: in bytes.
  ///   - draws: of each picture.
  init(
    _ images: ImageSet, by model: TrainedDiffusion, draws: Int, seed: UInt64, threads: Int?, on console: Console
  ) throws {
    shape = images.shape
    let deviation = model.scaling.scale.first ?? 1
    let truth = images.map { $0.map { $0 + 0.5 } }
    var stream = RandomStream(seed: seed, purpose: "noise on photographs")
    let noisy = truth.map { $0.map { $0 + deviation * Double(stream.nextNormal()) } }
    let options = console.computing("denoising", threads: threads)
    drawn = try model.denoised(noisy, standardDeviation: deviation, draws: draws, seed: seed, options: options)
    perturbed = try Posterior.sample(
      draws, from: noisy.map { picture in model.posterior { Near(to: picture, standardDeviation: deviation) } },
      method: .perturbed, guidance: .constant, seed: seed, options: options
    ).map(\.samples)
    (self.truth, self.noisy, self.deviation) = (truth, noisy, deviation)
  }

  /// For each picture the mean of its draws.
  private static func means(_ drawn: [Rows]) -> [[Double]] { drawn.map { PictureLevels.mean(of: $0.map { $0 }) } }

  /// Peak signal-to-noise ratios in decibels, picture by picture.
  struct Scores: Sendable {
    /// Of the noisy pictures.
    let noisy: [Double]
    /// Of one draw each, and of the means.
    let draw: [Double], mean: [Double]
    /// The same by the paper's way.
    let perturbedDraw: [Double], perturbedMean: [Double]
  }

  var scores: Scores {
    func psnr(_ pictures: [[Double]]) -> [Double] { zip(pictures, truth).map { PictureLevels.psnr($0, truth: $1) } }
    return Scores(
      noisy: psnr(noisy), draw: psnr(drawn.map { $0[0] }), mean: psnr(Denoising.means(drawn)),
      perturbedDraw: psnr(perturbed.map { $0[0] }), perturbedMean: psnr(Denoising.means(perturbed)))
  }

  /// A column for each picture: as it is, with noise, the posterior's mean, a draw, a draw by the paper's way; and below,
  /// samples of the model.
  ///
  /// - Parameter samples: as many as pictures.
  func sheet(samples: Rows) throws -> ContactSheet {
    func row(_ pictures: some Sequence<[Double]>) throws -> ImageSet {
      try ImageSet(levels: pictures.flatMap { $0 }, shape: shape)
    }
    return try ContactSheet(
      rows: [
        row(truth), row(noisy), row(Denoising.means(drawn)), row(drawn.map { $0[0] }), row(perturbed.map { $0[0] }),
        row(samples),
      ], magnification: 3)
  }
}
