import Distributions
import Formulas
import Foundation
import Testing

@testable import DiffusionDSL

/// A small model of each kind, with data to train it on.
struct SmallModel: Sendable, CustomTestStringConvertible {
  var name: String
  var definition: Diffusion
  var testDescription: String { name }

  static let perStep = SmallModel(
    name: "radial basis, a readout for each step, learned schedule",
    definition: Diffusion {
      GaussianKernel(dimensions: 2)
      LearnedSchedule(steps: 12, firstVariance: 1e-2)
      ReverseNetwork {
        RadialBasis(units: 5)
        Readout(.perStep)
      }
    })

  static let bumps = SmallModel(
    name: "dense, bumps, learned last step",
    definition: Diffusion {
      GaussianKernel(dimensions: 3)
      Cosine(steps: 9)
      ReverseNetwork(mean: .forwardMean, variance: .forward, lastStep: .learned()) {
        Dense(7, activation: .tanh)
        Readout(.bumps(4))
      }
    })

  static let shared = SmallModel(
    name: "residual, a shared readout, everything erased",
    definition: Diffusion {
      GaussianKernel(dimensions: 2)
      ConstantErasure(steps: 10)
      ReverseNetwork(mean: .noise) {
        Dense(6, activation: .silu)
        Residual {
          Dense(6, activation: .tanh)
          Dense(6)
        }
        Readout(.shared)
      }
    })

  static let all = [perStep, bumps, shared]

  /// Rows on a bent line, so that no model is exact.
  func data(_ count: Int = 300, seed: UInt64 = 1) throws -> Dataset {
    try Dataset(complete: rows(count, seed: seed), dimensions: definition.dimensions)
  }

  func rows(_ count: Int, seed: UInt64 = 1) -> [Double] {
    let source = NoiseSource(seed: seed, purpose: "test data")
    return (0..<count).flatMap { row -> [Double] in
      var stream = source.stream(chain: UInt64(row), step: 0)
      let a = Double(stream.nextNormal())
      return (0..<definition.dimensions).map { 3 * a * cos(a + Double($0)) + 0.3 * Double(stream.nextNormal()) + 10 }
    }
  }

  /// Trains in the caller's thread.
  func trainer(
    _ optimiser: any Optimiser = .adam(rate: 1e-2), steps: Int, seed: UInt64 = 5, options: TrainingOptions = .init(),
    data: Dataset? = nil, from state: TrainingState? = nil, cancellation: Cancellation? = nil
  ) throws -> Trainer {
    let data = try data ?? self.data()
    return try Trainer(
      model: DiffusionModel(definition), data: data, optimiser: optimiser, steps: steps, seed: seed, options: options,
      scaling: DataTests.standardising(data), state: state, cancellation: cancellation)
  }

  func trained(
    _ optimiser: any Optimiser = .adam(rate: 1e-2), steps: Int, seed: UInt64 = 5, options: TrainingOptions = .init(),
    data: Dataset? = nil, from state: TrainingState? = nil
  ) throws -> TrainedDiffusion {
    let trainer = try trainer(optimiser, steps: steps, seed: seed, options: options, data: data, from: state)
    try trainer.run(report: { _ in })
    return trainer.result()
  }
}

extension TrainingOptions {
  func with(_ change: (inout TrainingOptions) -> Void) -> TrainingOptions {
    var options = self
    change(&options)
    return options
  }
}

/// Whether two states of training are the same to the last bit.
func isSame(_ left: TrainingState?, _ right: TrainingState?) -> Bool {
  guard let left, let right else { return false }
  func bits(_ state: TrainingState) -> [String: [UInt64]] {
    state.tensors.mapValues { tensor in
      switch tensor.numbers {
      case .floats(let values): values.map { UInt64($0.bitPattern) }
      case .doubles(let values): values.map(\.bitPattern)
      case .integers(let values): values.map { UInt64(bitPattern: $0) }
      }
    }
  }
  return bits(left) == bits(right) && left.step == right.step
    && left.averageClock.bitPattern == right.averageClock.bitPattern
    && left.runningLoss.bitPattern == right.runningLoss.bitPattern
    && left.runningWeight.bitPattern == right.runningWeight.bitPattern
    && left.bestBits?.bitPattern == right.bestBits?.bitPattern
    && left.evaluationsWithoutGain == right.evaluationsWithoutGain
}
