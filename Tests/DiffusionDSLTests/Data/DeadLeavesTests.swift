import Foundation
import Testing

@testable import DiffusionDSL

/// Dead leaves against what is known of their law. Pictures are independent, so means over pictures have standard errors;
/// none is passed by more than 5.
struct DeadLeavesTests {
  private static func estimate(_ values: [Double]) -> (mean: Double, error: Double) {
    let (count, mean) = (Double(values.count), values.reduce(0, +) / Double(values.count))
    let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / (count - 1)
    return (mean, (variance / count).squareRoot())
  }

  /// Without noise or averaging, so that leaves can be told by their gray.
  private static let plain = DeadLeaves(width: 24, height: 16, radii: 2...128, noise: 0, subpixels: 1)

  @Test(arguments: [(1, 0), (0, 2), (3, 4), (10, 0), (20, 15)])
  func twoPixelsShareALeafAsOftenAsTheLawSays(across: Int, down: Int) throws {
    let images = try DeadLeavesTests.plain.images(1_500, seed: 1)
    let shares = images.map { image -> Double in
      var (shared, pairs) = (0, 0)
      for y in 0..<16 - down {
        for x in 0..<24 - across {
          pairs += 1
          if image[y * 24 + x] == image[(y + down) * 24 + x + across] { shared += 1 }
        }
      }
      return Double(shared) / Double(pairs)
    }
    let (mean, error) = DeadLeavesTests.estimate(shares)
    let distance = (Double(across * across + down * down)).squareRoot()
    let expected = try DeadLeavesTests.plain.chanceOfOneLeaf(atDistance: distance)
    #expect((mean - expected).magnitude < 5 * error, "\(mean) for \(expected), error \(error)")
  }

  @Test func aSinglePixelIsUniform() throws {
    // One pixel of each picture, in tenths: chi-squared of 9 degrees of freedom is below 50 but for a chance of 1e-7.
    let law = DeadLeaves(width: 3, height: 2, radii: 1...20, noise: 0, subpixels: 1)
    for pixel in [0, 4] {
      var counts = Array(repeating: 0.0, count: 10)
      for image in try law.images(20_000, seed: 2) { counts[Int(image[pixel] * 10)] += 1 }
      #expect(counts.reduce(0) { $0 + ($1 - 2_000) * ($1 - 2_000) / 2_000 } < 50)
    }
  }

  @Test(arguments: [DeadLeaves(width: 8, height: 8), .fine(width: 8, height: 8)])
  func pixelsAndNoiseHaveTheirDeviations(law: DeadLeaves) throws {
    var quiet = law
    quiet.noise = 0
    let (noisy, clean) = (try law.images(3_000, seed: 3), try quiet.images(3_000, seed: 3))
    func meanSquare(_ numbers: [Double]) -> Double { numbers.reduce(0) { $0 + $1 * $1 } / Double(numbers.count) }
    let (mean, error) = DeadLeavesTests.estimate(clean.map { picture in meanSquare(picture.map { $0 - 0.5 }) })
    let deviation = try law.pixelDeviation()
    #expect((mean - deviation * deviation).magnitude < 5 * error)
    // The leaves are the same, so what is between the pictures is noise.
    let (square, squareError) = DeadLeavesTests.estimate(
      zip(noisy, clean).map { left, right in meanSquare(zip(left, right).map { $0 - $1 }) })
    #expect((square - pow(law.noise * deviation, 2)).magnitude < 5 * squareError)
  }

  @Test func pixelsAreMeansOfSubpixels() throws {
    // With one leaf over all, by chance, pixels would be alike; where leaves meet they lie between the grays.
    let law = DeadLeaves(width: 16, height: 16, radii: 3...50, noise: 0, subpixels: 4)
    let image = try law.images(1, seed: 5)[0]
    let grays = Dictionary(grouping: image) { $0 }.filter { $0.value.count > 5 }.keys.sorted()
    let (least, most) = (try #require(grays.first), try #require(grays.last))
    #expect(grays.count > 1 && least < most)
    #expect(Set(image).count > grays.count, "pixels at the leaves' edges")
    #expect(image.allSatisfy { $0 >= 0 && $0 < 1 })
  }

  @Test func aPictureDependsOnItsNumberAlone() throws {
    let law = DeadLeaves(width: 12, height: 9)
    let all = try law.images(5, seed: 7)
    #expect(try law.images(2, seed: 7, first: 3) == all.images(at: 3..<5))
    #expect(try law.images(5, seed: 8) != all)
  }

  @Test func impossibleLawsAreRefused() {
    func message(_ law: DeadLeaves, _ count: Int = 1) -> String {
      do {
        _ = try law.images(count, seed: 1)
        return "none"
      } catch { return "\(error)" }
    }
    #expect(message(DeadLeaves(width: 0)).contains("0 x 32 pixels are not possible"))
    for radii in [0...3, 3...3, 1 ... .infinity, 1...1e20, 1e-200...1, 3...3.0.nextUp] {
      #expect(message(DeadLeaves(radii: radii)).contains("from 0.001 to 1e6 that differ"))
    }
    #expect(message(DeadLeaves(width: 30_000, height: 30_000)).contains("memory"))
    #expect(message(DeadLeaves(), .max).contains("give at most"))
    #expect(message(DeadLeaves(noise: .nan)) == "noise is nan; give 0 or more")
    #expect(message(DeadLeaves(subpixels: 0)) == "subpixels is 0; give a number from 1 to 64")
    #expect(message(DeadLeaves(), 0).contains("give 1 or more"))
  }
}
