// article
import DiffusionDSL
import Foundation
// end of article
import Testing

// The regions between the two marks are the Swift blocks of the article AddingADistribution.md, in its order; one test
// runs them, one compares the texts.

// article
/// The Laplace distribution: density exp(-|x - mean| / scale) / (2 scale).
struct Laplace: ClosedFormDivergence {
  struct BadScale: Error { let scale: Double }

  let mean: Double
  let scale: Double

  init(mean: Double = 0, scale: Double = 1) throws {
    guard mean.isFinite, scale > 0, scale.isFinite else { throw BadScale(scale: scale) }
    self.mean = mean
    self.scale = scale
  }

  var support: Support { .interval(lower: -.infinity, upper: .infinity) }
  var variance: Double { 2 * scale * scale }
  var entropy: Double { 1 + log(2 * scale) }

  func logDensity(at value: Double) -> Double { -abs(value - mean) / scale - log(2 * scale) }

  func sample(using stream: inout RandomStream) -> Double {
    // 53 bits of one word as a uniform number above 0, the lowest bit of another as the side.
    let uniform = (Double(stream.next() >> 11) + 0.5) * 0x1p-53
    let distance = -scale * log(uniform)
    return stream.next() & 1 == 0 ? mean + distance : mean - distance
  }

  func klDivergence(to other: Laplace) -> Double {
    let shift = abs(mean - other.mean)
    return log(other.scale / scale) + (scale * exp(-shift / scale) + shift) / other.scale - 1
  }

  /// P(X <= value).
  func cumulative(_ value: Double) -> Double {
    let tail = exp(-abs(value - mean) / scale) / 2
    return value < mean ? tail : 1 - tail
  }
}
// end of article

@Suite struct AddingADistributionTests {
  @Test func articleRuns() async throws {
    // article
    let peaks = try Mixture(
      weights: [0.3, 0.7], components: [try Laplace(mean: -2, scale: 0.2), try Laplace(mean: 1, scale: 0.4)])
    var stream = RandomStream(seed: 1, purpose: "peaks")
    let rows = (0..<4_000).map { _ in [peaks.sample(using: &stream)] }
    // end of article
    let (mean, error) = Self.average(rows.map { $0[0] })
    #expect(abs(mean - 0.1) < 5 * error)

    // article
    let model = Diffusion {
      GaussianKernel(dimensions: 1)
      Cosine(steps: 20)
      ReverseNetwork {
        RadialBasis(units: 16)
        Readout(.perStep)
      }
    }
    let trained = try await model.fit(to: rows, using: .adam(rate: 1e-2), steps: 300, seed: 1)
    let bound = try trained.lowerBound(on: rows)
    print("K = \(bound.bits) bits; no model has more than", -(try peaks.entropy) / log(2), "on average")
    // end of article
    let (truth, truthError) = Self.average(rows.map { peaks.logDensity(at: $0[0]) / log(2) })
    #expect(abs(truth + (try peaks.entropy) / log(2)) < 5 * truthError)
    #expect(bound.bits < truth + 5 * (bound.standardError + truthError) && bound.overNull > 0)
  }

  /// The mean of numbers and its standard error.
  private static func average(_ numbers: [Double]) -> (mean: Double, error: Double) {
    let count = Double(numbers.count)
    let mean = numbers.reduce(0, +) / count
    let squares = numbers.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    return (mean, (squares / (count - 1) / count).squareRoot())
  }

  @Test func itsDrawsHaveItsMoments() throws {
    let laplace = try Laplace(mean: 0.7, scale: 1.3)
    // article
    var draws = RandomStream(seed: 2, purpose: "check of Laplace")
    let values = (0..<100_000).map { _ in laplace.sample(using: &draws) }
    // end of article
    func check(_ found: [Double], _ truth: Double, _ what: String) {
      let (mean, error) = Self.average(found)
      #expect(abs(mean - truth) < 5 * error, "\(what): \(mean) +- \(error), \(truth)")
    }
    check(values, 0.7, "mean")
    check(values.map { ($0 - 0.7) * ($0 - 0.7) }, 2 * 1.3 * 1.3, "variance")
    check(values.map { -laplace.logDensity(at: $0) }, 1 + log(2.6), "entropy")
    for place in [-3.0, 0, 0.7, 2, 5] {
      check(values.map { $0 <= place ? 1 : 0 }, laplace.cumulative(place), "cumulative at \(place)")
    }
    let other = try Laplace(mean: -0.4, scale: 0.9)
    check(
      values.map { laplace.logDensity(at: $0) - other.logDensity(at: $0) }, laplace.klDivergence(to: other),
      "divergence")
    #expect(laplace.klDivergence(to: laplace) == 0)
    #expect(throws: Laplace.BadScale.self) { try Laplace(scale: 0) }
  }

  /// The density is the slope of the distribution function, by central differences.
  @Test func itsDensityIsTheSlope() throws {
    let laplace = try Laplace(mean: 0.7, scale: 1.3)
    for place in [-3.0, 0, 1, 2, 5] {
      let slope = (laplace.cumulative(place + 1e-5) - laplace.cumulative(place - 1e-5)) / 2e-5
      #expect(abs(slope - exp(laplace.logDensity(at: place))) < 1e-8)
    }
  }

  @Test func articleSaysWhatRuns() throws {
    try Article.compare("AddingADistribution.md", with: #filePath, blocks: 5)
  }
}
