import DiffusionDSL
import Foundation
import Testing

@testable import digits

/// Measures what steps drawn by their losses gain for a model of images, for the article Choosing.md.
///
///     DIFFUSION_CHOOSING=1 DIFFUSION_DATA=... Scripts/test --filter StepSamplingStudy
///
/// It prints K of 300 test digits after trainings of several lengths, with their seconds. That takes
/// minutes, so it runs only when asked for.
@Suite struct StepSamplingStudy {
  private static let isAskedFor =
    ProcessInfo.processInfo.environment["DIFFUSION_CHOOSING"] != nil && DigitsTests.digits != nil

  private static let model = Diffusion {
    GaussianKernel(image: UnitPixels.shape)
    Cosine(steps: 200)
    ReverseNetwork(mean: .velocity) {
      for _ in 0..<2 { MultiScaleConvolution(channels: 16, kernel: 3, scales: 4, activation: .silu) }
      PerPixel(16, activation: .silu)
      Readout(.bumps(10, spacing: .signalToNoise))
    }
  }

  @Test(.enabled(if: isAskedFor, "skipped: it takes minutes; set DIFFUSION_CHOOSING and DIFFUSION_DATA"))
  func table() async throws {
    let digits = try DigitSet.mnist.read(from: DigitsTests.digits)
    let (training, test) = (Dequantised(digits.training), Dequantised(digits.test.images(at: 0..<300)))
    for updates in [500, 1_000] {
      for sampling in StepSampling.allCases {
        for seed: UInt64 in 1...2 {
          let began = ContinuousClock.now
          let trained = try await Self.model.fit(
            to: training, using: .adam(rate: .cosine(2e-3, warmup: 50)), steps: updates, seed: seed,
            options: .init(batchSize: 128, scaling: .whole, averaging: 0.99, clipping: 500, stepSampling: sampling))
          let seconds = Double((ContinuousClock.now - began) / .seconds(1))
          let bound = try trained.lowerBound(on: test, seed: 1)
          print(
            "\(updates) updates, \(sampling.rawValue), seed \(seed):",
            String(format: "K %.4f bits a pixel, %.1f s", bound.scaledBitsPerPixel ?? .nan, seconds))
        }
      }
    }
  }
}
