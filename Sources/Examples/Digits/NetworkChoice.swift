import ArgumentParser
import DiffusionDSL

/// The reverse networks to choose from.
enum NetworkChoice: String, CaseIterable, ExpressibleByArgument, Sendable {
  /// Dense layers over the whole picture, as the paper has for MNIST (appendix D.2), beside each pixel's neighbourhood.
  case dense
  /// The paper's multi-scale convolutions.
  case convolution
  /// Dense layers for the whole of a picture, whose result goes through convolutions with it: the best that was found.
  case both
  /// The same at a size that is small enough for a file of the repository.
  case small

  /// How pictures are noised, and what turns noise into pictures.
  ///
  /// - Parameters:
  ///   - steps: T.
  ///   - firstVariance: beta_1, in units of the pictures' variance.
  func definition(steps: Int, firstVariance: Double) -> Diffusion {
    let schedule = SignalToNoise(steps: steps, firstVariance: firstVariance)
    switch self {
    case .dense:
      return Diffusion {
        GaussianKernel(image: UnitPixels.shape)
        schedule
        ReverseNetwork(mean: .velocity) {
          Parallel {
            Chain {
              for _ in 0..<4 { Dense(500, activation: .silu) }
              DensePerPixel(8)
            }
            Convolution(channels: 8)
          }
          PerPixel(20, activation: .silu)
          Readout(.bumps(10, spacing: .signalToNoise))
        }
      }
    case .convolution:
      return Diffusion {
        GaussianKernel(image: UnitPixels.shape)
        schedule
        ReverseNetwork(mean: .velocity) {
          for _ in 0..<4 { MultiScaleConvolution(channels: 20, kernel: 3, scales: 4, activation: .silu) }
          PerPixel(20, activation: .silu)
          Readout(.bumps(10, spacing: .signalToNoise))
        }
      }
    case .both, .small:
      let isSmall = self == .small
      let (units, layers, planes) = isSmall ? (48, 2, 1) : (640, 3, 4)
      return Diffusion {
        GaussianKernel(image: UnitPixels.shape)
        schedule
        ReverseNetwork(mean: .velocity) {
          Parallel {
            Chain {
              for _ in 0..<layers { Dense(units, activation: .silu) }
              DensePerPixel(planes)
            }
            Convolution(channels: isSmall ? 15 : 16, activation: .silu)
          }
          for _ in 0..<(isSmall ? 3 : 2) {
            MultiScaleConvolution(channels: isSmall ? 16 : 20, kernel: 3, scales: 4, activation: .silu)
          }
          PerPixel(20, activation: .silu)
          Readout(.bumps(10, spacing: .signalToNoise))
        }
      }
    }
  }
}
