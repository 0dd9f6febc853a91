import Benchmark
import DiffusionDSL

/// Single operations through the public interface; each is over 128 rows, as a tile has, or over one call.
let benchmarks: @Sendable () -> Void = {
  let lanes = 128
  let features = 4
  let noise = NoiseSource(seed: 1, purpose: "benchmark")

  func fill(_ name: String, _ fill: @escaping (UnsafeMutablePointer<Float>, UInt32) -> Void) {
    Benchmark(
      "\(name), \(features) x \(lanes) numbers",
      configuration: .init(metrics: [.wallClock, .throughput], scalingFactor: .kilo)
    ) { benchmark in
      withUnsafeTemporaryAllocation(of: Float.self, capacity: features * lanes) { numbers in
        guard let base = numbers.baseAddress else { return }
        for index in benchmark.scaledIterations { fill(base, UInt32(truncatingIfNeeded: index)) }
        blackHole(base)
      }
    }
  }
  fill("uniforms of a tile") { noise.fillUniforms($0, features: features, lanes: lanes, firstChain: 0, step: $1) }
  fill("normals of a tile") { noise.fillNormals($0, features: features, lanes: lanes, firstChain: 0, step: $1) }

  Benchmark(
    "a normal by GSL's ziggurat from Philox",
    configuration: .init(metrics: [.wallClock, .throughput], scalingFactor: .kilo)
  ) { benchmark in
    let normal = try Normal(mean: 0, standardDeviation: 1)
    var stream = RandomStream(seed: 1, purpose: "benchmark")
    for _ in benchmark.scaledIterations { blackHole(normal.sample(using: &stream)) }
  }

  func model(_ kernel: some DiffusionKernel) throws -> TrainedDiffusion {
    switch kernel.definition {
    case .binomial(let kernel):
      try TrainedDiffusion(
        Diffusion {
          kernel
          ConstantErasure(steps: 100)
          ReverseFunction(bits: kernel.bits) { x, step in BinomialStep(dataProbability: sigmoid(x * 4 - 2)) }
        })
    default:
      try TrainedDiffusion(
        Diffusion {
          GaussianKernel(dimensions: kernel.definition.dimensions)
          ConstantErasure(steps: 100)
          ReverseFunction(dimensions: kernel.definition.dimensions) { x, step in
            GaussianStep(mean: x * sqrt(1 - step.beta), variance: step.beta)
          }
        })
    }
  }

  for (name, kernel) in [
    ("2 numbers", GaussianKernel(dimensions: 2) as any DiffusionKernel), ("20 bits", BinomialKernel(bits: 20)),
  ] {
    Benchmark("1,000 samples of \(name), 100 steps, one thread") { benchmark in
      let model = try model(kernel)
      for _ in benchmark.scaledIterations {
        blackHole(try model.sample(1_000, seed: 1, options: ComputeOptions(threads: 1)))
      }
    }
    Benchmark("the bound of 1,000 rows of \(name), 100 steps, one thread") { benchmark in
      let model = try model(kernel)
      let numbers = Array(repeating: 1.0, count: 1_000 * model.dimensions)
      let rows = try Dataset(complete: numbers, dimensions: model.dimensions)
      for _ in benchmark.scaledIterations {
        blackHole(try model.lowerBound(on: rows, options: ComputeOptions(threads: 1)).nats)
      }
    }
  }
}
