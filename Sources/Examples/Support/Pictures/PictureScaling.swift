import DiffusionDSL
import Foundation

/// One mean and one deviation for all numbers of pictures, which a model of pictures takes as zero and unit.
public struct PictureScaling: Sendable {
  /// In the pictures' units; byte b is the level from b to b + 1.
  public let mean: Double
  /// The standard deviation, of levels with the noise within them.
  public let deviation: Double
  private let channels: Int

  /// Measures pictures.
  public init(_ pictures: ImageSet) {
    var (sum, squares, count) = (0.0, 0.0, 0.0)
    for picture in pictures {
      for number in picture {
        sum += number
        squares += number * number
        count += 1
      }
    }
    let areLevels = pictures.levels != nil
    mean = sum / count + (areLevels ? 0.5 : 0)
    let variance = squares / count - (sum / count) * (sum / count) + (areLevels ? 1.0 / 12 : 0)
    deviation = max(1e-12, variance.squareRoot())
    channels = pictures.channels
  }

  /// By how much K of scaled pictures is larger than K of the pictures, in bits a pixel.
  public var bitsOfUnit: Double { Double(channels) * log2(deviation) }

  /// Whether a model was trained on pictures of the same mean and deviation, by which other sets of pictures are told.
  public func isThat(of model: TrainedDiffusion) -> Bool {
    guard let mean = model.scaling.mean.first, let scale = model.scaling.scale.first else { return false }
    return abs(mean - self.mean) < 1e-6 * deviation && abs(scale - deviation) < 1e-6 * deviation
  }
}
