import ArgumentParser
import DiffusionDSL

/// The models that the example can train.
enum Network: String, CaseIterable, ExpressibleByArgument, Sendable {
  case paper, best, deep

  /// Whether p(x_0 | x_1) is learned, which has no ceiling but the data's own -H.
  var learnsLastStep: Bool { self == .deep }

  /// beta_1 unless told otherwise.
  ///
  /// Without noise the bound rises as beta_1 falls, and what the paper reports takes about 1.4e-5.
  func usualFirstVariance(noise: Double) -> Double {
    if noise == 0 { return 1e-5 }
    return 1e-3
  }

  /// - Parameters:
  ///   - firstVariance: beta_1.
  ///   - floor: The least variance of a learned last step.
  func definition(firstVariance: Double, floor: Double) -> Diffusion {
    switch self {
    case .paper:
      // Sohl-Dickstein et al. 2015, appendix D.1.1.
      Diffusion {
        GaussianKernel(dimensions: 2)
        LearnedSchedule(steps: 40, firstVariance: firstVariance)
        ReverseNetwork(mean: .forwardMean) {
          RadialBasis(units: 16)
          Readout(.perStep)
        }
      }
    case .best:
      Diffusion {
        GaussianKernel(dimensions: 2)
        LearnedSchedule(steps: 40, firstVariance: firstVariance)
        ReverseNetwork(mean: .forwardMean) {
          Dense(64, activation: .silu)
          for _ in 0..<2 {
            Residual {
              Dense(64, activation: .silu)
              Dense(64)
            }
          }
          Readout(.perStep)
        }
      }
    case .deep:
      Diffusion {
        GaussianKernel(dimensions: 2)
        // The noise's prediction is divided by sqrt(abar_t), so a little of the signal is left to the end.
        Geometric(steps: 1_000, firstVariance: firstVariance, lastVariance: 0.998)
        ReverseNetwork(mean: .noise, lastStep: .learned(floor: floor)) {
          Dense(64, activation: .silu)
          for _ in 0..<2 {
            Residual {
              Dense(64, activation: .silu)
              Dense(64)
            }
          }
          Readout(.bumps(20))
        }
      }
    }
  }

  var recipe: Recipe {
    switch self {
    case .paper: Recipe(steps: 80_000, rate: 2e-2, scoredRows: 100_000, evaluateEvery: 2_000)
    case .best: Recipe(steps: 60_000, rate: 3e-3, scoredRows: 100_000, evaluateEvery: 2_000)
    case .deep: Recipe(steps: 300_000, rate: 3e-3, scoredRows: 100_000, evaluateEvery: 20_000)
    }
  }
}

/// How a model is trained and scored.
struct Recipe: Equatable, Sendable {
  /// Training steps, each with `batchSize` rows.
  var steps: Int
  /// The learning rate that training starts from.
  var rate: Double
  var batchSize = 1_024
  /// Rows to train on: far more than a small network can overfit.
  var trainingRows = 500_000
  /// Rows that training never saw, for the bound that is reported.
  var scoredRows: Int
  /// Other such rows, for the training curve.
  var watchedRows = 4_096
  /// Training steps between two points of the curve's held-out line.
  var evaluateEvery: Int

  /// A small fraction of the work.
  var quick: Recipe {
    var quick = self
    quick.steps = max(1, steps / 50)
    quick.trainingRows = 20_000
    quick.scoredRows = 2_000
    quick.watchedRows = 512
    quick.evaluateEvery = max(1, evaluateEvery / 10)
    return quick
  }
}
