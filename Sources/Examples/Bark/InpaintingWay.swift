import DiffusionDSL
import ExampleSupport

/// A way to draw what is in a hole.
struct InpaintingWay: Sendable {
  /// What keys of the JSON call it.
  let key: String
  let name: String
  private let guidance: Guidance
  /// Whether draws are particles with weights.
  private let isWeighted: Bool

  /// The paper's: each step is pulled to the known pixels as they are in the clean picture (eq. 23), and nothing is
  /// weighted.
  static let paper = InpaintingWay(
    key: "paper", name: "the paper's (perturbed, constant)", guidance: .constant, isWeighted: false)
  /// The known pixels as they are seen through what is left of the diffusion, nothing weighted.
  static let carried = InpaintingWay(
    key: "carried", name: "perturbed, carried", guidance: .carried, isWeighted: false)
  /// The known pixels as the model's own estimate of the picture has them, nothing weighted.
  static let guided = InpaintingWay(
    key: "guided", name: "perturbed, twisted", guidance: .twisted, isWeighted: false)
  /// Particles, drawn towards the known pixels by the model's own estimate of the picture, and weighted.
  static let twisted = InpaintingWay(
    key: "twisted", name: "particles, twisted", guidance: .twisted, isWeighted: true)

  /// Those that are compared.
  static let all = [paper, carried, guided, twisted]

  /// Draws; nil where no particle came through.
  ///
  /// - Parameters:
  ///   - draws: how many pictures, and how many particles where there are such.
  ///   - model: over images of the picture's extent.
  func draw(
    _ draws: Int, of picture: HoledPicture, by model: TrainedDiffusion, seed: UInt64, threads: Int?,
    on console: Console
  ) throws -> Inpainting? {
    let answer = try model.posterior { Observe(mask: picture.mask, equals: picture.truth) }.sample(
      draws, method: isWeighted ? .particles(draws, repeats: 1) : .perturbed, guidance: guidance, seed: seed,
      options: console.computing("drawing the hole, \(name)", threads: threads))
    guard !answer.samples.isEmpty else { return nil }
    return Inpainting(
      key: key, name: name, draws: answer.samples.map { $0 },
      effectiveSize: isWeighted ? answer.effectiveSampleSize : nil)
  }
}
