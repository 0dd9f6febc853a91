import DiffusionDSL
import DiffusionIO
import Distributions
import ExampleSupport
import Foundation
import ProgramTesting
import Testing

@testable import bark

/// Holes in textures, and the scores of what is drawn in them.
@Suite struct InpaintingTests {
  /// A square picture of normal noise about 128.
  static func noise(_ side: Int, seed: UInt64) throws -> ImageSet {
    var stream = RandomStream(seed: seed, purpose: "texture")
    return try ImageSet(
      rounding: (0..<side * side).map { _ in 128 + 20 * Double(stream.nextNormal()) }, height: side, width: side)
  }

  static func drawn(_ picture: HoledPicture, _ count: Int, deviation: Double, seed: UInt64) -> Inpainting {
    var stream = RandomStream(seed: seed, purpose: "fill")
    let draws = (0..<count).map { _ in
      picture.truth.indices.map {
        picture.mask[$0] ? picture.truth[$0] : 128.5 + deviation * Double(stream.nextNormal())
      }
    }
    return Inpainting(key: "test", name: "test", draws: draws, effectiveSize: nil)
  }

  @Test func theHoleIsTheMiddleSquare() throws {
    let picture = HoledPicture(try Self.noise(10, seed: 1), hole: 4)
    #expect(picture.hidden.count == 16 && picture.hidden.first == 33 && picture.hidden.last == 66)
  }

  @Test func theTruthScoresZero() throws {
    let picture = HoledPicture(try Self.noise(24, seed: 1), hole: 12)
    let scores = Inpainting(key: "truth", name: "truth", draws: [picture.truth, picture.truth], effectiveSize: nil)
      .scores(picture)
    #expect(scores.energy == 0 && scores.spectrum == 0 && scores.psnrOfMean > 100)
    // The edge of the hole is as any other place.
    #expect(abs(scores.seam - 1) < 0.3)
  }

  /// The energy score by its definition, of a hole of one pixel: |x - y| and |x - x'| by hand.
  @Test func theEnergyScoreIsItsDefinition() throws {
    let picture = HoledPicture(try ImageSet(bytes: Array(repeating: 100, count: 9), height: 3, width: 3), hole: 1)
    func with(_ value: Double) -> [Double] { picture.truth.indices.map { $0 == 4 ? value : 100.5 } }
    let scores = Inpainting(
      key: "hand", name: "hand", draws: [with(90.5), with(104.5), with(120.5)], effectiveSize: nil
    )
    .scores(picture)
    // Distances to the truth 10, 4, 20; between draws 14, 30, 16.
    #expect(abs(scores.energy - (34.0 / 3 - 20.0 / 2)) < 1e-9)
  }

  /// A proper score: draws of the true distribution score less than narrower and wider ones, and than their mean.
  @Test func theTrueDistributionHasTheLeastEnergyScore() throws {
    var scores: [Double: Double] = [:]
    for seed in 1...8 as ClosedRange<UInt64> {
      let picture = HoledPicture(try Self.noise(24, seed: seed), hole: 16)
      for deviation in [0.0, 10, 20, 40] {
        scores[deviation, default: 0] +=
          Self.drawn(picture, 16, deviation: deviation, seed: seed).scores(picture).energy
      }
    }
    let right = try #require(scores[20])
    for wrong in [0.0, 10, 40] { #expect(try #require(scores[wrong]) > right * 1.02, "\(scores)") }
  }

  @Test func theSpectrumTellsASmoothFill() throws {
    let picture = HoledPicture(try Self.noise(40, seed: 3), hole: 32)
    let alike = Self.drawn(picture, 4, deviation: 20, seed: 1).scores(picture)
    let smooth = Self.drawn(picture, 4, deviation: 2, seed: 1).scores(picture)
    // A tenth of the deviation is 20 dB less.
    #expect(alike.spectrum < 5 && abs(smooth.spectrum - 20) < 5)
    #expect(alike.seam > 0.7 && alike.seam < 1.4 && smooth.seam < 0.75)
  }

  @Test func photographsThatDoNotDoAreRefused() throws {
    try withFolder { folder in
      func write(_ image: ImageSet) throws -> String {
        let url = folder.appendingPathComponent("picture.png")
        try image.write(png: url)
        return url.path
      }
      let small = try write(Self.noise(200, seed: 1))
      #expect(throws: UnusableData.self) { try TexturePhotograph(.mossy, picture: small) }
      let colour = try write(ImageSet(bytes: Array(repeating: 9, count: 3 * 4), channels: 3, height: 2, width: 2))
      #expect(throws: UnusableData.self) { try TexturePhotograph(.mossy, picture: colour) }
      let fits = try TexturePhotograph(.mossy, picture: write(Self.noise(500, seed: 1)))
      #expect(fits.learned.width == 375 && fits.heldOut.width == 125 && fits.heldOut.height == 500)
      #expect(try fits.surroundings().width == 124)
    }
  }
}
