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

  /// Scores of draws of normal noise.
  static func scores(_ picture: HoledPicture, _ count: Int, deviation: Double, seed: UInt64) throws -> HoleScores {
    var stream = RandomStream(seed: seed, purpose: "fill")
    let draws = (0..<count).map { _ in
      picture.filled(with: picture.hidden.map { _ in 128.5 + deviation * Double(stream.nextNormal()) })
    }
    return HoleScores(draws, beside: HoleScores.Reference(picture, learned: NearestPatches(try noise(40, seed: 100))))
  }

  @Test func theHoleIsTheMiddleSquare() throws {
    let picture = HoledPicture(try Self.noise(10, seed: 1), hole: 4)
    #expect(picture.hidden.count == 16 && picture.hidden.first == 33 && picture.hidden.last == 66)
  }

  @Test func theTruthScoresZero() throws {
    let picture = HoledPicture(try Self.noise(24, seed: 1), hole: 12)
    let scores = HoleScores(
      [picture.truth, picture.truth],
      beside: HoleScores.Reference(picture, learned: NearestPatches(try Self.noise(40, seed: 2))))
    #expect(scores.energy == 0 && scores.spectrum == 0 && scores.psnrOfMean > 100)
    #expect(scores.gradients == 0 && scores.nearest == 1)
    // The edge of the hole is as any other place.
    #expect(abs(scores.seam - 1) < 0.3)
  }

  /// The energy score by its definition, of a hole of one pixel: |x - y| and |x - x'| by hand.
  @Test func theEnergyScoreIsItsDefinition() throws {
    let picture = HoledPicture(try ImageSet(bytes: Array(repeating: 100, count: 9), height: 3, width: 3), hole: 1)
    func with(_ value: Double) -> [Double] { picture.truth.indices.map { $0 == 4 ? value : 100.5 } }
    let scores = HoleScores(
      [with(90.5), with(104.5), with(120.5)],
      beside: HoleScores.Reference(picture, learned: NearestPatches(try Self.noise(8, seed: 1))))
    // Distances to the truth 10, 4, 20; between draws 14, 30, 16.
    #expect(abs(scores.energy - (34.0 / 3 - 20.0 / 2)) < 1e-9)
    // One draw of three is below the truth.
    #expect(scores.ranks?.counts == [0, 1, 0, 0] && scores.ranks?.outside == 0)
    #expect(scores.ranks?.expectedOutside == 0.5)
  }

  /// Ranks of truths of the draws' distribution are even; those of a wider truth lie at the ends.
  @Test func ranksAreEvenWhereDrawsAreRight() throws {
    let picture = HoledPicture(try Self.noise(140, seed: 5), hole: 100)
    let right = try #require(try Self.scores(picture, 16, deviation: 20, seed: 1).ranks)
    #expect(right.counts.count == 17 && right.counts.reduce(0, +) == 10_000)
    // Pixels share no draws, so each count is binomial: 17 counts within 5.5 deviations are 1e-6.
    let (expected, deviation) = (10_000.0 / 17, (10_000.0 / 17 * 16 / 17).squareRoot())
    for count in right.counts { #expect(abs(Double(count) - expected) < 5.5 * deviation, "\(right.counts)") }
    let narrow = try #require(try Self.scores(picture, 16, deviation: 10, seed: 1).ranks)
    #expect(narrow.outside > 2 * narrow.expectedOutside, "\(narrow.outside)")
    // Draws that equal the truth leave its rank to chance.
    let ties = RankHistogram(picture.truth, among: Array(repeating: picture.truth, count: 16), at: picture.hidden)
    for count in ties.counts { #expect(abs(Double(count) - expected) < 5.5 * deviation, "\(ties.counts)") }
    let both = RankHistogram(sum: [right, narrow])
    #expect(both.counts[3] == right.counts[3] + narrow.counts[3])
  }

  /// Patches of the learned part are copied, and what is smooth is nearer than noise.
  @Test func copiesAreTold() throws {
    let learned = try Self.noise(60, seed: 7)
    let picture = HoledPicture(try Self.noise(40, seed: 8), hole: 32)
    let crops = RealCrops(learned).draw(3, of: picture, seed: 1)
    #expect(crops.draws.count == 3 && crops.draws[0] != crops.draws[1])
    let reference = HoleScores.Reference(picture, learned: NearestPatches(learned))
    #expect(HoleScores(crops.draws, beside: reference).nearest == 0)
    let mirrored = HoleScores.Reference(picture, learned: NearestPatches(learned.mirrored))
    #expect(HoleScores(crops.draws, beside: mirrored).nearest == 0)
    let flat = picture.filled(with: picture.hidden.map { _ in 128.5 })
    let smooth = HoleScores([flat], beside: reference)
    #expect(smooth.nearest > 0.3 && smooth.nearest < 0.9 && smooth.ranks == nil)
    // Differences of two normal levels of deviation 20: their mean size is 2 x 20 / sqrt(pi).
    #expect(abs(smooth.gradients - 40 / Double.pi.squareRoot()) < 3, "\(smooth.gradients)")
  }

  /// A proper score: draws of the true distribution score less than narrower and wider ones, and than their mean.
  @Test func theTrueDistributionHasTheLeastEnergyScore() throws {
    var scores: [Double: Double] = [:]
    for seed in 1...8 as ClosedRange<UInt64> {
      let picture = HoledPicture(try Self.noise(24, seed: seed), hole: 16)
      for deviation in [0.0, 10, 20, 40] {
        scores[deviation, default: 0] +=
          try Self.scores(picture, 16, deviation: deviation, seed: seed).energy
      }
    }
    let right = try #require(scores[20])
    for wrong in [0.0, 10, 40] { #expect(try #require(scores[wrong]) > right * 1.02, "\(scores)") }
  }

  @Test func theSpectrumTellsASmoothFill() throws {
    let picture = HoledPicture(try Self.noise(40, seed: 3), hole: 32)
    let alike = try Self.scores(picture, 4, deviation: 20, seed: 1)
    let smooth = try Self.scores(picture, 4, deviation: 2, seed: 1)
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
      let squares = try fits.surroundings()
      #expect(squares.count == 3 && squares.allSatisfy { $0.width == 124 && $0.height == 124 })
      // The middle one first.
      #expect(squares[0][0].first == fits.heldOut[0][188 * 125])
    }
  }
}
