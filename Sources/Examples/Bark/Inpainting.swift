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

/// Ways to draw what is in a hole.
enum InpaintingWay: CaseIterable, Sendable {
  /// The paper's: each step is pulled to the known pixels as they are in the clean picture (eq. 23), and nothing is
  /// weighted.
  case paper
  /// The known pixels as they are seen through what is left of the diffusion, nothing weighted.
  case carried
  /// Particles, drawn towards the known pixels by the model's own estimate of the picture, and weighted.
  case twisted

  /// What keys of the JSON call it.
  var key: String {
    switch self {
    case .paper: "paper"
    case .carried: "carried"
    case .twisted: "twisted"
    }
  }

  var name: String {
    switch self {
    case .paper: "the paper's (perturbed, constant)"
    case .carried: "perturbed, carried"
    case .twisted: "particles, twisted"
    }
  }

  private var guidance: Guidance {
    switch self {
    case .paper: .constant
    case .carried: .carried
    case .twisted: .twisted
    }
  }

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
      draws, method: self == .twisted ? .particles(draws, repeats: 1) : .perturbed, guidance: guidance, seed: seed,
      options: console.computing("drawing the hole, \(name)", threads: threads))
    guard !answer.samples.isEmpty else { return nil }
    return Inpainting(
      key: key, name: name, draws: answer.samples.map { $0 },
      effectiveSize: self == .twisted ? answer.effectiveSampleSize : nil)
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
    func psnr(_ a: [Double]) -> Double {
      let error = distance(a, picture.truth)
      return 10 * log10(255 * 255 * pixels / max(1e-9, error * error))
    }
    return Scores(
      energy: (toTruth - between / 2) / pixels.squareRoot(),
      psnrOfDraw: draws.reduce(0) { $0 + psnr($1) } / count, psnrOfMean: psnr(mean),
      seam: draws.reduce(0) { $0 + seam($1, picture) } / count,
      spectrum: draws.reduce(0) { $0 + SpectrumDistance.between($1, picture.truth, hidden, side: picture.side) } / count
    )
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

/// How far two textures are in their spectra.
enum SpectrumDistance {
  /// The root mean squared difference of log power spectra over the hidden square, in decibels, by rings of wave numbers.
  static func between(_ a: [Double], _ b: [Double], _ hidden: [Int], side: Int) -> Double {
    let (first, second) = (rings(a, hidden, side: side), rings(b, hidden, side: side))
    let squares = zip(first, second).map { pair in
      let decibels = 10 * log10(max(1e-9, pair.0) / max(1e-9, pair.1))
      return decibels * decibels
    }
    return (squares.reduce(0, +) / Double(max(1, squares.count))).squareRoot()
  }

  /// The mean power at each wave number from 1 to half the side, of a square without its mean and under a Hann window.
  private static func rings(_ picture: [Double], _ hidden: [Int], side: Int) -> [Double] {
    let width = Int(Double(hidden.count).squareRoot())
    guard width > 4, let corner = hidden.first else { return [] }
    let mean = hidden.reduce(0.0) { $0 + picture[$1] } / Double(hidden.count)
    let window = (0..<width).map { 0.5 - 0.5 * cos(2 * Double.pi * (Double($0) + 0.5) / Double(width)) }
    let cosines = (0..<width).map { cos(2 * Double.pi * Double($0) / Double(width)) }
    let sines = (0..<width).map { sin(2 * Double.pi * Double($0) / Double(width)) }
    let half = width / 2
    // Along the rows, then along the columns.
    var rows = Array(repeating: (re: 0.0, im: 0.0), count: width * (half + 1))
    for row in 0..<width {
      for wave in 0...half {
        var sum = (re: 0.0, im: 0.0)
        for column in 0..<width {
          let value = (picture[corner + row * side + column] - mean) * window[row] * window[column]
          let turn = wave * column % width
          sum.re += value * cosines[turn]
          sum.im -= value * sines[turn]
        }
        rows[row * (half + 1) + wave] = sum
      }
    }
    var (power, count) = (Array(repeating: 0.0, count: half + 1), Array(repeating: 0.0, count: half + 1))
    for wave in 0...half {
      for other in -half...half {
        let ring = Int((Double(wave * wave + other * other)).squareRoot().rounded())
        guard ring >= 1, ring <= half else { continue }
        var sum = (re: 0.0, im: 0.0)
        for row in 0..<width {
          let value = rows[row * (half + 1) + wave]
          let turn = ((other * row) % width + width) % width
          sum.re += value.re * cosines[turn] + value.im * sines[turn]
          sum.im += value.im * cosines[turn] - value.re * sines[turn]
        }
        power[ring] += sum.re * sum.re + sum.im * sum.im
        count[ring] += 1
      }
    }
    return (1...half).map { power[$0] / max(1, count[$0]) }
  }
}
