import DiffusionDSL
import Foundation
import Testing

/// The fenced examples in doc comments, compiled and run. A region between
/// "// example" and "// end of example" is one example, line by line as it stands in the comment.
@Suite struct DocumentedExamplesTests {
  @Test func formulas() throws {
    do {
      // example
      let weights = Formula([1, 2, 3])
      let mean = sum(weights * weights) / 3
      let tail = softplus(weights[1..<3] - mean)
      // end of example
      #expect(tail.shape == [2] && tail.fault == nil)
    }
    do {
      // example
      func halves(of x: Formula) -> [Formula] {
        guard x.shape.count.isMultiple(of: 2) else {
          return [.faulty("halves are of an even count of numbers, not of \(x.shape)")]
        }
        let half = x.shape.count / 2
        return [x[0..<half], x[half..<2 * half]]
      }
      // end of example
      #expect(halves(of: Formula([1, 2])).map(\.shape) == [[1], [1]])
      let fault = sum(halves(of: Formula([1, 2, 3]))[0]).fault
      #expect(fault?.message == "halves are of an even count of numbers, not of [3]")
    }
    do {
      // example
      let matrix = Formula([1, 2, 3, 4, 5, 6]).reshaped(to: [2, 3])
      let secondRow = matrix[1]  // 4, 5, 6
      // end of example
      #expect(secondRow.shape == [3])
    }
    do {
      // example
      let checking = ComputeOptions(precision: .double)
      // end of example
      #expect(checking.precision == .double)
    }
    do {
      // example
      let portable = ComputeOptions(vectorLevel: .baseline)
      let fastest = VectorLevel.allCases.last { $0.isAvailable } ?? .baseline
      // end of example
      #expect(portable.vectorLevel == .baseline && fastest == .best)
    }
  }

  @Test func reverseSteps() throws {
    do {
      // example
      let definition = Diffusion {
        GaussianKernel(dimensions: 1)
        Cosine(steps: 20)
        ReverseFunction(dimensions: 1, lastStep: .learned()) { x, step in
          let spread = 4 * step.alphaBar + step.noise
          return GaussianStep(
            predictedData: 4 * sqrt(step.alphaBar) / spread * x, variance: 4 * step.noise / spread, from: x, step)
        }
      }
      // end of example
      let variance = try TrainedDiffusion(definition).sample(4_000, seed: 1).reduce(0) { $0 + $1[0] * $1[0] } / 4_000
      // Five standard errors of the mean of 4000 squares.
      let limit: Double = 5 * 4 * (2.0 / 4_000).squareRoot() + 0.05
      #expect(abs(variance - 4) < limit, "\(variance)")
    }
  }

  @Test func discreteDistributions() throws {
    do {
      // example
      let coin = try Bernoulli(probability: 0.3)
      let entropy = coin.entropy / log(2)  // bits
      // end of example
      #expect(abs(entropy - 0.8812908992306927) < 1e-12)
    }
    do {
      // example
      let successes = try Binomial(trials: 10, probability: 0.3)
      let none = exp(successes.logDensity(at: 0))  // 0.7^10
      // end of example
      #expect(abs(none - pow(0.7, 10.0)) < 1e-14)
    }
    do {
      // example
      let species = try Categorical(probabilities: [0.5, 0.3, 0.2])
      var stream = RandomStream(seed: 1, purpose: "species")
      let drawn = species.sample(using: &stream)  // 0, 1 or 2
      // end of example
      #expect((0...2).contains(drawn))
    }
    do {
      // example
      let arrivals = try Poisson(mean: 3.5)
      let quiet = exp(arrivals.logDensity(at: 0))
      // end of example
      #expect(abs(quiet - exp(-3.5)) < 1e-14)
    }
  }

  @Test func continuousDistributions() throws {
    do {
      // example
      let share = try Beta(alpha: 2, beta: 5)
      let density = exp(share.logDensity(at: 0.25))
      // end of example
      #expect(abs(density - 30 * 0.25 * pow(0.75, 4.0)) < 1e-12)
    }
    do {
      // example
      let waiting = try Gamma(shape: 3, scale: 2)
      let mean = waiting.mean  // 6
      // end of example
      #expect(mean == 6)
    }
    do {
      // example
      let height = try Normal(mean: 170, standardDeviation: 8)
      let divergence = height.klDivergence(to: try Normal(mean: 175, standardDeviation: 8))
      // end of example
      #expect(abs(divergence - 25.0 / 128) < 1e-14)
    }
    do {
      // example
      let position = try DiagonalNormal(mean: [0, 1], standardDeviations: [1, 0.5])
      let atMean = position.logDensity(at: [0, 1])
      // end of example
      #expect(abs(atMean + log(Double.pi)) < 1e-14)
    }
    do {
      // example
      let angle = try Uniform(lower: -Double.pi, upper: Double.pi)
      let entropy = angle.entropy
      // end of example
      #expect(abs(entropy - log(2 * Double.pi)) < 1e-14)
    }
    do {
      // example
      let left = try Normal(mean: -2)
      let right = try Normal(mean: 2)
      let twoPeaks = try Mixture(weights: [0.4, 0.6], components: [left, right])
      let between = twoPeaks.logDensity(at: 0)
      // end of example
      #expect(abs(between - left.logDensity(at: 0)) < 1e-14)
    }
  }

  // example
  struct Exponential: Distribution {
    let mean: Double
    var support: Support { .interval(lower: 0, upper: .infinity) }
    func logDensity(at value: Double) -> Double { value < 0 ? -.infinity : -value / mean - log(mean) }
    func sample(using stream: inout RandomStream) -> Double { -mean * log(Double(stream.nextUniform())) }
    var variance: Double { mean * mean }
    var entropy: Double { 1 + log(mean) }
  }
  // end of example

  @Test func aDistributionOfOnesOwnGoesIntoAMixture() throws {
    let mixture = try Mixture(weights: [0.5, 0.5], components: [Exponential(mean: 1), Exponential(mean: 3)])
    #expect(mixture.mean == 2)
    #expect(abs(mixture.logDensity(at: 0) - log(2.0 / 3)) < 1e-12)
    var stream = RandomStream(seed: 1, purpose: "exponential")
    let total = (0..<10_000).reduce(0.0) { sum, _ in sum + mixture.sample(using: &stream) }
    // Of variance 5 + 1, five standard errors of the mean.
    #expect(abs(total / 10_000 - 2) < 5 * (6.0 / 10_000).squareRoot())
  }

  @Test func streamsAndFunctions() throws {
    do {
      // example
      var random = RandomStream(seed: 7, purpose: "shuffle", chain: 3)
      let order = (0..<10).shuffled(using: &random)
      let normal = random.nextNormal()
      // end of example
      #expect(order.sorted() == Array(0..<10) && normal.isFinite)
    }
    do {
      // example
      let source = NoiseSource(seed: 7, purpose: "a tile's noise")
      var tile = [Float](repeating: 0, count: 2 * 64)
      source.fillNormals(&tile, features: 2, lanes: 64, firstChain: 0, step: 1)
      // end of example
      #expect(!tile.contains(0))
    }
    do {
      // example
      let noise = NoiseSource(seed: 1, purpose: "training noise")
      // end of example
      #expect(noise.purpose.name == "training noise")
    }
    do {
      // example
      let positive = Support.interval(lower: 0, upper: .infinity)
      let isPositive = positive.contains(2.5)
      // end of example
      #expect(isPositive)
    }
    do {
      // example
      let tail = SpecialFunctions.normalLogCumulative(-40)  // -804.6, where Phi itself is 0
      // end of example
      #expect(abs(tail + 804.6) < 0.05)
    }
    do {
      // example
      let area = try SpecialFunctions.integrate(from: 0, to: .infinity) { exp(-$0 * $0) }
      let isAccurate = area.error < 1e-8  // area.value is half the square root of pi
      // end of example
      #expect(isAccurate && abs(area.value - Double.pi.squareRoot() / 2) < 1e-9)
    }
  }

  @Test func commentsAndTestsHaveTheSameExamples() throws {
    let sources = Article.repository.appendingPathComponent("Sources")
    var said: Set<String> = []
    for module in ["Formulas", "Distributions", "DiffusionDSL"] {
      let folder = sources.appendingPathComponent(module)
      let files = FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil)
      while let file = files?.nextObject() as? URL {
        guard file.pathExtension == "swift" else { continue }
        let comments = try String(contentsOf: file, encoding: .utf8).split(separator: "\n")
          .map { $0.drop { $0 == " " } }.filter { $0.hasPrefix("///") }
          .map { $0.dropFirst($0.hasPrefix("/// ") ? 4 : 3) }.joined(separator: "\n")
        said.formUnion(Article.blocks(of: comments, from: "```swift", to: "```"))
      }
    }
    let source = try String(contentsOf: URL(fileURLWithPath: #filePath), encoding: .utf8)
    let run = Set(Article.blocks(of: source, from: "// example", to: "// end of example"))
    #expect(said.count > 15)
    #expect(said.subtracting(run) == [])
    #expect(run.subtracting(said) == [])
  }
}
