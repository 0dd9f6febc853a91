import DiffusionDSL
import Distributions

/// Fills a hole with parts of the photograph that was learned, whatever surrounds the hole: as a texture these are
/// perfect, and a posterior has to know more than they do.
struct RealCrops: Sendable {
  /// What keys of the JSON call it.
  static let key = "crops"
  private static let name = "real crops, at random"

  private let learned: ImageSet

  /// - Parameter learned: one gray picture in bytes, larger than the hole.
  init(_ learned: ImageSet) { self.learned = learned }

  /// Draws.
  func draw(_ count: Int, of picture: HoledPicture, seed: UInt64) -> Inpainting {
    var stream = RandomStream(seed: seed, purpose: "real crops")
    let hole = picture.hole
    let pixels = learned[0].map { $0 + 0.5 }
    let draws = (0..<count).map { _ in
      let top = Int.random(in: 0...learned.height - hole, using: &stream)
      let left = Int.random(in: 0...learned.width - hole, using: &stream)
      return picture.filled(
        with: (0..<hole * hole).map { pixels[(top + $0 / hole) * learned.width + left + $0 % hole] })
    }
    return Inpainting(key: RealCrops.key, name: RealCrops.name, draws: draws, effectiveSize: nil)
  }
}
