import DiffusionDSL
import Foundation
import ProgramSupport

/// A diffusion model of the table: a composition that serves small tables.
///
/// A network overfits a few hundred rows quickly. So it is small, the rows get a little noise, the parameters are
/// averaged, and held-out rows tell when to stop. A linear path beside the hidden units lets the model begin as good as
/// a Gaussian.
struct DiffusionMethod: DensityMethod {
  let name = "diffusion"

  /// The blur's standard deviation as a share of the bandwidth that a kernel density estimate of the rows has.
  private static let blur = 0.5

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
    _ training: RowMatrix, columns: [String], options: FitOptions, progress: @escaping @Sendable (String) -> Void
  ) async throws -> any FittedDensity {
    let (kept, aside) = split(training, options)
    let recipe = FewRowsRecipe(
      updates: options.quick ? 500 : 6_000, batchSize: 512, blurredRows: 20_000, watchedRows: 2_000)
    let blurred = try blurred(
      kept, copies: recipe.copiesToBlur(of: kept.count), whitening: GaussianDensity(training, columns: columns), options
    )
    let data = try Dataset(complete: blurred.values, dimensions: training.dimensions)
    let copies = recipe.copiesToWatch(of: aside.count)
    let watched = try Dataset(
      complete: Array((0..<copies).map { _ in aside.values }.joined()), dimensions: training.dimensions)
    let run = try recipe.training(
      of: DiffusionMethod.definition(dimensions: training.dimensions), on: data, watching: watched,
      seed: options.seed, threads: options.threads)
    for await now in run.progress {
      progress("step \(now.step) of \(now.steps)")
    }
    return FittedDiffusion(trained: try await run.value, threads: options.threads)
  }

  /// Copies of the rows with noise, which smooths what is learned as a penalty on steep functions would (Bishop 1995).
  ///
  /// The noise has the shape of the training rows' covariance, and its size follows the bandwidth that suits the rows
  /// best: small where they are many or lie in clusters.
  private func blurred(
    _ rows: RowMatrix, copies: Int, whitening: GaussianDensity, _ options: FitOptions
  ) throws -> RowMatrix {
    let deviation = try DiffusionMethod.blur * KernelMethod.bandwidth(of: rows, whitening: whitening, mostRows: 1_000)
    var noise = generator(seed: options.seed, purpose: 6)
    var blurred = RowMatrix(values: [], dimensions: rows.dimensions)
    blurred.values.reserveCapacity(copies * rows.values.count)
    for copy in 0..<copies * rows.count {
      if copy.isMultiple(of: 8_192) { try Task.checkCancellation() }
      let white = whitening.whitened(rows[copy % rows.count]).map { $0 + deviation * noise.normal() }
      blurred.values += whitening.unwhitened(white)
    }
    return blurred
  }

  /// Rows to train on, and rows that tell when to stop.
  private func split(_ rows: RowMatrix, _ options: FitOptions) -> (RowMatrix, RowMatrix) {
    // Too few to spare any: the Gaussian's own fit needs more rows than columns.
    guard rows.count >= rows.dimensions + 4 else { return (rows, rows) }
    var stream = generator(seed: options.seed, purpose: 5)
    let order = Array(0..<rows.count).shuffled(using: &stream)
    let aside = min(20_000, max(2, Int(Double(rows.count) * options.validationShare)))
    return (rows.picked(order[aside...]), rows.picked(order[..<aside]))
  }
}

private struct FittedDiffusion: FittedDensity {
  let trained: TrainedDiffusion
  let threads: Int?

  /// The lower bound on log2 p, with noise drawn often enough that its own error is small.
  func log2Density(of rows: RowMatrix) async throws -> [Double] {
    try log2Density(of: rows, first: 0, draws: max(1, min(32, 20_000 / max(1, rows.count))))
  }

  /// - Parameter first: the place of the first row among all that are scored.
  private func log2Density(of rows: RowMatrix, first: Int, draws: Int) throws -> [Double] {
    let data = try Dataset(complete: rows.values, dimensions: rows.dimensions)
    do {
      return try trained.lowerBound(
        on: data, seed: 1, draws: draws, firstChain: UInt64(first), options: .init(threads: threads)
      ).rowBits
    } catch DataError.unscorable {
      return try log2DensityByHalves(of: rows, first: first, draws: draws)
    } catch is DefinitionError {
      return try log2DensityByHalves(of: rows, first: first, draws: draws)
    }
  }

  /// A row beyond the range of Float gives no number, and hides those of the others until it is alone.
  private func log2DensityByHalves(of rows: RowMatrix, first: Int, draws: Int) throws -> [Double] {
    guard rows.count > 1 else { return [-.infinity] }
    let half = rows.count / 2
    return try log2Density(of: rows.picked(0..<half), first: first, draws: draws)
      + log2Density(of: rows.picked(half..<rows.count), first: first + half, draws: draws)
  }

  func sample(_ count: Int, seed: UInt64) async throws -> RowMatrix {
    RowMatrix(
      values: try trained.sample(count, seed: seed, options: .init(threads: threads)).flat,
      dimensions: trained.dimensions)
  }

  func save(to url: URL) throws -> Bool {
    try trained.save(to: url)
    return true
  }
}
