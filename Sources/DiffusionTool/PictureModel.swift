import DiffusionDSL
import Foundation
import ProgramSupport

/// The model that `train` makes of pictures, and how it is trained.
///
/// The network is the paper's for images (Sohl-Dickstein et al. 2015, section 3.2): multi-scale convolutions, then
/// layers at each pixel. It works at every size.
struct PictureModel: Sendable {
  /// Updates of the parameters.
  var steps: Int
  var seed: UInt64
  var threads: Int?

  static let usualSteps = 4_000
  static let quickSteps = 20
  /// Below the variance of the noise within a level of bytes of usual contrast, 1/12 of a level squared.
  static let firstVariance = 1e-5
  private static let timeSteps = 100
  private static let asideShare = 0.1
  private static let mostAside = 256
  private static let mostWatched = 64

  /// - Parameters:
  ///   - values: what the pictures are modelled as.
  ///   - size: their extent.
  static func definition(_ values: PictureValues, _ size: ImageShape) -> Diffusion {
    let channels = size.channels < 3 ? 20 : 24
    let scales = scales(size)
    switch values {
    case .bits:
      return Diffusion {
        BinomialKernel(image: size)
        ConstantErasure(steps: timeSteps)
        ReverseNetwork {
          for _ in 0..<3 { MultiScaleConvolution(channels: channels, scales: scales, activation: .silu) }
          PerPixel(channels, activation: .silu)
          Readout(.bumps(10))
        }
      }
    case .levels, .numbers:
      return Diffusion {
        GaussianKernel(image: size)
        SignalToNoise(steps: 2 * timeSteps, firstVariance: firstVariance)
        ReverseNetwork(mean: .velocity) {
          for _ in 0..<3 { MultiScaleConvolution(channels: channels, scales: scales, activation: .silu) }
          PerPixel(channels, activation: .silu)
          Readout(.bumps(10, spacing: .signalToNoise))
        }
      }
    }
  }

  /// As many scales as leave about 4 pixels of the shorter side: from there on a kernel of 3 x 3 sees all of it.
  static func scales(_ size: ImageShape) -> Int {
    var (scales, side) = (1, min(size.width, size.height))
    while side > 4, scales < 6 {
      side = (side + 1) / 2
      scales += 1
    }
    return scales
  }

  /// Pictures of a minibatch: fewer where they are large, as each takes more work and tells more.
  static func batchSize(_ size: ImageShape) -> Int { size.width * size.height <= 1_024 ? 64 : 16 }

  /// Draws of noise for each picture that is scored: more where they are small and so take little work.
  static func draws(_ data: Dataset) -> Int { max(1, min(256, 400_000 / max(1, data.count * data.dimensions))) }

  /// Begins training on pictures, of which a tenth, 256 at most, is kept apart to be scored in the end, and as many, 64 at
  /// most, to choose the best parameters by: a score on those would be too good.
  ///
  /// - Returns: the training, the rows to score in the end, and whether these were kept apart.
  /// - Throws: `DataError`, `DefinitionError`, `TrainingError`.
  func training(
    on images: ImageSet, _ values: PictureValues, name: String
  ) throws -> (training: Training, watched: Dataset, isKeptApart: Bool) {
    var stream = RandomStream(seed: seed, purpose: "diffusion train/aside")
    let order = Array(images.indices).shuffled(using: &stream)
    let share = max(1, Int(Double(order.count) * PictureModel.asideShare))
    let count = order.count < 4 ? 0 : min(PictureModel.mostAside, share)
    let aside = count == 0 ? images : images.images(at: order[..<count])
    let watched = try values.dataset(of: aside, name: name)
    let choosing = min(PictureModel.mostWatched, count)
    let some =
      count == 0 ? watched : try values.dataset(of: images.images(at: order[count..<count + choosing]), name: name)
    let kept = try values.dataset(of: images.images(at: order[(count + choosing)...]), name: name)
    let training = try PictureModel.definition(values, images.shape).training(
      on: kept, using: .adam(rate: .cosine(2e-3)), steps: steps, seed: seed,
      options: TrainingOptions(
        batchSize: PictureModel.batchSize(images.shape), scaling: .whole, averaging: 0.995, clipping: 100,
        heldOut: some, evaluateEvery: max(20, steps / 8), threads: threads))
    return (training, watched, count > 0)
  }
}
