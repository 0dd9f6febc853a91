// swift-tools-version: 6.2
import PackageDescription

let package = Package(
  name: "DiffusionMicroBenchmarks",
  platforms: [.macOS(.v15)],
  dependencies: [
    .package(name: "DiffusionDSL", path: "../.."),
    // Without its default trait, which would ask for the jemalloc library.
    .package(url: "https://github.com/ordo-one/benchmark", from: "1.38.1", traits: []),
  ],
  targets: [
    .executableTarget(
      name: "Operations",
      dependencies: [
        .product(name: "Distributions", package: "DiffusionDSL"),
        .product(name: "DiffusionDSL", package: "DiffusionDSL"),
        .product(name: "Benchmark", package: "benchmark"),
      ],
      path: "Benchmarks/Operations",
      plugins: [.plugin(name: "BenchmarkPlugin", package: "benchmark")])
  ],
  swiftLanguageModes: [.v6]
)
