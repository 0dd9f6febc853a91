import Foundation
import Testing

@testable import DiffusionDSL

/// Gaussian mixtures with the moments of their true reverse steps, written as a formula of x and t.
@Suite struct MixtureBoundTests {
  typealias Case = References.Mixtures.Case

  static let table = Result { try References.read("mixture_reverse.json", as: References.Mixtures.self) }
  static var cases: [Case] { (try? table.get().cases) ?? [] }

  static func model(_ row: Case, _ lastStep: LastStep) throws -> (TrainedDiffusion, GaussianMixture) {
    let mixture = try #require(try table.get().mixtures[row.mixture])
    let trained = try TrainedDiffusion(
      Diffusion {
        GaussianKernel(dimensions: mixture.dimensions)
        Fixed(row.beta)
        mixture.reverseFunction(lastStep: lastStep)
      })
    return (trained, mixture)
  }

  @Test func theTableIsThere() throws {
    let dimensions = try Self.table.get().mixtures.values.map(\.dimensions)
    #expect(Set(dimensions) == [1, 2])
    #expect(Self.cases.count == 4)
  }

  @Test(arguments: cases) func reverseMomentsMatchPointByPoint(_ row: Case) throws {
    let (trained, mixture) = try Self.model(row, .learned())
    let d = mixture.dimensions
    let reverse = try #require(trained.model.normalReverse)
    for (precision, tolerance) in [(Precision.double, 1e-10), (.single, 2e-5)] {
      let probe = try ModelProbe(
        trained, [reverse.mean, exp(reverse.logVariance)], rows: 1, precision: precision)
      for moment in row.moments {
        let inputs = [DiffusionModel.state: [moment.x]]
        let mean = probe.values(0, width: d, step: moment.t, inputs)[0]
        let variance = probe.values(1, width: d, step: moment.t, inputs)[0]
        for column in 0..<d {
          #expect(abs(mean[column] - moment.mean[column]) < tolerance, "\(precision), t = \(moment.t)")
          #expect(
            abs(variance[column] / moment.variance[column] - 1) < 10 * tolerance, "\(precision), t = \(moment.t)")
        }
      }
    }
  }

  /// On a line the expectation is a sum over points: no draw enters.
  @Test(arguments: cases.filter { $0.moments.first?.x.count == 1 })
  func theBoundIsTheReferences(_ row: Case) throws {
    for lastStep in LastStep.both {
      let (trained, mixture) = try Self.model(row, lastStep)
      let expected = if case .learned = lastStep { row.bound.learned } else { row.bound.fixed }
      let rule = NormalRule(spacing: 0.25)
      let found = try trained.boundByQuadrature(mixture.points(rule), noise: rule)
      #expect(abs(found - expected) < 1e-7, "\(lastStep): \(found) where \(expected) is right")
    }
  }

  @Test(arguments: cases) func theEstimateIsWithinItsStandardError(_ row: Case) throws {
    for (index, lastStep) in LastStep.both.enumerated() {
      let (trained, mixture) = try Self.model(row, lastStep)
      let expected = if case .learned = lastStep { row.bound.learned } else { row.bound.fixed }
      let data = try mixture.rows(20_000, seed: UInt64(index))
      for precision in [Precision.single, .double] {
        let bound = try trained.lowerBound(on: data, seed: 3, options: ComputeOptions(precision: precision))
        #expect(
          abs(bound.nats - expected) < standardErrors(comparisons: 4 * Self.cases.count) * bound.standardErrorNats,
          "\(lastStep), \(precision)")
        #expect(bound.standardErrorNats < 0.02)
      }
    }
  }
}
