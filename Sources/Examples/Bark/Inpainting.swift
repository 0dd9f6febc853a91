import DiffusionDSL
import DiffusionIO
import ExampleSupport
import Foundation

/// The pixels of a picture, but for a square hole in its middle.
struct HoledPicture: Sendable {
  /// Levels, from b to b + 1 for byte b, [row][column].
  let truth: [Double]
  /// Pixels of a side.
  let side: Int
  /// Which pixels are known.
  let mask: [Bool]

  /// - Parameters:
  ///   - image: one square gray picture in bytes.
  ///   - hole: the hole's side, less than the picture's.
  init(_ image: ImageSet, hole: Int) {
    let side = image.width
    self.side = side
    truth = image[0].map { $0 + 0.5 }
    let part = (side - hole) / 2..<(side - hole) / 2 + hole
    mask = (0..<side * side).map { !(part.contains($0 / side) && part.contains($0 % side)) }
  }

  /// The hidden pixels' places.
  var hidden: [Int] { mask.indices.filter { !mask[$0] } }
}

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
  /// Particles, drawn towards the known pixels by the model's own estimate of the picture, and weighted.
  static let twisted = InpaintingWay(
    key: "twisted", name: "particles, twisted", guidance: .twisted, isWeighted: true)

  /// Those that are compared.
  static let all = [paper, carried, twisted]

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

/// What a method makes of a hole.
struct Inpainting: Sendable {
  /// What keys of the JSON call the method.
  let key: String
  let name: String
  /// Whole pictures, in levels; one for a method that gives one answer.
  let draws: [[Double]]
  /// What particles are worth as independent draws; nil for other methods.
  let effectiveSize: Double?

  /// Scores on the hidden pixels.
  struct Scores: Sendable {
    /// The energy score, E |X - y| - E |X - X'| / 2, divided by the root of the number of pixels: in levels, 0 at best
    /// (Gneiting, Raftery 2007, section 4.3). A proper score: the true posterior has the least, on average.
    let energy: Double
    /// The peak signal-to-noise ratio of one draw, and of the mean of all, in decibels.
    let psnrOfDraw: Double, psnrOfMean: Double
    /// The mean squared difference of neighbours across the hole's edge, divided by that of neighbours elsewhere in the
    /// true picture: 1 where no seam is seen.
    let seam: Double
    /// The root mean squared difference of the logarithms of power spectra, of the hole and of the truth, in decibels.
    let spectrum: Double
  }

  func scores(_ picture: HoledPicture) -> Scores {
    let hidden = picture.hidden
    func distance(_ a: [Double], _ b: [Double]) -> Double {
      hidden.reduce(0.0) { $0 + (a[$1] - b[$1]) * (a[$1] - b[$1]) }.squareRoot()
    }
    let count = Double(draws.count)
    let toTruth = draws.reduce(0.0) { $0 + distance($1, picture.truth) } / count
    var between = 0.0
    for first in draws.indices {
      for second in draws.indices where second != first { between += distance(draws[first], draws[second]) }
    }
    if draws.count > 1 { between /= count * (count - 1) }
    var mean = Array(repeating: 0.0, count: picture.truth.count)
    for draw in draws { for place in hidden { mean[place] += draw[place] / count } }
    let pixels = Double(hidden.count)
    let truth = Spectrum(picture.truth, hidden, side: picture.side)
    func psnr(_ a: [Double]) -> Double {
      let error = distance(a, picture.truth)
      return 10 * log10(255 * 255 * pixels / max(1e-9, error * error))
    }
    return Scores(
      energy: (toTruth - between / 2) / pixels.squareRoot(),
      psnrOfDraw: draws.reduce(0) { $0 + psnr($1) } / count, psnrOfMean: psnr(mean),
      seam: draws.reduce(0) { $0 + seam($1, picture) } / count,
      spectrum: draws.reduce(0) { $0 + Spectrum($1, hidden, side: picture.side).distance(to: truth) } / count)
  }

  private func seam(_ draw: [Double], _ picture: HoledPicture) -> Double {
    var (across, count, other, others) = (0.0, 0.0, 0.0, 0.0)
    let side = picture.side
    for place in draw.indices {
      for next in [place % side < side - 1 ? place + 1 : nil, place + side < draw.count ? place + side : nil] {
        guard let next else { continue }
        let isEdge = picture.mask[place] != picture.mask[next]
        let difference = isEdge ? draw[place] - draw[next] : picture.truth[place] - picture.truth[next]
        if isEdge {
          (across, count) = (across + difference * difference, count + 1)
        } else {
          (other, others) = (other + difference * difference, others + 1)
        }
      }
    }
    return across / count / max(1e-9, other / others)
  }
}
