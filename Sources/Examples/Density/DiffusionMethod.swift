import DiffusionDSL
import Foundation

/// A diffusion model of the table: a composition that serves small tables.
///
/// A few hundred rows are soon learned by heart, so the network is small, the parameters are averaged, and rows that are
/// set aside tell when to stop. A linear path beside the hidden units lets the model begin as good as a Gaussian.
struct DiffusionMethod: DensityMethod {
  let name = "diffusion"

  static func definition(dimensions: Int) -> Diffusion {
    Diffusion {
      GaussianKernel(dimensions: dimensions)
      Geometric(steps: 60, firstVariance: 0.01, lastVariance: 0.999)
      ReverseNetwork(mean: .noise, lastStep: .learned()) {
        Parallel {
          Dense(dimensions)
          Chain {
            Dense(48, activation: .silu)
            Dense(48, activation: .silu)
          }
        }
        Readout(.bumps(8))
      }
    }
  }

  func fit(
    _ training: Rows, columns: [String], options: FitOptions, progress: @escaping @Sendable (String) -> Void
  ) async throws -> any FittedDensity {
    let (kept, aside) = split(training, options)
    let data = try Dataset(flat: kept.values, dimensions: training.dimensions)
    let heldOut = try Dataset(flat: aside.values, dimensions: training.dimensions)
    let steps = options.quick ? 500 : 6_000
    let run = try DiffusionMethod.definition(dimensions: training.dimensions).training(
      on: data, using: .adam(rate: .cosine(3e-3)), steps: steps, seed: options.seed,
      options: TrainingOptions(
        batchSize: 512, averaging: 0.995, clipping: 100, heldOut: heldOut, evaluateEvery: max(50, steps / 40),
        earlyStopping: .init(patience: 10), threads: options.threads))
    for await now in run.progress {
      progress("diffusion: step \(now.step) of \(now.steps)")
    }
    return FittedDiffusion(trained: try await run.value, threads: options.threads)
  }

  /// Rows to train on, and rows that tell when to stop.
  private func split(_ rows: Rows, _ options: FitOptions) -> (Rows, Rows) {
    guard rows.count >= 20 else { return (rows, rows) }
    var stream = generator(seed: options.seed, purpose: 5)
    let order = Array(0..<rows.count).shuffled(using: &stream)
    let aside = min(20_000, max(5, Int(Double(rows.count) * options.validationShare)))
    return (rows.picked(order[aside...]), rows.picked(order[..<aside]))
  }
}

private struct FittedDiffusion: FittedDensity {
  let trained: TrainedDiffusion
  let threads: Int?

  /// The lower bound on log2 p, with noise drawn often enough that its own error is small.
  func log2Density(of rows: Rows) async throws -> [Double] {
    let data = try Dataset(flat: rows.values, dimensions: rows.dimensions)
    let draws = max(1, min(32, 20_000 / max(1, rows.count)))
    return try trained.lowerBound(on: data, seed: 1, draws: draws, options: .init(threads: threads)).rowBits
  }

  func sample(_ count: Int, seed: UInt64) async throws -> Rows {
    Rows(
      values: try trained.sample(count, seed: seed, options: .init(threads: threads)).flat,
      dimensions: trained.dimensions)
  }

  func save(to url: URL) throws -> Bool {
    try trained.save(to: url)
    return true
  }
}
