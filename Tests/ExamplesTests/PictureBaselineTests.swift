import DiffusionDSL
import Distributions
import Foundation
import Testing

@testable import ExampleSupport

/// The baseline for pictures, on pictures whose density is known.
@Suite struct PictureBaselineTests {
  /// Gray pictures of 16 x 16 whose rows are autoregressive: each pixel is `correlation` times the one to its left, and
  /// normal noise, with variance 1 throughout.
  static func pictures(_ count: Int, correlation: Double, seed: UInt64, channels: Int = 1) throws -> ImageSet {
    var stream = RandomStream(seed: seed, purpose: "autoregressive pictures")
    let innovation = (1 - correlation * correlation).squareRoot()
    var floats: [Float] = []
    for _ in 0..<count * channels * 16 {
      var pixel = Double(stream.nextNormal())
      for _ in 0..<16 {
        floats.append(Float(pixel))
        pixel = correlation * pixel + innovation * Double(stream.nextNormal())
      }
    }
    return try ImageSet(floats: floats, channels: channels, height: 16, width: 16, range: -10...10)
  }

  static func score(
    correlation: Double, floor: Double = 0, channels: Int = 1, threads: Int = 2
  ) async throws -> FittedPictureBaseline.Score {
    try await score(
      pictures(400, correlation: correlation, seed: 1, channels: channels),
      pictures(400, correlation: correlation, seed: 2, channels: channels), floor: floor, threads: threads)
  }

  /// Of pictures, by a rough fit to others.
  static func score(
    _ training: ImageSet, _ test: ImageSet, floor: Double, threads: Int = 2
  ) async throws -> FittedPictureBaseline.Score {
    try await PictureBaseline(channels: training.channels, isQuick: true)
      .fit(training, scaling: PictureScaling(training), floor: floor, seed: 3, threads: threads)
      .score(test, seed: 3, threads: threads)
  }

  /// log2 of a normal density with a variance, on average.
  static func bits(_ variance: Double) -> Double { -0.5 * log2(2 * Double.pi * M_E * variance) }

  @Test(arguments: [0.0, 0.8, 0.99])
  func autoregressivePicturesHaveTheirEntropy(correlation: Double) async throws {
    let score = try await Self.score(correlation: correlation)
    let exact = Self.bits(1 - correlation * correlation)
    // 4,000 pixels fit 25 numbers each of 4 matrices, which costs some hundredths of a bit.
    #expect(score.bits < exact + 5 * score.standardError && score.bits > exact - 0.06 - 5 * score.standardError)
    #expect(score.standardError < 0.03)
  }

  @Test func theFloorIsNoiseThatIsAdded() async throws {
    // White pictures stay white: noise of variance v on sqrt(1 - v) of them.
    let white = try await Self.score(correlation: 0, floor: 0.3)
    #expect((white.bits - Self.bits(1)).magnitude < 0.06 + 5 * white.standardError)
    // Of nearly constant rows what is left is the noise, and what a mean of 3 neighbours in the row does not tell.
    let smooth = try await Self.score(correlation: 0.9999, floor: 0.01)
    #expect(smooth.bits < Self.bits(0.01) && smooth.bits > Self.bits(0.01 * 1.6))
  }

  @Test func aColourPixelHasTheBitsOfItsChannels() async throws {
    let score = try await Self.score(correlation: 0.8, channels: 3)
    let exact = 3 * Self.bits(1 - 0.64)
    #expect(score.bits < exact + 5 * score.standardError && score.bits > exact - 0.2 - 5 * score.standardError)
  }

  @Test func threadsDoNotChangeIt() async throws {
    let (one, three) = (
      try await Self.score(correlation: 0.5, threads: 1), try await Self.score(correlation: 0.5, threads: 3)
    )
    #expect(one.bits == three.bits)
  }

  @Test func levelsAreFilledWithNoise() async throws {
    // Bytes at random: 256 levels, so 8 bits less log2 of the deviation in levels, for pictures of variance 1.
    var stream = RandomStream(seed: 4, purpose: "bytes")
    let bytes = (0..<200 * 256).map { _ in UInt8.random(in: 0...255, using: &stream) }
    let images = try ImageSet(bytes: bytes, height: 16, width: 16)
    let score = try await Self.score(images, images, floor: 0)
    // A normal density of a uniform variable of variance 1.
    #expect((score.bits - Self.bits(1)).magnitude < 0.08)
  }

  @Test func constantPicturesHaveTheNoiseOfTheFloor() async throws {
    let flat = try ImageSet(floats: Array(repeating: 0.5, count: 30 * 256), height: 16, width: 16)
    let score = try await Self.score(flat, flat, floor: 0.01)
    #expect((score.bits - Self.bits(0.01)).magnitude < 0.06 + 5 * score.standardError)
    #expect(score.pictureBits.count == 30)
  }

  @Test func picturesThatDoNotDoAreRefused() async throws {
    let white = try Self.pictures(40, correlation: 0, seed: 1)
    let small = try ImageSet(floats: Array(repeating: 0.5, count: 40 * 9), height: 3, width: 3)
    let colour = try Self.pictures(40, correlation: 0, seed: 1, channels: 3)
    for (training, test, floor) in [
      (small, white, 0.0), (white, small, 0), (white, colour, 0), (white, white, 1), (white, white, -0.1),
      (white, white, .nan),
    ] {
      await #expect(throws: UnfittableRows.self) {
        try await Self.score(training, test, floor: floor)
      }
    }
  }

  /// Pictures drawn from a mixture of one normal are as those that it was fitted to: neighbours in a row correlate,
  /// columns do not.
  @Test(arguments: [1, 3])
  func drawnPicturesHaveTheDatasCorrelations(channels: Int) async throws {
    let training = try Self.pictures(400, correlation: 0.8, seed: 1, channels: channels)
    let side = 96
    var settings = ScaleMixture.Settings()
    (settings.components, settings.scales, settings.iterations) = (1, 1, 2)
    let picture = try await PictureBaseline(channels: channels, settings: settings, fitted: 40_000, scored: 1_000)
      .fit(training, scaling: PictureScaling(training), floor: 0, seed: 3, threads: 2)
      .picture(width: side, height: side, seed: 5)
    #expect(picture.count == channels * side * side)
    func covariance(_ step: Int) -> Double {
      let pairs = picture.indices.filter { $0 % side + step % side < side && $0 % (side * side) + step < side * side }
      return pairs.reduce(0.0) { $0 + picture[$1] * picture[$1 + step] } / Double(pairs.count)
    }
    // 9,216 pixels whose squares are worth (1 - 0.64) / (1 + 0.64) of that: errors of 0.03 for a variance and a
    // covariance, and of 0.01 between rows; what the fit lacks comes on top.
    let (variance, beside, below) = (covariance(0), covariance(1), covariance(side))
    #expect(abs(variance - 1) < 0.2 && abs(beside - 0.8) < 0.2, "\(variance) \(beside)")
    #expect(abs(beside / variance - 0.8) < 0.04 && abs(below) < 0.12, "\(beside / variance) \(below)")
  }
}
