import DiffusionDSL
import Testing

/// Shapes, parameters and multiply-adds of layers, against counts by hand.
@Suite struct LayerSummaryTests {
  private func lines(_ trained: TrainedDiffusion) -> [String] { trained.layers.map(\.description) }

  @Test func vectors() async throws {
    let trained = try await Diffusion {
      GaussianKernel(dimensions: 3)
      ConstantErasure(steps: 4)
      ReverseNetwork {
        Parallel {
          Dense(5)
          Chain {
            Dense(4)
            Dense(2)
          }
        }
        Readout(.perStep)
      }
    }.fit(to: [[0, 1, 2], [2, 0, 1], [1, 2, 0.5]], steps: 1, seed: 1)
    #expect(
      lines(trained) == [
        "network.1 Parallel [7], 46 parameters, 35 multiply-adds",
        "network.1.1.1 Dense [5], 20 parameters, 15 multiply-adds",
        "network.1.2.1 Chain [2], 26 parameters, 20 multiply-adds",
        "network.1.2.1.1 Dense [4], 16 parameters, 12 multiply-adds",
        "network.1.2.1.2 Dense [2], 10 parameters, 8 multiply-adds",
        // Means and variances of 3 numbers, from 7, with weights of their own at each of 4 steps.
        "readout Readout [6], 192 parameters, 42 multiply-adds",
      ])
    #expect(trained.layers.map(\.depth) == [0, 1, 1, 2, 2, 0])
    #expect(trained.parameterCount == 46 + 192)
    #expect(trained.definition.image == nil)
  }

  /// Pictures of 12 x 10, whose second scale has 6 x 5 pixels and whose third 3 x 3.
  @Test func images() async throws {
    let size = ImageShape(width: 12, height: 10)
    let rows: [[Double]] = (0..<4).map { row in (0..<120).map { Double(($0 * 7 + row * 5) % 11) } }
    let trained = try await Diffusion {
      GaussianKernel(image: size)
      ConstantErasure(steps: 4)
      ReverseNetwork(mean: .velocity) {
        MultiScaleConvolution(channels: 6, kernel: 3, scales: 3)
        PerPixel(8)
        Readout(.bumps(6))
      }
    }.fit(to: rows, steps: 1, seed: 1, options: TrainingOptions(scaling: .whole))
    #expect(
      lines(trained) == [
        // 54 weights a scale at 120 + 30 + 9 pixels; 3 x 54 weights and 6 biases.
        "network.1 MultiScaleConvolution [6, 10, 12], 168 parameters, 8586 multiply-adds",
        "network.2 PerPixel [8, 10, 12], 56 parameters, 5760 multiply-adds",
        // 2 x 8 weights at each of 120 pixels; 6 bumps of 16 weights and 2 biases.
        "readout Readout [240], 108 parameters, 1920 multiply-adds",
      ])
    #expect(trained.definition.image == size)
  }

  @Test func noNetwork() throws {
    let trained = try TrainedDiffusion(
      Diffusion {
        GaussianKernel(dimensions: 2)
        ConstantErasure(steps: 2)
        ReverseFunction(dimensions: 2) { x, step in GaussianStep(mean: x, variance: step.beta) }
      })
    #expect(trained.layers.isEmpty)
  }
}
