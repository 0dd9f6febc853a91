import Foundation
import Testing

@testable import swiss_roll

/// What an independent program makes of the same data; see DiffusionDSLTests/References/swiss_roll_entropy.py.
private struct Reference: Decodable {
  struct Entropy: Decodable {
    var noise: Double
    var negativeEntropy: Double

    enum CodingKeys: String, CodingKey {
      case noise
      case negativeEntropy = "negative_entropy"
    }
  }

  struct Ceiling: Decodable {
    var noise: Double
    var firstVariance: Double
    var ceiling: Double

    enum CodingKeys: String, CodingKey {
      case noise, ceiling
      case firstVariance = "beta_1"
    }
  }

  var mean: [Double]
  var deviation: [Double]
  var data: [Entropy]
  var ceilings: [Ceiling]

  enum CodingKeys: String, CodingKey {
    case mean, data, ceilings
    case deviation = "standard_deviation"
  }

  static func load() throws -> Reference {
    let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("../DiffusionDSLTests/References/swiss_roll_entropy.json")
    return try JSONDecoder().decode(Reference.self, from: Data(contentsOf: file))
  }
}

private func mean(_ values: [Double]) -> (value: Double, standardError: Double) {
  let count = Double(values.count)
  let mean = values.reduce(0, +) / count
  let square = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
  return (mean, (square / (count - 1) / count).squareRoot())
}

@Suite struct SwissRollTests {
  @Test func standardisationAgreesWithTheReference() throws {
    let reference = try Reference.load()
    #expect(abs(SwissRoll.mean.x - reference.mean[0]) < 1e-12)
    #expect(abs(SwissRoll.mean.y - reference.mean[1]) < 1e-12)
    #expect(abs(SwissRoll.deviation.x - reference.deviation[0]) < 1e-12)
    #expect(abs(SwissRoll.deviation.y - reference.deviation[1]) < 1e-12)
  }

  @Test func theNullModelsBitsAreThoseOfLongData() {
    let rows = SwissRoll(noise: 0.05).rows(20_000, seed: 1, purpose: "test")
    let bits = mean(
      (0..<20_000).map { row -> Double in
        let (x, y) = (rows[2 * row], rows[2 * row + 1])
        let nats: Double = log(2 * .pi) + (x * x + y * y) / 2
        return -nats / M_LN2
      })
    #expect(abs(bits.value - SwissRoll.nullBits) < 5 * bits.standardError)
  }

  @Test(arguments: [0, 0.05, 1]) func rowsHaveUnitVariance(noise: Double) {
    let rows = SwissRoll(noise: noise).rows(20_000, seed: 1, purpose: "test")
    for column in 0..<2 {
      let values = stride(from: column, to: rows.count, by: 2).map { rows[$0] }
      let first = mean(values)
      #expect(abs(first.value) < 5 * first.standardError)
      let second = mean(values.map { $0 * $0 })
      #expect(abs(second.value - 1) < 5 * second.standardError)
    }
  }

  @Test func rowsWithoutNoiseLieOnTheCurve() {
    let rows = SwissRoll(noise: 0).rows(100, seed: 1, purpose: "test")
    let reference = (0...20_000).map { SwissRoll.curve(Double($0) / 20_000) }
    for row in 0..<100 {
      let nearest = reference.map { hypot($0.x - rows[2 * row], $0.y - rows[2 * row + 1]) }.min() ?? .infinity
      // The curve's points are at most 20.2 / 20,000 apart.
      #expect(nearest < 6e-4)
    }
  }

  @Test func moreRowsAreTheSameAndMore() {
    let roll = SwissRoll(noise: 0.05)
    let many = roll.rows(50, seed: 3, purpose: "test")
    #expect(roll.rows(20, seed: 3, purpose: "test") == Array(many.prefix(40)))
    #expect(roll.rows(50, seed: 4, purpose: "test") != many)
    #expect(roll.rows(50, seed: 3, purpose: "other") != many)
  }

  @Test func negativeEntropyAgreesWithTheReference() throws {
    let reference = try Reference.load()
    #expect(!reference.data.isEmpty)
    for entry in reference.data {
      #expect(abs(SwissRoll(noise: entry.noise).negativeEntropyBits - entry.negativeEntropy) < 1e-5)
    }
    #expect(SwissRoll(noise: 0).negativeEntropyBits == .infinity)
    #expect(SwissRoll(noise: 0).density == nil)
  }

  @Test func ceilingsAgreeWithTheReference() throws {
    let reference = try Reference.load()
    #expect(reference.ceilings.count >= 10)
    for entry in reference.ceilings {
      let ceiling = SwissRoll(noise: entry.noise).ceilingBits(firstVariance: entry.firstVariance)
      #expect(abs(ceiling - entry.ceiling) < 1e-5, "noise \(entry.noise), beta_1 \(entry.firstVariance)")
    }
  }

  @Test func vanishingFirstStepsLeaveTheEntropyOfACurve() {
    // A thin curve's entropy: E log |dc/du|, plus a normal's across it; the ends' share shrinks with the blur.
    let count = 200_000
    var logSpeed = 0.0
    for index in 0..<count {
      let a = 1.5 * Double.pi * (1 + 2 * (Double(index) + 0.5) / Double(count))
      let (dx, dy) = ((cos(a) - a * sin(a)) / SwissRoll.deviation.x, (sin(a) + a * cos(a)) / SwissRoll.deviation.y)
      logSpeed += log(3 * .pi * hypot(dx, dy)) / Double(count)
    }
    let blur = 1e-4
    let expected = -(logSpeed + log(2 * .pi * M_E * blur * blur) / 2) / M_LN2
    #expect(abs(SwissRoll(noise: 0).ceilingBits(firstVariance: blur * blur) - expected) < 1e-4)
  }

  @Test(arguments: [0.05, 0.1, 0.4]) func densityAgreesWithAPlainSum(blur: Double) {
    let spiral = BlurredSpiral(scale: 0.9, blur: blur)
    let count = 40_000
    let curve = (0..<count).map { SwissRoll.curve((Double($0) + 0.5) / Double(count)) }
    for (x, y) in [(0.3, -0.6), (-1.6, 0.1), (0, 0), (0.9, 0.9), (-0.28, 1.8), (3, 3), (-12, 5)] {
      let exponents = curve.map { point in
        let (dx, dy) = (x - 0.9 * point.x, y - 0.9 * point.y)
        return -(dx * dx + dy * dy) / (2 * blur * blur)
      }
      let largest = exponents.max() ?? 0
      let sum = exponents.reduce(0) { $0 + exp($1 - largest) } / Double(count)
      let expected = largest + log(sum) - log(2 * .pi * blur * blur)
      #expect(abs(spiral.logDensity(x, y) - expected) < 1e-6, "(\(x), \(y))")
    }
  }

  @Test func densityIsNormalised() throws {
    let spiral = try #require(SwissRoll(noise: 0.2).density)
    let step = 0.1
    var total = 0.0
    for i in -35...35 {
      for j in -35...35 {
        total += step * step * exp(spiral.logDensity(Double(i) * step, Double(j) * step))
      }
    }
    #expect(abs(total - 1) < 1e-9)
  }

  @Test func rowsFollowTheDensity() throws {
    let roll = SwissRoll(noise: 0.05)
    let density = try #require(roll.density)
    let rows = roll.rows(3_000, seed: 2, purpose: "test")
    let bits = mean(
      (0..<rows.count / 2).map { density.logDensity(rows[2 * $0], rows[2 * $0 + 1]) / M_LN2 })
    #expect(abs(bits.value - roll.negativeEntropyBits) < 5 * bits.standardError)
  }
}
