import Foundation
import Testing

@testable import DiffusionDSL

/// Samples and trajectories of models whose marginals are known at every step.
@Suite struct SamplingTests {
  /// A reverse chain over two coordinates that mix: x_{t-1} = M x_t + b_t + noise, so every marginal is a normal with
  /// a correlation.
  enum Chain {
    static let matrix = [[0.85, 0.25], [-0.1, 0.75]]
    static let offset = [0.4, -0.3]
    static let schedule = Cosine(steps: 6)

    static func definition(_ lastStep: LastStep) -> Diffusion {
      Diffusion {
        GaussianKernel(dimensions: 2)
        schedule
        ReverseFunction(dimensions: 2, lastStep: lastStep) { x, step in
          let mixed = affine(Formula(matrix.flatMap { $0 }, shape: [2, 2]), x)
          return GaussianStep(
            mean: mixed + Formula(offset) * step.beta, variance: concatenate([step.beta, step.beta * 0.5]))
        }
      }
    }

    /// Mean and covariance of x_T ... x_0.
    static func marginals(_ lastStep: LastStep) -> [(mean: [Double], covariance: [[Double]])] {
      let betas = schedule.betas
      var (mean, covariance) = ([0.0, 0], [[1.0, 0], [0, 1]])
      var slices = [(mean, covariance)]
      for t in stride(from: betas.count, through: 1, by: -1) {
        let beta = betas[t - 1]
        var (a, b, c) = (matrix, offset.map { $0 * beta }, [beta, beta / 2])
        if t == 1, case .paper = lastStep {
          let keep = (1 - beta).squareRoot()
          (a, b, c) = ([[keep, 0], [0, keep]], [0, 0], [beta, beta])
        }
        let (m, v) = (mean, covariance)
        for i in 0..<2 {
          mean[i] = a[i][0] * m[0] + a[i][1] * m[1] + b[i]
          for j in 0..<2 {
            var sum = i == j ? c[i] : 0
            for k in 0..<2 { for l in 0..<2 { sum += a[i][k] * v[k][l] * a[j][l] } }
            covariance[i][j] = sum
          }
        }
        slices.append((mean, covariance))
      }
      return slices
    }
  }

  /// Mean, variance and correlation, and each coordinate's distribution.
  ///
  /// - Parameter calls: how many of these comparisons a test joins.
  static func compare(
    _ rows: Rows, _ mean: [Double], _ covariance: [[Double]], _ comment: String, calls: Int,
    sourceLocation: Testing.SourceLocation = #_sourceLocation
  ) {
    let n = Double(rows.count)
    let comparisons = calls * (3 * rows.dimensions + 1)
    let errors = standardErrors(comparisons: comparisons)
    var (found, spread) = ([Double](), [Double]())
    for column in 0..<rows.dimensions {
      let values = rows.column(column)
      let average = values.reduce(0, +) / n
      let variance = values.reduce(0) { $0 + ($1 - average) * ($1 - average) } / (n - 1)
      found.append(average)
      spread.append(variance)
      let right = covariance[column][column]
      #expect(
        abs(average - mean[column]) < errors * (right / n).squareRoot(), "\(comment): mean of column \(column)",
        sourceLocation: sourceLocation)
      #expect(
        abs(variance / right - 1) < errors * (2 / n).squareRoot(), "\(comment): variance of column \(column)",
        sourceLocation: sourceLocation)
      let distance = kolmogorovStatistic(values) {
        erfc(-($0 - mean[column]) / (2 * right).squareRoot()) / 2
      }
      #expect(
        distance < kolmogorovLimit(comparisons: comparisons), "\(comment): distribution of column \(column)",
        sourceLocation: sourceLocation)
    }
    guard rows.dimensions == 2 else { return }
    let together =
      zip(rows.column(0), rows.column(1)).reduce(0.0) { $0 + ($1.0 - found[0]) * ($1.1 - found[1]) } / (n - 1)
    let correlation = together / (spread[0] * spread[1]).squareRoot()
    let right = covariance[0][1] / (covariance[0][0] * covariance[1][1]).squareRoot()
    #expect(
      abs(correlation - right) < errors * (1 - right * right) / n.squareRoot(), "\(comment): correlation",
      sourceLocation: sourceLocation)
  }

  @Test(arguments: LastStep.both) func samplesHaveTheModelsMarginal(_ lastStep: LastStep) throws {
    let trained = try TrainedDiffusion(Chain.definition(lastStep))
    let (mean, covariance) = try #require(Chain.marginals(lastStep).last)
    for precision in [Precision.single, .double] {
      let rows = try trained.sample(40_000, seed: 3, options: ComputeOptions(precision: precision))
      Self.compare(rows, mean, covariance, "\(precision)", calls: 4)
    }
  }

  /// With the exact reverse steps and nothing of x_0 left in x_T, samples have the data's own distribution.
  @Test(arguments: [(0.7, 0.3), (-1.5, 2.0)]) func exactReverseStepsGiveTheDataBack(_ m: Double, _ s: Double) throws {
    let trained = try GaussianBoundTests.model(ConstantErasure(steps: 12), m: m, s: s, .learned())
    Self.compare(try trained.sample(40_000, seed: 8), [m], [[s * s]], "N(\(m), \(s)^2)", calls: 2)
  }

  @Test(arguments: LastStep.both) func everySliceOfAReverseTrajectoryHasItsMarginal(_ lastStep: LastStep) throws {
    let trained = try TrainedDiffusion(Chain.definition(lastStep))
    let slices = Array(try trained.reverseTrajectory(count: 20_000, seed: 4))
    let marginals = Chain.marginals(lastStep)
    #expect(slices.map(\.step) == [6, 5, 4, 3, 2, 1, 0])
    for (slice, (mean, covariance)) in zip(slices, marginals) {
      Self.compare(slice.states, mean, covariance, "t = \(slice.step)", calls: 14)
    }
  }

  @Test(arguments: LastStep.both) func aReverseTrajectoryEndsInTheSample(_ lastStep: LastStep) throws {
    let function = try TrainedDiffusion(
      Chain.definition(lastStep), scaling: Scaling(mean: [1_000, -3], scale: [0.01, 7]))
    for count in [1, 5, 300] {
      for precision in [Precision.single, .double] {
        let options = ComputeOptions(precision: precision)
        let trajectory = try function.reverseTrajectory(count: count, seed: 12, firstChain: 40, options: options)
        let end = try #require(Array(trajectory).last)
        #expect(end.step == 0)
        #expect(end.states == (try function.sample(count, seed: 12, firstChain: 40, options: options)))
        #expect(end.drift.isEmpty)
      }
    }
  }

  /// Drift is f_mu - x, in the data's units.
  @Test(arguments: LastStep.both) func driftIsTheMeansShift(_ lastStep: LastStep) throws {
    let scaling = Scaling(mean: [5, -3], scale: [0.5, 7])
    let trained = try TrainedDiffusion(Chain.definition(lastStep), scaling: scaling)
    let betas = trained.betas
    for slice in try trained.reverseTrajectory(count: 200, seed: 1, options: ComputeOptions(precision: .double))
    where slice.step > 0 {
      #expect(slice.drift.count == 200)
      for (state, drift) in zip(slice.states, slice.drift) {
        let x = (0..<2).map { (state[$0] - scaling.mean[$0]) / scaling.scale[$0] }
        for column in 0..<2 {
          var mean = Chain.matrix[column][0] * x[0] + Chain.matrix[column][1] * x[1]
          mean += Chain.offset[column] * betas[slice.step - 1]
          if slice.step == 1, case .paper = lastStep { mean = (1 - betas[0]).squareRoot() * x[column] }
          #expect(abs(drift[column] - (mean - x[column]) * scaling.scale[column]) < 1e-10 * scaling.scale[column])
        }
      }
    }
  }

  @Test func everySliceOfAForwardTrajectoryHasItsMarginal() throws {
    let (m, s) = ([0.7, -1.5], [0.3, 2])
    let trained = try TrainedDiffusion(Chain.definition(.paper), scaling: Scaling(mean: [3, 0], scale: [2, 0.1]))
    let data = try normalRows(20_000, means: [3 + 2 * m[0], 0.1 * m[1]], deviations: [2 * s[0], 0.1 * s[1]], seed: 2)
    let oracles = (0..<2).map { GaussianOracle(betas: trained.betas, m: m[$0], s: s[$0]) }
    let slices = Array(try trained.forwardTrajectory(of: data, seed: 6))
    #expect(slices.map(\.step) == Array(0...6))
    for row in 0..<100 {
      for column in 0..<2 { #expect(abs(slices[0].states[row][column] - data[row][column]) < 1e-12) }
    }
    for slice in slices {
      #expect(slice.drift.isEmpty)
      let t = slice.step
      let scale = trained.scaling.scale
      let mean = (0..<2).map { oracles[$0].alphaBars[t].squareRoot() * m[$0] * scale[$0] + trained.scaling.mean[$0] }
      let spread = (0..<2).map { oracles[$0].spread(t) * scale[$0] * scale[$0] }
      Self.compare(slice.states, mean, [[spread[0], 0], [0, spread[1]]], "t = \(t)", calls: 7)
    }
  }

  /// Between slices, too: x_t keeps sqrt(1 - beta_t) of x_{t-1}.
  @Test func forwardSlicesFollowOneAnother() throws {
    let trained = try TrainedDiffusion(Chain.definition(.paper))
    let data = try normalRows(20_000, means: [1, 0], deviations: [1, 0.5], seed: 2)
    let slices = Array(try trained.forwardTrajectory(of: data, seed: 6))
    for (before, after) in zip(slices, slices.dropFirst()) {
      let beta = trained.betas[after.step - 1]
      let fresh = zip(before.states.flat, after.states.flat).map {
        ($1 - (1 - beta).squareRoot() * $0) / beta.squareRoot()
      }
      Self.compare(
        Rows(flat: fresh, dimensions: 2), [0, 0], [[1, 0], [0, 1]], "noise of step \(after.step)", calls: 6)
    }
  }

  /// Data far from 0 and narrow: samples come back in its units, and bits too.
  @Test func standardisationIsUndone() async throws {
    let data = try normalRows(2_000, means: [1_000, -0.5], deviations: [0.01, 30], seed: 7)
    let definition = Diffusion {
      GaussianKernel(dimensions: 2)
      Cosine(steps: 8)
      ReverseNetwork { Readout(.perStep) }
    }
    let trained = try await definition.fit(
      to: data, using: .adam(rate: .cosine(2e-2)), steps: 500, seed: 1, options: TrainingOptions(batchSize: 256))
    let scaling = trained.scaling
    for column in 0..<2 {
      let values = (0..<data.count).map { data[$0][column] }
      let mean = values.reduce(0, +) / 2_000
      let deviation = (values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 2_000).squareRoot()
      #expect(abs(scaling.mean[column] - mean) < 1e-9 * abs(mean))
      #expect(abs(scaling.scale[column] / deviation - 1) < 1e-8)
    }

    // The same parameters, on rows that were scaled by hand.
    let scaled = TrainedDiffusion(
      model: trained.model, parameters: trained.parameters, scaling: .identity(2), state: nil)
    let byHand = try Dataset(
      (0..<data.count).map { row in (0..<2).map { (data[row][$0] - scaling.mean[$0]) / scaling.scale[$0] } })
    let (own, hand) = (try trained.lowerBound(on: data, seed: 2), try scaled.lowerBound(on: byHand, seed: 2))
    let volume = scaling.scale.reduce(0) { $0 + log2($1) }
    #expect(abs(own.bits - (hand.bits - volume)) < 1e-5)
    #expect(abs(own.nullBits - (hand.nullBits - volume)) < 1e-5)
    #expect(abs(own.overNull - hand.overNull) < 1e-5)
    for (mine, other) in zip(own.rowBits, hand.rowBits) { #expect(abs(mine - (other - volume)) < 1e-4) }
    // Scaled data are near N(0, I), for which the bound of every schedule is the negative entropy.
    let expected = -log2(2 * Double.pi * M_E) - volume
    #expect(abs(own.bits - expected) < 5 * own.standardError + 0.05, "\(own.bits) bits where \(expected) is near")

    let (mine, other) = (try trained.sample(300, seed: 5), try scaled.sample(300, seed: 5))
    for (row, plain) in zip(mine, other) {
      for column in 0..<2 {
        #expect(
          abs(row[column] - (plain[column] * scaling.scale[column] + scaling.mean[column]))
            <= 1e-12 * max(1, abs(row[column])))
      }
    }
    #expect(mine.column(0).allSatisfy { abs($0 - 1_000) < 0.1 })
  }
}
