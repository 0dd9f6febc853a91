import Distributions
import Foundation
import Testing

@testable import DiffusionDSL

/// The reverse function that keeps rows: against sums over x_0 under the density that these rows stand for.
@Suite struct KernelRegressionTests {
  static let betas = [0.1, 0.2, 0.3, 0.5, 1]
  static let rows: [[Double]] = [
    [0, 1, 2, -0.7], [1, 1, 0, 0.4], [1, 0, 1, 1.3], [0, 0, 2, 0.1], [1, 1, 1, -1.5], [0, 1, 0, 0.9], [1, 1, 2, 0.2],
  ]
  static let means = [0.3, 0.6]
  static let shares = [0.2, 0.3, 0.5]
  static let (bandwidth, replacement) = (0.4, 0.1)

  static func definition(_ lastStep: LastStep = .learned()) -> Diffusion {
    Diffusion {
      ProductKernel {
        BinomialKernel(means: means)
        CategoricalKernel(shares: shares)
        GaussianKernel(dimensions: 1)
      }
      Fixed(betas)
      KernelRegression(bandwidth: bandwidth, replacement: replacement, lastStep: lastStep)
    }
  }

  /// The model as training begins.
  static func untrained(_ definition: Diffusion, _ data: Dataset) throws -> TrainedDiffusion {
    let model = try DiffusionModel(definition.adapted(to: data))
    let scaling = Scaling(definition.kernel)
    return TrainedDiffusion(
      model: model, parameters: model.initialParameters(seed: 1, data: data, scaling: scaling), scaling: scaling,
      state: nil)
  }

  /// E x_{t-1} of each feature, and the variance of the number, given x_t, by sums over x_0.
  private func moments(_ x: [Double], _ t: Int) -> (means: [Double], variance: Double) {
    func left(_ t: Int) -> Double { Self.betas[0..<t].reduce(1.0) { $0 * (1 - $1) } }
    func kept(_ pi: [Double], _ left: Double, _ i: Int, _ j: Int) -> Double {
      (i == j ? left : 0) + (1 - left) * pi[j]
    }
    func normal(_ x: Double, _ mean: Double, _ variance: Double) -> Double {
      exp(-(x - mean) * (x - mean) / (2 * variance)) / (2 * Double.pi * variance).squareRoot()
    }
    let (a, before, beta) = (left(t), left(t - 1), Self.betas[t - 1])
    let now = [Int(x[0]), Int(x[1]), (0..<3).first { x[2 + $0] == 1 } ?? 0]
    let pis = Self.means.map { [1 - $0, $0] } + [Self.shares]
    var (total, sums, square) = (0.0, Array(repeating: 0.0, count: 6), 0.0)
    for row in Self.rows {
      for code in 0..<12 {
        let data = [code & 1, code >> 1 & 1, code / 4]
        var weight = 1.0
        for part in 0..<3 {
          weight *= kept(pis[part], 1 - Self.replacement, Int(row[part]), data[part])
          weight *= kept(pis[part], a, data[part], now[part])
        }
        let h = 0.02
        for place in -300...300 {
          let number = Double(place) * h
          let own = weight * normal(number, row[3], Self.bandwidth * Self.bandwidth)
          let joint = own * normal(x[5], a.squareRoot() * number, 1 - a)
          total += joint
          for part in 0..<3 {
            for j in pis[part].indices {
              let chance =
                kept(pis[part], before, data[part], j) * kept(pis[part], 1 - beta, j, now[part])
                / kept(pis[part], a, data[part], now[part])
              if part == 2 { sums[2 + j] += joint * chance } else if j == 1 { sums[part] += joint * chance }
            }
          }
          let noise = 1 - a
          let mean =
            before.squareRoot() * beta / noise * number + (1 - beta).squareRoot() * (1 - before) / noise * x[5]
          sums[5] += joint * mean
          square += joint * (mean * mean + beta * (1 - before) / noise)
        }
      }
    }
    let means = sums.map { $0 / total }
    return (means, square / total - means[5] * means[5])
  }

  @Test func itsStepsAreTheBestFactorisedOnes() throws {
    let trained = try Self.untrained(Self.definition(), Dataset(Self.rows))
    let model = trained.model
    let reverse = model.reverse(of: model.stateInput)
    guard let normal = reverse[2].normalStates else { throw DataError.empty }
    let states: [[Double]] = [
      [0, 0, 1, 0, 0, -1.1], [1, 0, 0, 1, 0, 0.3], [1, 1, 0, 0, 1, 2.2], [0, 1, 0, 0, 1, -0.4],
    ]
    let probe = try ModelProbe(
      trained, [concatenate(reverse.map(\.mean)), normal.variance], rows: states.count)
    for t in 1...Self.betas.count {
      let means = probe.values(0, width: 6, step: t, [DiffusionModel.state: states])
      let variances = probe.values(1, step: t, [DiffusionModel.state: states])
      for (index, state) in states.enumerated() {
        let expected = moments(state, t)
        for feature in 0..<6 {
          // Bandwidth and chance are kept as Floats.
          #expect(
            abs(means[index][feature] - expected.means[feature]) < 1e-6, "t = \(t), state \(index), feature \(feature)")
        }
        #expect(abs(variances[index][0] - expected.variance) < 1e-6, "t = \(t), state \(index)")
      }
    }
  }

  /// Two clusters: the bandwidth that training finds is neither 0 nor that of one cluster, the rows stay as they were,
  /// and new rows are scored nearly as well as by the true density.
  @Test func trainingFindsABandwidth() async throws {
    func rows(_ count: Int, seed: UInt64) -> [[Double]] {
      let source = NoiseSource(seed: seed, purpose: "clusters")
      return (0..<count).map { row in
        var stream = source.stream(chain: UInt64(row), step: 0)
        let side = row % 2 == 0 ? -2.0 : 2
        return [side + 0.5 * Double(stream.nextNormal()), row % 2 == 0 ? 1 : 0]
      }
    }
    let definition = Diffusion {
      ProductKernel {
        Continuous("place", mean: 0, scale: 1)
        Binary("side", mean: .given(0.5))
      }
      Geometric(steps: 100, firstVariance: 1e-3)
      KernelRegression(rows: 200, bandwidth: 1, lastStep: .learned())
    }
    let data = try Dataset(rows(300, seed: 1))
    let trained = try await definition.fit(
      to: data, using: .adam(rate: .cosine(2e-2, final: 0.05)), steps: 1_500, seed: 2,
      options: .init(batchSize: 256))
    let bandwidth = exp(trained.parameter("regression.1.logBandwidth")?[0] ?? .nan)
    #expect(bandwidth > 0.05 && bandwidth < 0.5, "\(bandwidth)")
    let start = try DiffusionModel(trained.definition)
    let kept = start.initialParameters(seed: 2, data: data, scaling: trained.scaling)
    let places = try #require(start.layout["regression.1.rows"])
    #expect(trained.parameter("regression.1.rows") == Array(kept[places.offset..<places.offset + 200]))
    // -H of the truth: a side is one bit.
    let best = -log2(2 * Double.pi * M_E * 0.25) / 2 - 1
    let bound = try trained.lowerBound(on: Dataset(rows(4_000, seed: 9)))
    #expect(bound.bits < best + 5 * bound.standardError)
    #expect(bound.bits > best - 0.12, "\(bound.bits) of \(best)")
    let samples = try trained.sample(2_000, seed: 1)
    let fits = samples.count { ($0[0] < 0) == ($0[1] == 1) }
    #expect(fits > 1_960)
  }

  @Test func faultsAreReported() throws {
    let definition = Diffusion {
      GaussianKernel(dimensions: 1)
      ConstantErasure(steps: 4)
      KernelRegression(rows: 1, bandwidth: -1, replacement: 1)
    }
    #expect(throws: DefinitionError.self) { try definition.adapted(to: Dataset([[1.0], [2.0]])) }
    do {
      _ = try DiffusionModel(definition)
    } catch {
      #expect(
        error.faults.map(\.message) == [
          "KernelRegression keeps 1 rows; give from 2 to 100000", "the bandwidth is -1.0; give a positive number",
          "the replacement is 1.0; give a chance between 0 and 1",
        ])
    }
    let few = Diffusion {
      GaussianKernel(dimensions: 1)
      ConstantErasure(steps: 4)
      KernelRegression(rows: 5)
    }
    #expect(throws: DataError.tooFewCompleteRows(needed: 5, found: 3)) {
      try few.adapted(to: Dataset([[1.0], [nil], [2], [3]]))
    }
    #expect(throws: DefinitionError.self) {
      try TrainedDiffusion(
        Diffusion {
          GaussianKernel(dimensions: 1)
          ConstantErasure(steps: 4)
          KernelRegression()
        })
    }
  }
}
