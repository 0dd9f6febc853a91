import ArgumentParser
import DiffusionDSL

/// The reverse networks of pictures to choose from.
public enum PictureNetwork: String, CaseIterable, ExpressibleByArgument, Sendable {
  /// That of Sohl-Dickstein et al. (2015), section 3.2 and appendix D.2: multi-scale convolutions with softplus, layers
  /// for each pixel with tanh, and a readout by bumps over t.
  case paper
  /// The best that was found for the time it takes: its parameters take less than half a megabyte.
  case best

  /// How pictures are noised, and what turns noise into pictures.
  ///
  /// - Parameters:
  ///   - image: their extent.
  ///   - schedule: how steps are spread.
  ///   - steps: T.
  public func definition(image: ImageShape, schedule: PictureSchedule, steps: Int) -> Diffusion {
    let reverse = image.channels == 1 ? gray : colour
    switch schedule {
    case .paper:
      return Diffusion {
        GaussianKernel(image: image)
        ConstantErasure(steps: steps)
        reverse
      }
    case .fine:
      return Diffusion {
        GaussianKernel(image: image)
        SignalToNoise(steps: steps, firstVariance: 1e-5)
        reverse
      }
    }
  }

  /// Of colour photographs the paper's network has dense layers over the whole picture beside the convolutions (figure
  /// D.1).
  private var colour: ReverseNetwork {
    guard self == .paper else { return gray }
    return ReverseNetwork(mean: .interpolated) {
      Parallel {
        Chain {
          for _ in 0..<4 { MultiScaleConvolution(channels: 20, kernel: 3, scales: 3, activation: .softplus) }
        }
        Chain {
          for _ in 0..<2 { Dense(100, activation: .tanh) }
          DensePerPixel(2)
        }
      }
      for _ in 0..<2 { PerPixel(20, activation: .tanh) }
      Readout(.bumps(10))
    }
  }

  private var gray: ReverseNetwork {
    switch self {
    case .paper:
      ReverseNetwork(mean: .interpolated) {
        for _ in 0..<4 { MultiScaleConvolution(channels: 20, kernel: 3, scales: 3, activation: .softplus) }
        for _ in 0..<2 { PerPixel(20, activation: .tanh) }
        Readout(.bumps(10))
      }
    case .best:
      ReverseNetwork(mean: .velocity) {
        Convolution(channels: 32, activation: .silu, bias: PictureNetwork.bias)
        for _ in 0..<4 {
          Residual {
            MultiScaleConvolution(
              channels: 32, kernel: 3, scales: 3, activation: .silu, bias: PictureNetwork.bias)
            // What is added to the image may have either sign, which silu alone does not give.
            PerPixel(32, bias: PictureNetwork.bias)
          }
        }
        PerPixel(32, activation: .silu, bias: PictureNetwork.bias)
        Readout(.bumps(10, spacing: .signalToNoise))
      }
    }
  }

  /// What lets every layer know how much noise there is.
  private static let bias = Bias.bumps(10, spacing: .signalToNoise)
}
