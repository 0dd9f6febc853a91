import DiffusionDSL
import Distributions
import Foundation

/// A mixture that was fitted to pictures by `PictureBaseline`.
public struct FittedPictureBaseline: Sendable {
  let mixture: ScaleMixture
  let neighbourhood: PixelNeighbourhood
  let scaling: PictureScaling
  /// The variance of the added noise, in units of the scaled pictures'.
  public let floor: Double
  /// Pixels that are scored at most.
  let scored: Int

  /// What it scores.
  public struct Score: Sendable {
    /// Of scaled pictures, in bits a pixel, all its channels together.
    public let bits: Double
    /// Over pictures.
    public let standardError: Double
    /// Of each picture, in their order.
    public let pictureBits: [Double]
  }

  /// Scores pictures.
  ///
  /// - Parameter threads: how many work at a time; the result does not depend on it.
  /// - Throws: `CancellationError` when the task is cancelled; `UnfittableRows` for pictures that are smaller than a
  ///   neighbourhood or have other channels.
  public func score(_ pictures: ImageSet, seed: UInt64, threads: Int) async throws -> Score {
    guard pictures.channels == neighbourhood.channels else { throw UnfittableRows() }
    var stream = RandomStream(seed: seed, purpose: "scored by the picture baseline")
    let (rows, places) = neighbourhood.rows(of: pictures, count: scored, scaling, floor, &stream)
    guard !rows.isEmpty else { throw UnfittableRows() }
    let logs = try await mixture.conditional(Panels(rows), targets: neighbourhood.channels, threads: threads)
    // Pixels of one picture are alike: the error is that of pictures' means.
    var sums: [Int: (total: Double, count: Double)] = [:]
    for (picture, log) in zip(places, logs) {
      sums[picture, default: (0, 0)].total += log / M_LN2
      sums[picture, default: (0, 0)].count += 1
    }
    let means = sums.keys.sorted().compactMap { sums[$0].map { $0.total / $0.count } }
    let mean = logs.reduce(0, +) / Double(logs.count) / M_LN2
    return Score(bits: mean, standardError: Moments(of: means).standardError, pictureBits: means)
  }

  /// Draws a picture, pixel by pixel, from the top left.
  ///
  /// It begins beside white noise; the first pixels above and on either side are drawn too and then left out. Pixels end
  /// five standard deviations from the mean.
  ///
  /// - Returns: [channel][row][column], in the pictures' units, with noise of the floor's variance.
  /// - Throws: `UnfittableRows` where a covariance is singular; `CancellationError`.
  public func picture(width: Int, height: Int, seed: UInt64) throws -> [Double] {
    let margin = 24
    let (top, side) = (neighbourhood.rows, neighbourhood.reach)
    let (wide, high) = (width + 2 * (margin + side), height + margin + top)
    let channels = neighbourhood.channels
    var stream = RandomStream(seed: seed, purpose: "a picture of the baseline")
    var canvas = (0..<channels * wide * high).map { _ in Double(stream.nextNormal()) }
    let conditionals = try MixtureConditionals(mixture, targets: channels)
    let given = neighbourhood.offsets.dropLast()
    for row in top..<high {
      try Task.checkCancellation()
      for column in side..<wide - side {
        let neighbours = given.flatMap { offset in
          (0..<channels).map { canvas[($0 * high + row + offset.down) * wide + column + offset.right] }
        }
        for (channel, number) in conditionals.draw(given: neighbours, &stream).enumerated() {
          // Far outside of all data quadratics know nothing, and a wild pixel would make its neighbours wild.
          canvas[(channel * high + row) * wide + column] = min(5, max(-5, number))
        }
      }
    }
    return (0..<channels).flatMap { channel in
      (high - height..<high).flatMap { row in
        (margin + side..<margin + side + width).map { column in
          canvas[(channel * high + row) * wide + column] * scaling.deviation + scaling.mean
        }
      }
    }
  }
}
