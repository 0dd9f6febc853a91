import Benchmark
import DiffusionDSL
import Distributions

let benchmarks: @Sendable () -> Void = {
  Benchmark("the loop itself", configuration: .init(metrics: [.wallClock], scalingFactor: .kilo)) { benchmark in
    for index in benchmark.scaledIterations { blackHole(index) }
  }
}
