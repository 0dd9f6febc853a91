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
  /// What it scores.
  public struct Score: Sendable {
    /// Of scaled pictures, in bits a pixel, all its channels together.
    public let bits: Double
    /// Over pictures.
    public let standardError: Double
    /// Of each picture, in their order.
    public let pictureBits: [Double]
  }

  /// Rows of pixels above that are looked at.
  public let rows: Int
  /// Pixels on either side.
  public let reach: Int
  /// How it is fitted.
  public let settings: ScaleMixture.Settings
  /// Pixels fitted to, and scored, at most.
  public let fitted: Int, scored: Int

  /// - Parameters:
  ///   - channels: numbers of a pixel: colour has fewer neighbours, since each has three numbers.
  ///   - isQuick: whether a rough fit will do.
  public init(channels: Int, isQuick: Bool = false) {
    (rows, reach) = channels == 1 ? (3, 3) : (2, 2)
    var settings = ScaleMixture.Settings()
    if isQuick { (settings.components, settings.iterations) = (4, 5) }
    self.settings = settings
    (fitted, scored) = isQuick ? (4_000, 4_000) : (60_000, 40_000)
  }

  /// Fits pictures and scores others.
  ///
  /// - Parameters:
  ///   - training: pictures to fit.
  ///   - test: pictures to score, of as many channels.
  ///   - floor: the variance of the added noise, in units of the scaled pictures'; from 0 to below 1.
  ///   - threads: how many work at a time; the result does not depend on it.
  ///   - progress: told the share that is done.
  /// - Throws: `CancellationError` when the task is cancelled; `UnfittableRows` for pictures that are too few, too small or
  ///   unlike.
  public func score(
    training: ImageSet, test: ImageSet, floor: Double, seed: UInt64, threads: Int, progress: (Double) -> Void = { _ in }
  ) async throws -> Score {
    guard training.channels == test.channels, floor >= 0, floor < 1 else { throw UnfittableRows() }
    var stream = RandomStream(seed: seed, purpose: "picture baseline")
    let scaling = PictureScaling(training)
    let fittedRows = neighbourhoods(training, count: fitted, scaling, floor, &stream)
    let scoredRows = neighbourhoods(test, count: scored, scaling, floor, &stream)
    guard fittedRows.rows.count > 10 * (fittedRows.rows.first?.count ?? 0), !scoredRows.rows.isEmpty else {
      throw UnfittableRows()
    }
    let mixture = try await ScaleMixture(
      Panels(fittedRows.rows), settings: settings, seed: seed, threads: threads, progress: progress)
    let logs = try await mixture.conditional(Panels(scoredRows.rows), targets: training.channels, threads: threads)
    // Pixels of one picture are alike: the error is that of pictures' means.
    var sums: [Int: (total: Double, count: Double)] = [:]
    for (picture, log) in zip(scoredRows.pictures, logs) {
      sums[picture, default: (0, 0)].total += log / M_LN2
      sums[picture, default: (0, 0)].count += 1
    }
    let means = sums.keys.sorted().compactMap { sums[$0].map { $0.total / $0.count } }
    let mean = logs.reduce(0, +) / Double(logs.count) / M_LN2
    return Score(bits: mean, standardError: Moments(of: means).standardError, pictureBits: means)
  }

  /// The mean and deviation of all numbers.
  private struct PictureScaling {
    let mean: Double
    let deviation: Double

    init(_ pictures: ImageSet) {
      var (sum, squares, count) = (0.0, 0.0, 0.0)
      for picture in pictures {
        for number in picture {
          sum += number
          squares += number * number
          count += 1
        }
      }
      // Levels are from b to b + 1.
      mean = sum / count + (pictures.levels == nil ? 0 : 0.5)
      let variance = squares / count - (sum / count) * (sum / count) + (pictures.levels == nil ? 0 : 1.0 / 12)
      deviation = max(1e-12, variance.squareRoot())
    }
  }

  /// Pixels behind their neighbours, at random places, as many from each picture; and which picture each is of.
  private func neighbourhoods(
    _ pictures: ImageSet, count: Int, _ scaling: PictureScaling, _ floor: Double, _ stream: inout RandomStream
  ) -> (rows: [[Double]], pictures: [Int]) {
    let (height, width) = (pictures.height, pictures.width)
    guard height > rows, width > 2 * reach else { return ([], []) }
    let plane = height * width
    var offsets: [(down: Int, right: Int)] = []
    for down in -rows..<0 { for right in -reach...reach { offsets.append((down, right)) } }
    for right in -reach...0 { offsets.append((0, right)) }
    let areLevels = pictures.levels != nil
    let (kept, added) = ((1 - floor).squareRoot(), floor.squareRoot())
    var (result, places): ([[Double]], [Int]) = ([], [])
    result.reserveCapacity(count)
    let used = min(count, pictures.count, 4_000)
    for index in 0..<used {
      let number = pictures.count * index / used
      let picture = pictures[number].map { value in
        let uniform = areLevels ? Double.random(in: 0..<1, using: &stream) : 0
        return (value + uniform - scaling.mean) / scaling.deviation * kept + added * Double(stream.nextNormal())
      }
      for _ in count * index / used..<count * (index + 1) / used {
        let row = Int.random(in: rows..<height, using: &stream)
        let column = Int.random(in: reach..<width - reach, using: &stream)
        result.append(
          offsets.flatMap { offset in
            (0..<pictures.channels).map { picture[$0 * plane + (row + offset.down) * width + column + offset.right] }
          })
        places.append(number)
      }
    }
    return (result, places)
  }
}
