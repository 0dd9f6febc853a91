import Foundation
import Testing

@testable import DiffusionDSL

/// The floor of a learned last step's variance, for networks and for reverse functions by hand.
///
/// With a variance that no network predicts, E log p(x_0 | x_1) = -S / 2v - (D/2) log 2 pi v, and S does not depend on
/// the floor: so one bound without a floor says what the one with it must be.
@Suite struct LastStepFloorTests {
  static let betas = [0.01, 0.1, 0.4, 0.9]

  static func network(_ lastStep: LastStep) -> Diffusion {
    Diffusion {
      GaussianKernel(dimensions: 2)
      Fixed(betas)
      ReverseNetwork(mean: .forwardMean, variance: .forward, lastStep: lastStep) {
        Dense(3, activation: .tanh)
        Readout(.perStep)
      }
    }
  }

  static func function(_ lastStep: LastStep) -> Diffusion {
    Diffusion {
      GaussianKernel(dimensions: 2)
      Fixed(betas)
      ReverseFunction(dimensions: 2, lastStep: lastStep) { x, step in
        GaussianStep(mean: 0.9 * x + 0.1, variance: step.beta)
      }
    }
  }

  @Test(arguments: [network, function]) func theVarianceIsAtLeastTheFloor(
    _ definition: @Sendable (LastStep) -> Diffusion
  ) throws {
    let data = try normalRows(500, means: [0.3, -0.2], deviations: [1, 0.5], seed: 3)
    let free = try DiffusionModel(definition(.learned()))
    let parameters = free.initialParameters(seed: 4, data: data, scaling: .identity(2))
    func bound(_ lastStep: LastStep) throws -> LowerBound {
      let model = try DiffusionModel(definition(lastStep))
      return try TrainedDiffusion(model: model, parameters: parameters, scaling: .identity(2), state: nil)
        .lowerBound(on: data, seed: 5, options: ComputeOptions(precision: .double))
    }
    func last(_ bound: LowerBound) throws -> Double {
      try #require(bound.terms.first { $0.kind == .lastStep }).nats
    }
    let without = try bound(.learned())
    let variance = Self.betas[0]
    let squares = -(try last(without) + log(2 * Double.pi * variance)) * 2 * variance
    for floor in [1e-6, 0.0099, 0.04, 0.5] {
      let with = try bound(.learned(floor: floor))
      let floored = max(variance, floor)
      let expected = -squares / (2 * floored) - log(2 * Double.pi * floored)
      let found = try last(with)
      #expect(abs(found - expected) < 1e-9 * max(1, abs(expected)), "floor \(floor): \(found), \(expected) is right")
      // The other steps have variances below some of these floors, which do not concern them.
      for (one, other) in zip(with.terms, without.terms) where one.kind != .lastStep {
        #expect(one.nats == other.nats)
      }
    }
  }
}
