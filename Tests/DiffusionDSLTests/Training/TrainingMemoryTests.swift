import CAllocationProbe
import Testing

@testable import DiffusionDSL

/// A step of training allocates nothing after the first, and needs no more memory for a larger minibatch.
@Suite(
  .enabled(if: allocation_probe_works() == 1, "allocations are counted with the GNU C library, without sanitizers"))
struct TrainingMemoryTests {
  static let optimisers: [any Optimiser] = [
    .adam(rate: 1e-3), .rmsprop(rate: 1e-4, momentum: 0.5), .sgd(rate: .cosine(1e-4, warmup: 5)),
  ]

  /// Convolutions at three scales, and all layers that images have beside them.
  static let images = SmallModel(
    name: "images",
    definition: Diffusion {
      GaussianKernel(image: ImageShape(width: 9, height: 8))
      Cosine(steps: 20)
      ReverseNetwork {
        Parallel {
          MultiScaleConvolution(channels: 16, kernel: 3, scales: 3, activation: .softplus)
          Chain {
            Dense(5, activation: .tanh)
            DensePerPixel(2)
          }
        }
        Convolution(channels: 4, kernel: 5)
        PerPixel(3, activation: .tanh)
        Readout(.bumps(4))
      }
    })

  @Test(arguments: SmallModel.all + [images], 0..<3) func aStepAllocatesNothing(_ model: SmallModel, _ optimiser: Int)
    throws
  {
    func allocations(_ steps: Int) throws -> Int64 {
      let trainer = try model.trainer(
        TrainingMemoryTests.optimisers[optimiser], steps: steps,
        options: TrainingOptions(batchSize: 500, averaging: 0.99, clipping: 0.5, threads: 1))
      allocation_probe_start()
      try trainer.run(report: { _ in })
      return allocation_probe_read().allocations
    }
    // The first training with a type of optimiser makes that type's metadata, once for the process.
    _ = try allocations(1)
    let few = try allocations(10)
    #expect(try allocations(210) == few)
  }

  @Test func memoryDoesNotGrowWithTheMinibatch() throws {
    let model = SmallModel(
      name: "a thousand readouts",
      definition: Diffusion {
        GaussianKernel(dimensions: 2)
        Cosine(steps: 1_000)
        ReverseNetwork {
          Dense(100, activation: .tanh)
          Readout(.perStep)
        }
      })
    let data = try model.data()
    func peak(_ batch: Int) throws -> Int64 {
      allocation_probe_start()
      let trainer = try model.trainer(
        steps: 1, options: TrainingOptions(batchSize: batch, averaging: 0.99, threads: 1), data: data)
      try trainer.run(report: { _ in })
      return allocation_probe_read().peak
    }
    let (small, large) = (try peak(10_000), try peak(1_000_000))
    #expect(small > 1_000_000)
    #expect(large - small < 16 << 20, "\(small) and \(large) bytes")
  }
}
