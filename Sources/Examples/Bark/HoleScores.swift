import ExampleSupport
import Foundation

/// Scores of what a method makes of a hole: of all draws together beside the truth, and of each as a texture.
struct HoleScores: Sendable {
  /// The energy score, E |X - y| - E |X - X'| / 2, divided by the root of the number of pixels: in levels, 0 at best
  /// (Gneiting, Raftery 2007, section 4.3). A proper score: the true posterior has the least, on average.
  let energy: Double
  /// The peak signal-to-noise ratio of one draw, and of the mean of all, in decibels.
  let psnrOfDraw: Double, psnrOfMean: Double
  /// Where the truth stands among the draws; nil of a method that gives one answer.
  let ranks: RankHistogram?
  /// The mean squared difference of neighbours across the hole's edge, divided by that of neighbours elsewhere in the true
  /// picture: 1 where no seam is seen.
  let seam: Double
  /// The root mean squared difference of the logarithms of power spectra, of the hole and of the truth, in decibels.
  let spectrum: Double
  /// How far the histogram of differences of neighbours is from the truth's: the Wasserstein distance, in levels.
  let gradients: Double
  /// The mean distance of small patches to the nearest of the learned part, divided by that of the truth's: 1 where patches
  /// are as new as those of the photograph, less where they are copied or too smooth.
  let nearest: Double

  /// What draws are compared with: a hole's truth, measured once for all methods.
  struct Reference: Sendable {
    let picture: HoledPicture
    let learned: NearestPatches
    fileprivate let spectrum: Spectrum
    fileprivate let gradients: [Double]
    fileprivate let nearest: Double

    /// - Parameter learned: the part of the photograph that is learned.
    init(_ picture: HoledPicture, learned: NearestPatches) {
      self.picture = picture
      self.learned = learned
      spectrum = Spectrum(picture.truth, in: picture)
      gradients = HoleScores.gradients(picture.truth, picture)
      nearest = learned.distance(of: picture.truth, picture)
    }
  }

  /// - Parameter draws: whole pictures, in levels.
  init(_ draws: [[Double]], beside reference: Reference) {
    let picture = reference.picture
    let hidden = picture.hidden
    let count = Double(draws.count)
    func distance(_ a: [Double], _ b: [Double]) -> Double {
      hidden.reduce(0.0) { $0 + (a[$1] - b[$1]) * (a[$1] - b[$1]) }.squareRoot()
    }
    func mean(of score: ([Double]) -> Double) -> Double { draws.reduce(0) { $0 + score($1) } / count }
    func psnr(_ a: [Double]) -> Double { PictureLevels.psnr(a, truth: picture.truth, at: hidden) }
    var between = 0.0
    for first in draws.indices {
      for second in draws.indices where second != first { between += distance(draws[first], draws[second]) }
    }
    if draws.count > 1 { between /= count * (count - 1) }
    energy = (mean { distance($0, picture.truth) } - between / 2) / Double(hidden.count).squareRoot()
    psnrOfDraw = mean(of: psnr)
    psnrOfMean = psnr(PictureLevels.mean(of: draws))
    ranks = draws.count > 1 ? RankHistogram(picture.truth, among: draws, at: hidden) : nil
    seam = mean { HoleScores.seam($0, picture) }
    spectrum = mean { Spectrum($0, in: picture).distance(to: reference.spectrum) }
    gradients = mean { draw in
      zip(HoleScores.gradients(draw, picture), reference.gradients).reduce(0) { $0 + abs($1.0 - $1.1) }
        / Double(max(1, reference.gradients.count))
    }
    // A few draws tell as much as all, and each takes a while.
    let some = draws.prefix(4).map { reference.learned.distance(of: $0, picture) }
    nearest = some.reduce(0, +) / Double(some.count) / max(1e-9, reference.nearest)
  }

  private static func seam(_ draw: [Double], _ picture: HoledPicture) -> Double {
    var (across, count, other, others) = (0.0, 0.0, 0.0, 0.0)
    picture.forEachPairOfNeighbours { place, next in
      let isEdge = picture.mask[place] != picture.mask[next]
      let difference = isEdge ? draw[place] - draw[next] : picture.truth[place] - picture.truth[next]
      if isEdge {
        (across, count) = (across + difference * difference, count + 1)
      } else {
        (other, others) = (other + difference * difference, others + 1)
      }
    }
    return across / max(1, count) / max(1e-9, other / others)
  }

  /// Differences of neighbours that are both in the hole, ascending: pairing them with others in this order gives the
  /// Wasserstein distance of both histograms.
  private static func gradients(_ draw: [Double], _ picture: HoledPicture) -> [Double] {
    var differences: [Double] = []
    picture.forEachPairOfNeighbours { place, next in
      if !picture.mask[place], !picture.mask[next] { differences.append(draw[next] - draw[place]) }
    }
    return differences.sorted()
  }
}
