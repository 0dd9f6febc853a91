import DiffusionDSL
import Foundation
import Testing

/// Images whose best model is known: Gaussian textures, whose best reverse steps are convolutions.
@Suite struct TextureTests {
  static let texture = TorusTexture(side: 5, smoothness: 0.8)
  static let schedule = SignalToNoise(steps: 20, firstVariance: 0.02)
  static let size = ImageShape(width: 5, height: 5)

  /// The differences of two bounds of the same rows in bits a pixel: their mean and its standard error.
  private func difference(_ a: LowerBound, _ b: LowerBound) -> (mean: Double, error: Double) {
    let differences = zip(a.rowBits, b.rowBits).map { ($0 - $1) / Double(Self.texture.size) }
    let count = Double(differences.count)
    let mean = differences.reduce(0, +) / count
    let squares = differences.map { ($0 - mean) * ($0 - mean) }
    return (mean, (squares.reduce(0, +) / (count - 1) / count).squareRoot())
  }

  private func exact() throws -> TrainedDiffusion {
    let schedule = Self.schedule
    let reverse = Self.texture.reverseFunction(.paper)
    return try TrainedDiffusion(
      Diffusion {
        GaussianKernel(image: Self.size)
        schedule
        reverse
      })
  }

  @Test func theBestStepsHaveTheBoundOfTheClosedForm() throws {
    let bound = try exact().lowerBound(on: Self.texture.rows(4_000, seed: 3), seed: 1)
    let expected = Self.texture.bound(betas: Self.schedule.betas)
    // The texture is far from white, whose bound this would be.
    let white = TorusTexture(side: 5, smoothness: 0).bound(betas: Self.schedule.betas)
    #expect(expected > white + 0.1)
    let error = bound.standardError / Double(Self.texture.size)
    #expect(abs(bound.bitsPerValue - expected) < 5 * error, "\(bound.bitsPerValue), not \(expected), +- \(error)")
    #expect(error < 0.01)
  }

  /// A kernel of nine pixels sees all of a torus of five from every pixel, with the zeros beside it where the torus closes,
  /// so that a convolution can be any circular one.
  @Test func aLinearConvolutionLearnsThem() async throws {
    let schedule = Self.schedule
    let definition = Diffusion {
      GaussianKernel(image: Self.size)
      schedule
      ReverseNetwork(mean: .data) {
        Convolution(channels: 5, kernel: 9)
        Readout(.perStep)
      }
    }
    let trained = try await definition.fit(
      to: Self.texture.rows(20_000, seed: 1), using: .adam(rate: .cosine(5e-3)), steps: 4_000, seed: 1,
      options: TrainingOptions(batchSize: 256, scaling: .none))
    let rows = Self.texture.rows(4_000, seed: 3)
    let learned = try trained.lowerBound(on: rows, seed: 1)
    let (mean, error) = difference(learned, try exact().lowerBound(on: rows, seed: 1))
    #expect(abs(mean) + 5 * error < 0.01, "\(mean) +- \(error) bits a pixel over the best")
  }
}
